import type { Finding } from './finding.ts';
import type { ImageFailure } from './pod/pull-history.ts';
import type { ImageSize } from './registry/image-fit.ts';
import type { PullSurvey } from './scope.ts';

/** What a step hands back. Besides findings a step may bring one of the larger observations a verdict is made of. */
export interface StepResult {
  readonly findings: readonly Finding[];
  readonly failures?: readonly ImageFailure[];
  readonly survey?: PullSurvey;
  readonly sizes?: readonly ImageSize[];
  /** Bytes free on the node where images are stored. */
  readonly imageSpace?: number;
  /** Bytes of the whole file system where images are stored on the node. */
  readonly imageCapacity?: number;
  /** Set when less could be seen than wanted: what, why, and what would help. */
  readonly shortfall?: string;
  /** The question that the shortfall leaves open, where that is less than the whole one of the step. */
  readonly openQuestion?: string;
}
