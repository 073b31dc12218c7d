import { type Run, stateOf } from './run.ts';
import { matchesPattern, type Runbook, type RunbookStep } from './runbook.ts';

/** What may happen to one step now. */
export type NextStep =
  | { readonly kind: 'start'; readonly stepId: string; readonly attempt: number; readonly delayMs: number }
  | { readonly kind: 'skip'; readonly stepId: string; readonly because: string };

const FIRST_RETRY_DELAY_MS = 500;
const ENDED: ReadonlySet<string> = new Set(['done', 'skipped', 'failed']);

/** Which steps may start or be skipped now. Says nothing about how or where they are executed. */
export function nextSteps(runbook: Runbook, run: Run): readonly NextStep[] {
  return runbook.steps.filter((step) => isReady(step, run)).map((step) => decide(step, run));
}

/** True when no step will change any more. */
export function isSettled(runbook: Runbook, run: Run): boolean {
  return runbook.steps.every((step) => ENDED.has(stateOf(run, step.id).status));
}

function isReady(step: RunbookStep, run: Run): boolean {
  return stateOf(run, step.id).status === 'pending' && step.needs.every((id) => ENDED.has(stateOf(run, id).status));
}

function decide(step: RunbookStep, run: Run): NextStep {
  const wanted = step.when;
  if (wanted && !run.findings.some(({ code }) => wanted.some((pattern) => matchesPattern(code, pattern)))) {
    return { kind: 'skip', stepId: step.id, because: `none of ${wanted.join(', ')} was found` };
  }
  const state = stateOf(run, step.id);
  const failures = state.status === 'pending' ? state.failures : 0;
  const delayMs = failures === 0 ? 0 : FIRST_RETRY_DELAY_MS * 2 ** (failures - 1);
  return { kind: 'start', stepId: step.id, attempt: failures + 1, delayMs };
}
