import type { Run, RunEvent } from '../runbook/run.ts';
import type { Log } from '../telemetry/log.ts';

/** One line for a run that has begun. */
export function logBegin({ id: run, incidentId: incident, target, trigger }: Run, log: Log): void {
  const { cluster, namespace, pod } = target;
  log.info('a diagnosis has begun', { run, incident, cluster, namespace, pod, trigger: trigger.kind });
}

/** One line for a step that has failed; what its run says instead is in the card. */
export function logFailure(event: RunEvent, log: Log): void {
  if (event.type !== 'step-failed') return;
  const { stepId: step, attempt, code, because, mayRetry } = event;
  log.info('a step has failed', { step, attempt, code, because, mayRetry });
}

/** One line for a run that has ended. */
export function logEnd({ id: run, incidentId: incident, target, conclusion, startedAt }: Run, log: Log, now: Date): void {
  if (!conclusion) return;
  const { cause, confidence } = conclusion.verdict;
  const seconds = Math.round((now.getTime() - Date.parse(startedAt)) / 100) / 10;
  log.info('a diagnosis has ended', { run, incident, cluster: target.cluster, cause: cause ?? 'none', confidence, seconds });
}
