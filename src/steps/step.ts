import type { ClusterReader, KubeletReader } from '../cluster/cluster.ts';
import type { NetworkVantage } from '../diagnosis/evidence.ts';
import type { Finding } from '../diagnosis/finding.ts';
import type { PullErrorClassifier } from '../diagnosis/message/pull-error.ts';
import type { ImageFailure } from '../diagnosis/pod/pull-history.ts';
import type { Target } from '../diagnosis/pod/target.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import type { PullFigures } from '../facts/pull-figures.ts';
import type { EndpointProber } from '../network/endpoint-prober.ts';
import type { Registry } from '../registry/registry.ts';

/** What a probe may ask. There is no writer among them, so a probe cannot change a cluster. */
export interface Sources {
  readonly cluster: ClusterReader;
  readonly kubelet: KubeletReader;
  readonly registry: Registry;
  readonly prober: EndpointProber;
  /** Where registry and prober ask from; findings say it. */
  readonly vantage: NetworkVantage;
}

/** Figures of nodes from earlier runs, to compare those of now with. It fails for nobody: without it there is less to say. */
export interface FigureHistory {
  read(node: string): Promise<readonly PullFigures[]>;
  keep(node: string, figures: readonly PullFigures[]): Promise<void>;
}

/** All that a probe is given. */
export interface ProbeContext extends Sources {
  readonly target: Target;
  /** What the steps that this one needs, and others that were faster, have found. */
  readonly findings: readonly Finding[];
  readonly failures: readonly ImageFailure[];
  /** False when secrets must not be read (`--no-secrets`); then registries are asked anonymously only. */
  readonly mayReadSecrets: boolean;
  readonly history: FigureHistory;
  readonly classify: PullErrorClassifier;
  readonly now: Date;
  /** Aborted when the step's time is up. */
  readonly signal: AbortSignal;
}

/**
 * A step that finds something out and only reads. It may be given up when its time is up. What it could not see is a `shortfall`; it
 * throws CodedError only if it saw nothing at all.
 */
export type Probe = (context: ProbeContext) => Promise<StepResult>;
