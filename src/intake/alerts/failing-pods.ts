import type { Alert, Pointer } from '../../alerts/alert.ts';
import type { ClusterReader } from '../../cluster/cluster.ts';
import { workloadOf } from '../../diagnosis/pod/pod.ts';
import { asCodedError } from '../../errors.ts';
import type { Pod } from '../../facts/kubernetes-object.ts';
import { createAnswerCache } from '../../timing/answer-cache.ts';

/** Where to look for pods that an alert is about. */
export type Place = Exclude<Pointer, { readonly kind: 'nothing' }>;

/** Finds the pods that alerts are about; what several of them need is read once. Throws what the cluster throws. */
export type FindPods = (place: Place) => Promise<readonly Pod[]>;

/** More pods of a namespace or node than this are not looked at. */
const MAX_PODS = 5_000;
const PAGE = 500;
const MAX_LISTS = 1_000;

/**
 * For one delivery. A pod that is gone is followed to the present pods of what made it: one request for a pod that is there, two for one that
 * is not, one a page for everything wider.
 */
export function createFindPods(cluster: Pick<ClusterReader, 'readPod' | 'listPods'>): FindPods {
  const lists = createAnswerCache({ now: () => 0, keepMs: Number.MAX_SAFE_INTEGER, max: MAX_LISTS });

  async function list(where: { readonly namespace: string } | { readonly node: string }): Promise<readonly Pod[]> {
    return (await lists({ key: JSON.stringify(where), ask: () => pagesOf(cluster, where) })).answer;
  }

  async function podOrHeirs({ namespace, pod: name, workload }: Extract<Place, { kind: 'pod' }>): Promise<readonly Pod[]> {
    try {
      return [(await lists({ key: `pod ${namespace}/${name}`, ask: () => cluster.readPod(namespace, name) })).answer];
    } catch (cause) {
      if (asCodedError(cause).code !== 'cluster/not-found') throw cause;
    }
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

async function pagesOf(
  cluster: Pick<ClusterReader, 'listPods'>,
  where: { readonly namespace: string } | { readonly node: string },
): Promise<readonly Pod[]> {
  const selection = 'namespace' in where ? { namespace: where.namespace } : { node: where.node };
  const pods: Pod[] = [];
  for (let continueFrom: string | undefined; ; ) {
    const page = await cluster.listPods({ ...selection, limit: PAGE, ...(continueFrom === undefined ? {} : { continueFrom }) });
    pods.push(...page.pods);
    continueFrom = page.more?.continueFrom;
    if (continueFrom === undefined || pods.length >= MAX_PODS) return pods;
  }
}

/** Made by what made a pod that is gone: names of such pods begin alike, and end in what Kubernetes invented. */
function isHeir(gone: string, { metadata }: Pod): boolean {
  const { generateName, name } = metadata;
  if (generateName && gone.startsWith(generateName) && gone.length - generateName.length <= 6) return true;
  const deployment = /^(.{1,240})-[a-z0-9]{6,10}-[a-z0-9]{5}$/.exec(gone)?.[1];
  return deployment !== undefined && /^(.{1,240})-[a-z0-9]{6,10}-[a-z0-9]{5}$/.exec(name)?.[1] === deployment;
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
