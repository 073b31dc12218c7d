import type { Pod } from '../../facts/kubernetes/kubernetes-object.ts';
import { workloadOf } from './pod.ts';

/** `<deployment>-<hash>-<random>`, as Deployments name their pods. */
const OF_DEPLOYMENT = /^(.{1,240})-[a-z0-9]{6,10}-[a-z0-9]{5}$/;
/** A dash is no part of what Kubernetes adds to `generateName`; five characters are. */
const ADDED = 6;

/** Whether a pod was made by what made one that is gone, as their names tell: its ReplicaSet, StatefulSet, DaemonSet or Job, or another ReplicaSet of its Deployment. */
export function isHeir(gone: string, pod: Pod): boolean {
  const { generateName } = pod.metadata;
  if (generateName && gone.startsWith(generateName) && gone.length - generateName.length <= ADDED) return true;
  const deployment = OF_DEPLOYMENT.exec(gone)?.[1];
  const owner = workloadOf(pod);
  return deployment !== undefined && owner?.kind === 'Deployment' && owner.name === deployment;
}
