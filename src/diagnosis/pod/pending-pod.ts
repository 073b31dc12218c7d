import type { Event } from '../../facts/kubernetes/kubernetes-object.ts';
import { duration } from '../../text/wording.ts';
import type { Finding } from '../finding.ts';
import type { PullErrorClassifier } from '../message/pull-error.ts';
import { failingImages, mayBePulling } from './pod.ts';
import {
  errorsOf,
  eventsOf,
  evidenceOf,
  isPullFailure,
  messageOf,
  mostTelling,
  newest,
  type ReportedError,
  seenAt,
  sinceLastPulled,
} from './pod-events.ts';
import { openAttempt } from './pull-attempt.ts';
import type { PodImage, Target } from './target.ts';

/** A pull that runs longer than this without a result is mentioned; the runtime itself gives up after five minutes without progress. */
const LONG_PULL_MS = 120_000;

/** What holds up the images whose containers only wait: a pull that goes on, one that failed before, or something else. */
export function pendingFindings(target: Target, events: readonly Event[], classify: PullErrorClassifier, now: Date): readonly Finding[] {
  const waiting = waitingImages(target);
  const pulling = waiting.flatMap((image) => pullInProgress(image, sinceLastPulled(eventsOf(image, events)), now, events));
  const unreached = target.images.filter((image) => image.state.status === 'not-reached');
  const earlier = unreached.flatMap((image) =>
    earlierFailure(image, errorsOf(sinceLastPulled(eventsOf(image, events)).filter(isPullFailure), classify, now)),
  );
  // Where an image fails, its own message says it all.
  const unexplained = waiting.length > 0 && pulling.length === 0 && failingImages(target.images).length === 0;
  return [...pulling, ...earlier, ...(unexplained ? latestWarning(events, now) : [])];
}

/** The images whose containers only wait. A volume's image has no status: while a container waits, it may be the one that is pulled. */
function waitingImages({ images }: Target): readonly PodImage[] {
  const waiting = images.filter(mayBePulling);
  const volumes = images.filter(({ kind, state }) => kind === 'image volume' && state.status === 'not-reached');
  return waiting.length === 0 ? [] : [...volumes, ...waiting];
}

/** A pull that has begun and has neither failed nor succeeded since, as the events of its container tell; `ofPod` are those of the whole pod. */
export function pullInProgress(image: PodImage, own: readonly Event[], now: Date, ofPod: readonly Event[] = own): readonly Finding[] {
  const pulling = openAttempt(own, now, ofPod);
  if (!pulling) return [];
  const lasting = now.getTime() - seenAt(pulling);
  const evidence = evidenceOf(pulling, now);
  const about = { container: image.name, evidence: [evidence] };
  if (lasting < LONG_PULL_MS)
    return [{ code: 'pod/pull-in-progress', says: `${image.image} has been pulling for ${duration(lasting)}.`, ...about }];
  return [
    {
      code: 'pod/pull-no-progress',
      says: `${image.image} has been pulling for ${duration(lasting)}, and there is neither success nor error.`,
      names: { pullingFor: duration(lasting) },
      ...about,
    },
  ];
}

/** An evicted or ended pod has no status of its images any more; its events may still tell that one could not be pulled. */
function earlierFailure(image: PodImage, errors: readonly ReportedError[]): readonly Finding[] {
  const lead = mostTelling(errors);
  if (!lead) return [];
  const { error, evidence } = lead;
  const says = `Before that, ${image.image} could not be pulled (${error.symptom}): ${error.summary}`;
  return [{ code: 'pod/earlier-pull-failure', says, container: image.name, evidence: [evidence] }];
}

/** A sandbox, a volume or a secret may hold up a pod before any image is asked for. */
function latestWarning(events: readonly Event[], now: Date): readonly Finding[] {
  const warning = newest(events.filter((event) => event.type === 'Warning' && event.reason !== 'FailedToRetrieveImagePullSecret'));
  if (!warning) return [];
  const evidence = evidenceOf(warning, now);
  return [{ code: 'pod/other-warning', says: `${warning.reason ?? 'Warning'}: ${evidence.text}`, evidence: [evidence] }];
}

/** The image of the pod's sandbox (pause) and why it cannot be pulled. */
export interface SandboxFailure {
  readonly image: PodImage;
  readonly events: readonly Event[];
  readonly lead: ReportedError;
}

const SANDBOX_PULL = /sandbox image|pull(?:ing)? image|pull and unpack|initializing source/i;

/**
 * Before any container the runtime pulls the image of the pod's sandbox, which the node is configured with. If that fails
 * there is no waiting reason, only the event FailedCreatePodSandBox; its other causes, such as the network plugin, are not ours.
 */
export function sandboxFailure(
  target: Target,
  events: readonly Event[],
  classify: PullErrorClassifier,
  now: Date,
): SandboxFailure | undefined {
  if (!target.images.some(mayBePulling)) return undefined;
  const reached = Math.max(0, ...events.filter((event) => event.reason === 'Pulling' || event.reason === 'Pulled').map(seenAt));
  const failed = events.filter(
    (event) => event.reason === 'FailedCreatePodSandBox' && SANDBOX_PULL.test(messageOf(event)) && seenAt(event) > reached,
  );
  const lead = mostTelling(errorsOf(failed, classify, now));
  if (!lead) return undefined;
  const state = { status: 'failing', reason: 'FailedCreatePodSandBox', message: lead.evidence.text } as const;
  return { image: { kind: 'pod sandbox', name: 'pod sandbox', image: lead.error.image ?? '', state }, events: failed, lead };
}
