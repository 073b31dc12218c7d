import type { OpenedCluster } from '../../app/app.ts';
import { failingImages, imagesOf, workloadOf } from '../../diagnosis/pod/pod.ts';
import type { Pod } from '../../facts/kubernetes/kubernetes-object.ts';
import { kindNamed } from '../target-name.ts';
import type { Candidate } from './place.ts';

/** A cluster to ask for names, until the signal says that it takes too long. */
type Asked = OpenedCluster & { readonly signal: AbortSignal };

const MOST = 500;
const KINDS = ['deploy/', 'sts/', 'ds/', 'rs/', 'job/', 'cronjob/', 'pod/'];

/** Names of namespaces. */
export async function namespaces({ cluster, signal }: Asked): Promise<readonly Candidate[]> {
  return (await cluster.listNamespaces(MOST, signal)).map((value) => ({ value }));
}

/** What `diagnose` can be about: pods, KIND/NAME of what made them, and NAMESPACE/POD where no namespace was given. */
export async function targets(asked: Asked, typed: string, namespace: string | undefined): Promise<readonly Candidate[]> {
  const [first = '', second] = typed.split('/', 2);
  const kind = second === undefined ? undefined : kindNamed(first);
  if (second !== undefined && kind === undefined) return prefixed(`${first}/`, podNames(await podsOf(asked, first)));
  const pods = await podsOf(asked, namespace ?? asked.namespace);
  if (kind !== undefined) return prefixed(`${first}/`, kind === 'Pod' ? podNames(pods) : workloadNames(pods, kind));
  const kinds = KINDS.map((value) => ({ value }));
  // A namespace is only looked for once letters of one are there: most people mean their own.
  const others = namespace === undefined && typed !== '' ? await namespaces(asked) : [];
  return [
    ...podNames(pods),
    ...kinds,
    ...others.filter(({ value }) => kindNamed(value) === undefined).map(({ value }) => ({ value: `${value}/` })),
  ];
}

async function podsOf({ cluster, signal }: Asked, namespace: string): Promise<readonly Pod[]> {
  return (await cluster.listPods({ namespace, limit: MOST }, signal)).pods;
}

function podNames(pods: readonly Pod[]): readonly Candidate[] {
  return pods.map((pod) => {
    const fails = failingImages(imagesOf(pod)).length > 0;
    return { value: pod.metadata.name, ...(fails ? { says: 'cannot pull an image' } : {}) };
  });
}

function workloadNames(pods: readonly Pod[], kind: string): readonly Candidate[] {
  // What a pod itself tells is its owner, with the Deployment behind a ReplicaSet; a CronJob's name is its Job's without the time.
  const names = pods.flatMap((pod) => {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
    if (owner?.kind === kind) return [owner.name];
    if (kind === 'CronJob' && owner?.kind === 'Job') return owner.name.replace(/-[0-9]{8}$/, '');
    const workload = workloadOf(pod);
    return workload?.kind === kind ? [workload.name] : [];
  });
  return [...new Set(names)].map((value) => ({ value }));
}

function prefixed(prefix: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.map((candidate) => ({ ...candidate, value: prefix + candidate.value }));
}
