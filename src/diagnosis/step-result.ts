import type { Finding } from './finding.ts';
import type { ImageFailure } from './pull-history.ts';
import type { PullSurvey } from './scope.ts';

/** What a step hands back. Besides findings a step may bring one of the larger observations a verdict is made of. */
export interface StepResult {
  readonly findings: readonly Finding[];
  readonly failures?: readonly ImageFailure[];
  readonly survey?: PullSurvey;
  /** Set when less could be seen than wanted: what, why, and what would help. */
  readonly shortfall?: string;
}
