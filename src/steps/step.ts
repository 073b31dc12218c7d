import type { ClusterReader } from '../cluster/cluster.ts';
import type { PullErrorClassifier } from '../diagnosis/pull-error.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import type { Target } from '../diagnosis/target.ts';

/** All that a probe is given. There is no writer in it, so a probe cannot change a cluster. */
export interface ProbeContext {
  readonly target: Target;
  readonly cluster: ClusterReader;
  readonly classify: PullErrorClassifier;
  readonly now: Date;
  /** Aborted when the step's time is up. */
  readonly signal: AbortSignal;
}

/** A step that only reads. What it could not see is a `shortfall`; it throws CodedError only if it saw nothing at all. */
export type Probe = (context: ProbeContext) => Promise<StepResult>;
