import type { Alert, Pointer } from '../../alerts/alert.ts';
import type { ClusterReader, PodPage } from '../../cluster/cluster.ts';
import { podPages, unlessAbsent } from '../../cluster/pod-pages.ts';
import { isHeir } from '../../diagnosis/pod/heir.ts';
import { workloadOf } from '../../diagnosis/pod/pod.ts';
import type { Pod } from '../../facts/kubernetes/kubernetes-object.ts';
import { createAnswerCache } from '../../timing/answer-cache.ts';

/** Where to look for pods that an alert is about. */
export type Place = Exclude<Pointer, { readonly kind: 'nothing' }>;

/** Finds the pods that alerts are about; what several of them need is read once. Throws what the cluster throws. */
export type FindPods = (place: Place) => Promise<readonly Pod[]>;

/** More pods of a namespace or node than this are not looked at. */
const MAX_PODS = 5_000;
const MAX_LISTS = 1_000;

/**
 * For one delivery. A pod that is gone is followed to the present pods of what made it: one request for a pod that is there, two for one that
 * is not, one a page for everything wider.
 */
export function createFindPods(cluster: Pick<ClusterReader, 'readPod' | 'listPods'>): FindPods {
  const lists = createAnswerCache({ now: () => 0, keepMs: Number.MAX_SAFE_INTEGER, max: MAX_LISTS });

  async function list(where: { readonly namespace: string } | { readonly node: string }): Promise<readonly Pod[]> {
    return (await lists({ key: JSON.stringify(where), ask: () => upToMax(podPages(cluster, where)) })).answer;
  }

  async function podOrHeirs({ namespace, pod: name, workload }: Extract<Place, { kind: 'pod' }>): Promise<readonly Pod[]> {
    const ask = () => unlessAbsent(cluster.readPod(namespace, name));
    const { answer } = await lists({ key: `pod ${namespace}/${name}`, ask });
    if (answer) return [answer];
    const pods = await list({ namespace });
    return pods.filter((pod) => isHeir(name, pod) || (workload !== undefined && isOf(workload, pod)));
  }

  return async (place) => {
    switch (place.kind) {
      case 'pod':
        return podOrHeirs(place);
      case 'workload':
        return (await list({ namespace: place.namespace })).filter((pod) => isOf(place.workload, pod));
      case 'namespace':
        return list({ namespace: place.namespace });
      case 'node':
        return list({ node: place.node });
      default:
        return place satisfies never;
    }
  };
}

async function upToMax(pages: AsyncIterable<PodPage>): Promise<readonly Pod[]> {
  const found: Pod[] = [];
  for await (const { pods } of pages) {
    found.push(...pods);
    if (found.length >= MAX_PODS) break;
  }
  return found;
}

/** A Deployment's pods, or those of its ReplicaSets, or those of a CronJob's Jobs, whose names begin with its own. */
function isOf(workload: NonNullable<Alert['location']['workload']>, pod: Pod): boolean {
  const owner = workloadOf(pod);
  if (!owner) return false;
  if (owner.kind === workload.kind && owner.name === workload.name) return true;
  if (workload.kind === 'CronJob')
    return (
      owner.kind === 'Job' && owner.name.startsWith(`${workload.name}-`) && /^[0-9]{1,12}$/.test(owner.name.slice(workload.name.length + 1))
    );
  return workload.kind === 'ReplicaSet' && (pod.metadata.generateName ?? '') === `${workload.name}-`;
}
