import type { Run } from './run.ts';

/**
 * Where a run is: its steps are at work; it has concluded and nothing is decided; people decide about a plan; the plan is
 * carried out; its effect is watched; or it has ended, because the plan has or because there is nothing to mend.
 */
export type Phase = 'diagnosing' | 'concluded' | 'waiting' | 'acting' | 'verifying' | 'ended';

/** True until the verdict. */
export function isDiagnosing(run: Pick<Run, 'conclusion' | 'plan'>): boolean {
  return phaseOf(run) === 'diagnosing';
}

/** The phase of a run. Nothing else infers it. */
export function phaseOf({ conclusion, plan }: Pick<Run, 'conclusion' | 'plan'>): Phase {
  if (conclusion === undefined) return 'diagnosing';
  if (plan === undefined) return conclusion.verdict.cause === null ? 'ended' : 'concluded';
  return plan.status === 'proposed' ? 'waiting' : plan.status;
}
