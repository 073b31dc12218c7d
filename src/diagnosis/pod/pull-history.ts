import { parseImageReference } from '../../facts/image-reference.ts';
import { type Event, firstSeen, lastSeen, timesSeen } from '../../facts/kubernetes/kubernetes-object.ts';
import { redact } from '../../facts/redaction.ts';
import { count, duration, list } from '../../text/wording.ts';
import { observed } from '../evidence.ts';
import { type Finding, nameThatAllGive } from '../finding.ts';
import { certificateEnd, messageFindings } from '../message/message-findings.ts';
import type { PullError, PullErrorClassifier } from '../message/pull-error.ts';
import { type NextRetry, nextRetry, type PullAttempts, retryEverySync, retrySandbox } from './backoff.ts';
import { pendingFindings, pullInProgress, sandboxFailure } from './pending-pod.ts';
import { failingImages } from './pod.ts';
import {
  errorOf,
  errorsOf,
  eventsOf,
  evidenceOf,
  isPullFailure,
  mostTelling,
  newest,
  type ReportedError,
  sinceLastPulled,
} from './pod-events.ts';
import { longestAttempt } from './pull-attempt.ts';
import { waitFindings } from './pull-wait.ts';
import type { FailingImage, PodImage, Target } from './target.ts';

/** What is known about one failing image of a pod. */
export interface ImageFailure {
  /** Name of the container or image volume. */
  readonly container: string;
  readonly image: PodImage;
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

/** A cancelled attempt that took at least this long was ended by the runtime's progress limit (300 s), not by a person. */
const PROGRESS_LIMIT_MS = 240_000;

/** Reads the failing and the slow images of a pod out of its status and events. */
export function pullHistory(target: Target, events: readonly Event[], classify: PullErrorClassifier, now: Date): PullHistory {
  const failures: ImageFailure[] = [];
  const findings: Finding[] = [];
  const forgotten: string[] = [];
  for (const image of failingImages(target.images)) {
    const own = sinceLastPulled(eventsOf(image, events));
    const failed = own.filter(isPullFailure);
    const status = errorOfStatus(image, classify, now);
    const lead = mostTelling([...errorsOf(failed, classify, now), status]) ?? status;
    if (failed.length === 0) forgotten.push(image.name);
    failures.push(failureOf(image, lead, failed, now));
    findings.push(
      ...findingsOf(image, lead),
      ...cancelledAfter(image, lead, eventsOf(image, events), failed, (event) => errorOf(event, classify)),
    );
    // The status is that of the attempt before; the events may tell that the next one hangs.
    findings.push(...pullInProgress(image, own, now, events).filter(({ code }) => code === 'pod/pull-no-progress'));
  }
  const sandbox = sandboxFailure(target, events, classify, now);
  if (sandbox) {
    failures.push(failureOf(sandbox.image, sandbox.lead, sandbox.events, now));
    findings.push(...findingsOf(sandbox.image, sandbox.lead));
  }
  findings.push(...pendingFindings(target, events, classify, now), ...waitFindings(target, events, now));
  if (failures.length > 0) findings.push(...secretFindings(target, events, now), ...anonymousScope(target, findings));
  return { failures, findings, ...(forgotten.length === 0 ? {} : { shortfall: eventsGone(forgotten) }) };
}

/** The reason says that the text is about a pull; one such as RegistryUnavailable stands nowhere else. */
function errorOfStatus(image: FailingImage, classify: PullErrorClassifier, now: Date): ReportedError {
  const { reason, message } = image.state;
  const text = message ?? reason;
  const error = classify(`${reason}: ${text}`);
  return { error, evidence: observed('pod-status', { from: 'node', at: now, text }) };
}

/** `failed` are the events that tell of this image's failures. */
function failureOf(image: PodImage, lead: ReportedError, failed: readonly Event[], now: Date): ImageFailure {
  const pulls = failed.filter((event) => event.reason === 'Failed');
  const since = failed
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
  return {
    container: image.name,
    image,
    error: lead.error,
    message: lead.evidence.text,
    retry: retryOf(image, lead.error, attempts, now),
    ...(since === undefined ? {} : { since }),
  };
}

function retryOf(image: PodImage, error: PullError, attempts: PullAttempts, now: Date): NextRetry {
  if (image.kind === 'pod sandbox') return retrySandbox();
  return error.symptom === 'pull-never' || error.symptom === 'invalid-reference' ? retryEverySync() : nextRetry(attempts, now);
}

function findingsOf(image: PodImage, lead: ReportedError): readonly Finding[] {
  const { error, evidence } = lead;
  const about = { container: image.name, evidence: [evidence] };
  const findings: Finding[] = [{ code: `pull-error/${error.symptom}`, says: told(error), ...certificateEnd(error, evidence), ...about }];
  findings.push(...messageFindings(error, about));
  const parsed = parseImageReference(image.image);
  if (parsed.status === 'invalid') {
    findings.push({
      code: 'pod/reference-invalid',
      says: `"${redact(image.image)}" is not a valid image name: ${parsed.because}.`,
      names: { flaw: parsed.because },
      ...about,
    });
  }
  if (image.pullPolicy === 'Never')
    findings.push({ code: 'pod/pull-policy-never', says: 'The pod sets imagePullPolicy: Never.', ...about });
  return findings;
}

/** That an attempt ended as the runtime ends one that makes no progress. */
function cancelledAfter(
  image: PodImage,
  lead: ReportedError,
  own: readonly Event[],
  failed: readonly Event[],
  classify: (event: Event) => PullError,
): readonly Finding[] {
  if (lead.error.symptom !== 'pull-canceled') return [];
  const cancelled = failed.filter((event) => classify(event).symptom === 'pull-canceled');
  const lasted = longestAttempt(own, cancelled);
  if (lasted === undefined || lasted < PROGRESS_LIMIT_MS) return [];
  const says = `An attempt lasted about ${duration(lasted)} before it was cancelled; containerd does that after five minutes without progress.`;
  return [{ code: 'pod/cancelled-after-no-progress', says, container: image.name, evidence: [lead.evidence] }];
}

/** The error's sentence, with what further members of an aggregate add to it. */
function told(error: PullError): string {
  const others = [...new Set(error.others.map((other) => other.symptom))].filter((symptom) => symptom !== error.symptom);
  const also = others.length === 0 ? '' : ` Another attempt of the same pull ended as ${list(others)}.`;
  return `${error.summary}${also}`;
}

function secretFindings(target: Target, events: readonly Event[], now: Date): readonly Finding[] {
  const spec = (text: string) => observed('pod-spec', { from: 'api-server', at: now, text });
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
  const missing = newest(events.filter((event) => event.reason === 'FailedToRetrieveImagePullSecret'));
  if (missing) {
    const evidence = evidenceOf(missing, now);
    const secret = nameThatAllGive(secretsNotRetrieved(evidence.text, target));
    findings.push({
      code: 'pod/pull-secret-not-retrieved',
      says: `The kubelet could not read a pull secret: ${evidence.text}`,
      ...(secret === undefined ? {} : { names: { secret } }),
      evidence: [evidence],
    });
  }
  return findings;
}

/** The kubelet lists them in brackets: `Unable to retrieve some image pull secrets (regcred, other); ...`. */
function secretsNotRetrieved(message: string, target: Target): readonly string[] {
  const listed = /image pull secrets \(([^()]{1,4096})\)/.exec(message)?.[1]?.split(',') ?? [];
  return listed.map((name) => name.trim()).filter((name) => target.pullSecrets.includes(name));
}

/** A token that grants nothing, to a pod that has no login of its own: the image wants one, or there is no such repository. */
function anonymousScope(target: Target, findings: readonly Finding[]): readonly Finding[] {
  if (target.pullSecrets.length > 0) return [];
  return findings
    .filter(({ code }) => code === 'pod/scope-not-granted')
    .map((finding) => ({
      ...finding,
      code: 'pod/anonymous-scope-refused' as const,
      says: 'The pod has no credentials, and the token server grants nobody without them the right to pull: the image requires authentication, or the repository does not exist.',
    }));
}

function eventsGone(containers: readonly string[]): string {
  return `The events about ${list([...containers])} are gone (a cluster keeps them for about an hour), so only the container's status was read.`;
}
