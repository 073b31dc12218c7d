import type { Incident } from './incident.ts';
import type { MemberPod } from './members.ts';

/** What sets pods of an incident apart whose evidence may differ from that of the one that was diagnosed. */
export interface Difference {
  readonly by: 'node' | 'namespace';
  readonly value: string;
}

/** Whether a pod is one of those. */
export function isApart({ by, value }: Difference, pod: Pick<MemberPod, 'node' | 'namespace'>): boolean {
  return pod[by] === value;
}

/** How a pod differs from the one that was diagnosed: another namespace has other secrets, another node another way to the registry; undefined where it does not. */
export function differenceOf(
  pod: Pick<MemberPod, 'node' | 'namespace'>,
  diagnosed: { readonly namespace: string; readonly node?: string },
): Difference | undefined {
  if (pod.namespace !== diagnosed.namespace) return { by: 'namespace', value: pod.namespace };
  const { node } = pod;
  return node !== '' && diagnosed.node !== undefined && node !== diagnosed.node ? { by: 'node', value: node } : undefined;
}

/** Whether what one pod set apart was found to have is surely another cause than the incident's. */
export function isOtherCause({ outcome }: Incident, { outcome: whole }: Incident): boolean {
  if (!outcome || !whole || outcome.cause === null || outcome.cause === 'undetermined') return false;
  return outcome.confidence !== 'possible' && outcome.cause !== whole.cause;
}

/** Most groups of pods that an incident hands over. */
export const MAX_SPLITS = 20;
