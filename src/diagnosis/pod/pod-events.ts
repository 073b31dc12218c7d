import { type Event, lastSeen, timesSeen } from '../../facts/kubernetes/kubernetes-object.ts';
import { redact } from '../../facts/redaction.ts';
import { type Evidence, observed } from '../evidence.ts';

import { withoutCombined } from '../message/error-text.ts';
import { type PullError, type PullErrorClassifier, tellsCause } from '../message/pull-error.ts';
import type { ContainerKind, PodImage } from './target.ts';

/** An error and where it was read. */
export interface ReportedError {
  readonly error: PullError;
  readonly evidence: Evidence;
}

const FIELD: Readonly<Record<ContainerKind, string | undefined>> = {
  container: 'spec.containers',
  'init container': 'spec.initContainers',
  sidecar: 'spec.initContainers',
  'ephemeral container': 'spec.ephemeralContainers',
  // The kubelet names no container when it pulls for a volume.
  'image volume': undefined,
  'pod sandbox': undefined,
};

/** An event belongs to a container by its fieldPath; a volume's events have none and name its image instead. */
export function eventsOf(image: PodImage, events: readonly Event[]): readonly Event[] {
  const field = FIELD[image.kind];
  if (field === undefined)
    return events.filter((event) => !event.involvedObject.fieldPath && messageOf(event).includes(`"${image.image}"`));
  return events.filter((event) => event.involvedObject.fieldPath === `${field}{${image.name}}`);
}

/** What an event says, without what the recorder wrote before it. */
export function messageOf(event: Event): string {
  return withoutCombined(event.message ?? '');
}

/** Failures before the image was last pulled are history: a healthy pod may still carry them. */
export function sinceLastPulled(events: readonly Event[]): readonly Event[] {
  const pulled = Math.max(0, ...events.filter((event) => event.reason === 'Pulled').map(seenAt));
  return events.filter((event) => seenAt(event) > pulled && event.reason !== 'Pulled');
}

/** Events that tell why an image is missing; `Error: ErrImagePull` only repeats the container's state. */
export function isPullFailure(event: Event): boolean {
  const message = messageOf(event);
  if (event.reason === 'InspectFailed' || event.reason === 'ErrImageNeverPull') return true;
  return event.reason === 'Failed' && !message.startsWith('Error: ') && /image|pull/i.test(message);
}

/** An event as evidence: its text redacted, the time it was last seen, and how often it was. */
export function evidenceOf(event: Event, now: Date): Evidence {
  return observed('pod-event', { from: 'node', at: lastSeen(event) ?? now, text: messageOf(event), times: timesSeen(event) });
}

/** The error of an event that is known to be about a pull, whatever words it has. */
export function errorOf(event: Event, classify: PullErrorClassifier): PullError {
  return classify(`ErrImagePull: ${redact(messageOf(event))}`);
}

/** What events say, classified, the oldest first. */
export function errorsOf(events: readonly Event[], classify: PullErrorClassifier, now: Date): readonly ReportedError[] {
  return events
    .map((event): ReportedError => {
      return { error: errorOf(event, classify), evidence: evidenceOf(event, now) };
    })
    .sort((a, b) => a.evidence.observedAt.localeCompare(b.evidence.observedAt));
}

/**
 * The newest message that names a cause; `pull QPS exceeded` and a bare back-off hide an older one that does. An error
 * nobody knows is still more than those two.
 */
export function mostTelling(errors: readonly ReportedError[]): ReportedError | undefined {
  const lead =
    errors.findLast(({ error }) => tellsCause(error)) ??
    errors.findLast(({ error, evidence }) => error.symptom === 'unknown' && !BARE.test(evidence.text)) ??
    errors.findLast(({ error }) => error.symptom === 'pull-qps') ??
    errors.at(-1);
  // An event says when and how often; the status repeats only its text.
  return errors.findLast(({ error, evidence }) => error.symptom === lead?.error.symptom && evidence.source === 'pod-event') ?? lead;
}

/** What kubelets before 1.32 leave in the status, and what names no error at all. */
const BARE = /^(?:Back-off pulling image "[^"]{0,512}"|ErrImagePull|ImagePullBackOff)$/;

/** The event seen last. */
export function newest(events: readonly Event[]): Event | undefined {
  return [...events].sort((a, b) => seenAt(a) - seenAt(b)).at(-1);
}

/** When an event was last seen, in milliseconds; 0 when no time is filled. */
export function seenAt(event: Event): number {
  const time = lastSeen(event);
  return time === undefined ? 0 : Date.parse(time);
}
