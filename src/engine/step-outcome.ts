import type { StepResult } from '../diagnosis/step-result.ts';
import { asCodedError, CodedError } from '../errors.ts';
import type { RunEvent } from '../runbook/run.ts';
import type { RunbookStep } from '../runbook/runbook.ts';
import { deadline } from '../timing/deadline.ts';

/** One attempt at a step. */
interface Attempt {
  readonly step: RunbookStep;
  readonly attempt: number;
  readonly now: () => Date;
}

/** Runs a probe within its time: one that does not honour its signal is left behind. Whatever it throws is the step's failure. */
export async function probeOutcome({ step, attempt, now }: Attempt, run: (signal: AbortSignal) => Promise<StepResult>): Promise<RunEvent> {
  const stepId = step.id;
  try {
    const result = await deadline({ ms: step.timeoutMs, error: () => expired(step) }, run);
    return { type: 'step-done', stepId, attempt, result, at: now().toISOString() };
  } catch (cause) {
    const error = asCodedError(cause);
    const mayRetry = error.retryable && attempt < step.attempts;
    return { type: 'step-failed', stepId, attempt, code: error.code, because: error.message, mayRetry, at: now().toISOString() };
  }
}

function expired(step: RunbookStep): CodedError {
  return new CodedError('engine/timeout', `${step.title}: no result within ${step.timeoutMs / 1000} s.`);
}
