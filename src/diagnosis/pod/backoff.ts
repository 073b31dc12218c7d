import { count, duration } from '../../text/wording.ts';

/** `imageBackOffPeriod`, `MaxImageBackOff` of the kubelet (pkg/kubelet/kubelet.go, Kubernetes 1.36); no jitter. */
const FIRST_DELAY_MS = 10_000;
const MAX_DELAY_MS = 300_000;
/** The kubelet acts on the next sync of the pod after the delay is over, which may be this much later. */
export const SYNC_SLACK_MS = 15_000;

/** When the kubelet will try the image again. */
export interface NextRetry {
  /** Failed attempts seen in events; more may have happened, since events expire and repeats are throttled. */
  readonly failures: number;
  /** RFC 3339, when it can be worked out. */
  readonly at?: string;
  /** False when the time, or the delay, is an estimate. */
  readonly certain: boolean;
  /** One sentence for people. */
  readonly says: string;
}

/** Failed attempts of one image in one pod. The back-off's key is pod uid and image, so containers with one image share it. */
export interface PullAttempts {
  readonly failures: number;
  /** RFC 3339 of the latest failed attempt that an event shows; absent when events are gone. */
  readonly lastFailureAt?: string | undefined;
}

/** The delay after so many failures in a row: 10 s doubling to 300 s. */
export function backoffDelay(failures: number): number {
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(Math.max(failures - 1, 0), 10));
}

/**
 * When the kubelet tries again. The events give a time only if no attempt can have gone unseen since the last one they
 * show; otherwise the answer says "about".
 */
export function nextRetry(attempts: PullAttempts, now: Date): NextRetry {
  const { failures, lastFailureAt } = attempts;
  const delay = backoffDelay(failures);
  const last = lastFailureAt === undefined ? Number.NaN : Date.parse(lastFailureAt);
  const due = last + delay;
  if (failures > 0 && due + SYNC_SLACK_MS >= now.getTime()) {
    const left = due - now.getTime();
    const when = left > 0 ? `in ${duration(left)}` : 'any moment now';
    return {
      failures,
      at: new Date(due).toISOString(),
      certain: true,
      says: `The kubelet tries again ${when}. ${count(failures, 'failure')} so far; the back-off is ${duration(delay)}.`,
    };
  }
  return {
    failures,
    certain: false,
    says: `The kubelet tries again about every ${duration(MAX_DELAY_MS)}; the events do not show the latest attempt.`,
  };
}

/** For what the kubelet does not back off from: a forbidden pull and an invalid name are looked at again at every sync. */
export function retryEverySync(): NextRetry {
  return { failures: 0, certain: false, says: 'The kubelet looks again every few seconds; it asks no registry.' };
}

/** A sandbox is created anew at each sync of the pod, which follows a failed one after 10 to 15 s (the kubelet's backOffPeriod). */
export function retrySandbox(): NextRetry {
  return { failures: 0, certain: false, says: 'The kubelet tries to create the pod sandbox again about every 15 s.' };
}
