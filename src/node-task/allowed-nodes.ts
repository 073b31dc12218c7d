import type { KubeObject } from '../cluster/writing/object-writer.ts';
import { matchesAny } from '../text/pattern.ts';

/** On which nodes tasks may run, as the configuration says. */
export interface AllowedNodes {
  /** Names, `*` stands for any characters. */
  readonly names: readonly string[];
  readonly controlPlane: boolean;
}

const CONTROL_PLANE = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** Why no task may run on a node; undefined where one may. */
export function whyNotOn(node: KubeObject, { names, controlPlane }: AllowedNodes): string | undefined {
  const { name, labels = {} } = node.metadata;
  if (!matchesAny(name, names)) return `${name} is none of the nodes that tasks may run on.`;
  if (!controlPlane && CONTROL_PLANE.some((label) => label in labels))
    return `${name} belongs to the control plane, where no task runs unless it is allowed.`;
  const system = labels['kubernetes.io/os'] ?? 'linux';
  return system === 'linux' ? undefined : `${name} runs ${system}, and tasks need Linux.`;
}
