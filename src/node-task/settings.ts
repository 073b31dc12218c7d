import type { AllowedNodes } from './allowed-nodes.ts';
import type { TaskPlace } from './task-pod.ts';

/** How the nodes of a cluster may be looked at and pruned. */
export interface NodeTaskSettings {
  /** `auto`: a probe, which pulls nothing, needs nobody's approval. `off`: nothing begins, and what had begun is seen to its end. */
  readonly mode: 'off' | 'approve' | 'auto';
  readonly place: TaskPlace;
  readonly allowed: AllowedNodes;
  /** Names of images that are never pruned; `*` stands for anything. */
  readonly keep: readonly string[];
  /** Younger images are not pruned, ms. */
  readonly minimumAgeMs: number;
  /** Whether registries may have a loopback address. */
  readonly allowLoopback: boolean;
}
