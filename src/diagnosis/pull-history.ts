import { type NextRetry, nextRetry, retryEverySync } from './backoff.ts';
import type { Evidence, Finding } from './finding.ts';
import { parseImageReference } from './image-reference.ts';
import { type Event, firstSeen, lastSeen, timesSeen } from './kubernetes-object.ts';
import { failingImages, mayBePulling } from './pod.ts';
import { namesCause, type PullError, type PullErrorClassifier } from './pull-error.ts';
import { redact } from './redaction.ts';
import type { ContainerKind, PodImage, Target } from './target.ts';
import { count, duration, list } from './wording.ts';

/** What is known about one failing image of a pod. */
export interface ImageFailure {
  /** Name of the container or image volume. */
  readonly container: string;
  readonly error: PullError;
  /** The message that tells most, verbatim but redacted. */
  readonly message: string;
  readonly retry: NextRetry;
  /** RFC 3339 of the first failure that an event shows. */
  readonly since?: string;
}

/** What a pod and its events say about its images. */
export interface PullHistory {
  readonly failures: readonly ImageFailure[];
  readonly findings: readonly Finding[];
  /** Set when the events of a failing image are gone and only its status was left to read. */
  readonly shortfall?: string;
}

/** A pull that runs longer without a result is worth telling; the runtime itself gives up after five minutes without progress. */
const LONG_PULL_MS = 120_000;
/** A cancelled attempt that took at least this long was ended by the runtime's progress limit (300 s), not by a person. */
const PROGRESS_LIMIT_MS = 240_000;

/** Reads the failing and the slow images of a pod out of its status and events. */
export function pullHistory(target: Target, events: readonly Event[], classify: PullErrorClassifier, now: Date): PullHistory {
  const failures: ImageFailure[] = [];
  const findings: Finding[] = [];
  const forgotten: string[] = [];
  for (const image of failingImages(target.images)) {
    const own = sinceLastPulled(eventsOf(image, events));
    const told = messagesOf(image, own, classify, now);
    const lead = mostTelling(told);
    if (!own.some(isPullFailure)) forgotten.push(image.name);
    failures.push(failureOf(image, lead, own, now));
    findings.push(...findingsOf(image, lead, own));
  }
  for (const image of target.images.filter(mayBePulling))
    findings.push(...pullInProgress(image, sinceLastPulled(eventsOf(image, events)), now));
  for (const image of target.images) {
    if (image.state.status === 'not-reached')
      findings.push(...earlierFailure(image, messagesOf(image, sinceLastPulled(eventsOf(image, events)), classify, now)));
  }
  if (failures.length > 0) findings.push(...secretFindings(target, events, now));
  return { failures, findings, ...(forgotten.length === 0 ? {} : { shortfall: eventsGone(forgotten) }) };
}

interface Told {
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
};

/** An event belongs to a container by its fieldPath; a volume's events have none and name its image instead. */
function eventsOf(image: PodImage, events: readonly Event[]): readonly Event[] {
  const field = FIELD[image.kind];
  if (field === undefined)
    return events.filter((event) => !event.involvedObject.fieldPath && (event.message ?? '').includes(`"${image.image}"`));
  return events.filter((event) => event.involvedObject.fieldPath === `${field}{${image.name}}`);
}

/** Failures before the image was last pulled are history: a healthy pod may still carry them. */
function sinceLastPulled(events: readonly Event[]): readonly Event[] {
  const pulled = Math.max(0, ...events.filter((event) => event.reason === 'Pulled').map(seenAt));
  return events.filter((event) => seenAt(event) > pulled && event.reason !== 'Pulled');
}

function isPullFailure(event: Event): boolean {
  const message = event.message ?? '';
  if (event.reason === 'InspectFailed' || event.reason === 'ErrImageNeverPull') return true;
  return event.reason === 'Failed' && !message.startsWith('Error: ') && /image|pull/i.test(message);
}

function messagesOf(image: PodImage, own: readonly Event[], classify: PullErrorClassifier, now: Date): readonly Told[] {
  const told = own.filter(isPullFailure).map((event): Told => {
    const times = timesSeen(event);
    const text = redact(event.message ?? '');
    return {
      error: classify(text),
      evidence: {
        source: 'pod-event',
        vantage: 'node',
        observedAt: lastSeen(event) ?? now.toISOString(),
        text,
        ...(times > 1 ? { times } : {}),
      },
    };
  });
  told.sort((a, b) => a.evidence.observedAt.localeCompare(b.evidence.observedAt));
  if (image.state.status === 'failing') {
    const text = image.state.message ?? image.state.reason;
    // A reason such as RegistryUnavailable stands only in the status; the message may not repeat it.
    const error = classify(
      image.state.reason === 'ErrImagePull' || image.state.reason === 'ImagePullBackOff' ? text : `${image.state.reason}: ${text}`,
    );
    told.push({ error, evidence: { source: 'pod-status', vantage: 'node', observedAt: now.toISOString(), text } });
  }
  return told;
}

/**
 * The newest message that names a cause; `pull QPS exceeded` and a bare back-off hide an older one that does. An error
 * nobody knows is still more than those two.
 */
function mostTelling(told: readonly Told[]): Told {
  const lead =
    told.findLast(({ error }) => namesCause(error.symptom)) ??
    told.findLast(({ error, evidence }) => error.symptom === 'unknown' && !BARE.test(evidence.text)) ??
    told.findLast(({ error }) => error.symptom === 'pull-qps') ??
    told.at(-1);
  if (!lead) throw new Error('a failing image has at least its status to tell'); // messagesOf always adds it
  const event = told.findLast(({ error, evidence }) => error.symptom === lead.error.symptom && evidence.source === 'pod-event');
  return event ?? lead;
}

/** What kubelets before 1.32 leave in the status, and what names no error at all. */
const BARE = /^(?:Back-off pulling image "[^"]{0,512}"|ErrImagePull|ImagePullBackOff)$/;

function failureOf(image: PodImage, lead: Told, own: readonly Event[], now: Date): ImageFailure {
  const pulls = own.filter((event) => isPullFailure(event) && event.reason === 'Failed');
  const since = own
    .filter(isPullFailure)
    .map(firstSeen)
    .filter((time) => time !== undefined)
    .sort()[0];
  const attempts = {
    failures: pulls.reduce((sum, event) => sum + timesSeen(event), 0),
    lastFailureAt: pulls
      .map(lastSeen)
      .filter((time) => time !== undefined)
      .sort()
      .at(-1),
  };
  const asksNobody = lead.error.symptom === 'pull-never' || lead.error.symptom === 'invalid-reference';
  return {
    container: image.name,
    error: lead.error,
    message: lead.evidence.text,
    retry: asksNobody ? retryEverySync() : nextRetry(attempts, now),
    ...(since === undefined ? {} : { since }),
  };
}

function findingsOf(image: PodImage, lead: Told, own: readonly Event[]): readonly Finding[] {
  const { error, evidence } = lead;
  const about = { container: image.name, evidence: [evidence] };
  const findings: Finding[] = [{ code: `pull-error/${error.symptom}`, says: told(error), ...about }];
  if (error.credentials === 'none')
    findings.push({ code: 'pod/credentials-not-sent', says: 'The runtime asked without credentials.', ...about });
  if (error.credentials === 'sent') findings.push({ code: 'pod/credentials-sent', says: 'The runtime sent credentials.', ...about });
  const parsed = parseImageReference(image.image);
  if (parsed.status === 'invalid') {
    findings.push({ code: 'pod/reference-invalid', says: `"${redact(image.image)}" is no image reference: ${parsed.because}.`, ...about });
  }
  if (image.pullPolicy === 'Never')
    findings.push({ code: 'pod/pull-policy-never', says: 'The pod sets imagePullPolicy: Never.', ...about });
  if (error.symptom === 'pull-canceled') {
    const took = timeBefore(evidence, own);
    if (took >= PROGRESS_LIMIT_MS) {
      findings.push({
        code: 'pod/cancelled-after-no-progress',
        says: `The attempt lasted about ${duration(took)} before it was cancelled; runtimes do that after five minutes without progress.`,
        ...about,
      });
    }
  }
  return findings;
}

/** The error's sentence, with what a mirror or further members of an aggregate add to it. */
function told(error: PullError): string {
  const mirror = error.mirrorOf === undefined ? '' : ` ${error.host} was asked as a mirror of ${error.mirrorOf}.`;
  const others = [...new Set(error.others.map((other) => other.symptom))].filter((symptom) => symptom !== error.symptom);
  const also = others.length === 0 ? '' : ` Another attempt of the same pull ended as ${list(others)}.`;
  return `${error.summary}${mirror}${also}`;
}

/** Time from the event before the failure to the failure: events hold only their first and last time, so it is a lower bound. */
function timeBefore(failure: Evidence, own: readonly Event[]): number {
  const at = Date.parse(failure.observedAt);
  const earlier = own
    .flatMap((event) => [firstSeen(event), lastSeen(event)])
    .map((time) => (time === undefined ? Number.NaN : Date.parse(time)))
    .filter((time) => time < at);
  return earlier.length === 0 ? 0 : at - Math.max(...earlier);
}

function pullInProgress(image: PodImage, own: readonly Event[], now: Date): readonly Finding[] {
  const pulling = own
    .filter((event) => event.reason === 'Pulling')
    .sort((a, b) => seenAt(a) - seenAt(b))
    .at(-1);
  if (!pulling) return [];
  const since = seenAt(pulling);
  if (own.some((event) => event.reason === 'Failed' && seenAt(event) > since)) return [];
  const lasting = now.getTime() - since;
  const evidence: Evidence = {
    source: 'pod-event',
    vantage: 'node',
    observedAt: lastSeen(pulling) ?? now.toISOString(),
    text: redact(pulling.message ?? ''),
  };
  const about = { container: image.name, evidence: [evidence] };
  if (lasting < LONG_PULL_MS)
    return [{ code: 'pod/pull-in-progress', says: `${image.image} is being pulled since ${duration(lasting)}.`, ...about }];
  return [
    {
      code: 'pod/pull-no-progress',
      says: `${image.image} is being pulled since ${duration(lasting)} and there is neither success nor error.`,
      ...about,
    },
  ];
}

/** An evicted or ended pod has no status of its images any more; its events may still tell that one could not be pulled. */
function earlierFailure(image: PodImage, told: readonly Told[]): readonly Finding[] {
  if (told.length === 0) return [];
  const { error, evidence } = mostTelling(told);
  const says = `Before that, ${image.image} could not be pulled (${error.symptom}): ${error.summary}`;
  return [{ code: 'pod/earlier-pull-failure', says, container: image.name, evidence: [evidence] }];
}

function secretFindings(target: Target, events: readonly Event[], now: Date): readonly Finding[] {
  const spec = (text: string): Evidence => ({ source: 'pod-spec', vantage: 'api-server', observedAt: now.toISOString(), text });
  const names = list([...target.pullSecrets]);
  const findings: Finding[] = [
    target.pullSecrets.length === 0
      ? { code: 'pod/no-pull-secret', says: 'The pod names no pull secret.', evidence: [spec('imagePullSecrets: none')] }
      : {
          code: 'pod/pull-secret-attached',
          says: `The pod names ${count(target.pullSecrets.length, 'pull secret')}: ${names}.`,
          evidence: [spec(`imagePullSecrets: ${names}`)],
        },
  ];
  const missing = events.find((event) => event.reason === 'FailedToRetrieveImagePullSecret');
  if (missing) {
    const text = redact(missing.message ?? '');
    findings.push({
      code: 'pod/pull-secret-not-retrieved',
      says: `The kubelet could not read a pull secret: ${text}`,
      evidence: [{ source: 'pod-event', vantage: 'node', observedAt: lastSeen(missing) ?? now.toISOString(), text }],
    });
  }
  return findings;
}

function eventsGone(containers: readonly string[]): string {
  return `The events about ${list([...containers])} are gone (a cluster keeps them for about an hour), so only the container's status was read.`;
}

function seenAt(event: Event): number {
  const time = lastSeen(event);
  return time === undefined ? 0 : Date.parse(time);
}
