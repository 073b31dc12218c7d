import type { CauseCatalogue } from '../remediation/cause-catalogue.ts';
import { conclude } from './conclude.ts';
import { isSettled, nextSteps } from './next-steps.ts';
import { applyEvent, type Run } from './run.ts';
import type { Runbook } from './runbook.ts';

/** Everything that follows from a run's present state, to a fixed point. Settling twice changes nothing more. */
export function settle(run: Run, given: { readonly runbook: Runbook; readonly catalogue: CauseCatalogue; readonly now: Date }): Run {
  const at = given.now.toISOString();
  let settled = run;
  for (;;) {
    const next = nextSteps(given.runbook, settled);
    if (next.length === 0) break;
    for (const step of next) {
      settled = applyEvent(
        settled,
        step.kind === 'start'
          ? { type: 'step-started', stepId: step.stepId, attempt: step.attempt, delayMs: step.delayMs, at }
          : { type: 'step-skipped', stepId: step.stepId, because: step.because },
      );
    }
  }
  if (settled.conclusion || !isSettled(given.runbook, settled)) return settled;
  return applyEvent(settled, { type: 'concluded', conclusion: conclude(settled, given.catalogue) });
}
