import type { StepResult } from '../diagnosis/step-result.ts';
import { asCodedError, CodedError } from '../errors.ts';
import type { RunEvent } from '../runbook/run.ts';
import type { RunbookStep } from '../runbook/runbook.ts';
import type { Remedy, RemedyContext, RemedyResult } from '../steps/step.ts';
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

/**
 * Carries out a remedy and waits for it, whatever its time limit: `late` is called once when that has passed. A remedy that
 * throws may have written all the same, so its outcome is unknown, never failed.
 */
export async function remedyOutcome(
  remedy: Remedy,
  context: RemedyContext,
  limit: { readonly ms: number; readonly late: () => void },
): Promise<RemedyResult> {
  const timer = setTimeout(limit.late, limit.ms);
  try {
    return await remedy(context);
  } catch (cause) {
    return { status: 'unknown', says: `What became of it is not known: ${asCodedError(cause).message}` };
  } finally {
    clearTimeout(timer);
  }
}

function expired(step: RunbookStep): CodedError {
  return new CodedError('engine/timeout', `${step.title}: no result within ${step.timeoutMs / 1000} s.`);
}
