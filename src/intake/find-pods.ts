import type { ClusterReader, ControllerKind } from '../cluster/cluster.ts';
import { failingImages, imagesOf, mayBePulling, workloadLabel, workloadOf } from '../diagnosis/pod/pod.ts';
import { asCodedError, CodedError } from '../errors.ts';
import type { Controller, Pod } from '../facts/kubernetes/kubernetes-object.ts';
import { labelSelectorText } from '../facts/kubernetes/label-selector.ts';
import { nearest } from '../text/nearest.ts';
import { count } from '../text/wording.ts';

/** A workload by name, or whatever pods carry some labels. */
export type PodSearch =
  | { readonly by: 'controller'; readonly kind: ControllerKind; readonly namespace: string; readonly name: string }
  | { readonly by: 'labels'; readonly namespace: string; readonly labels: string };

/** Pods to diagnose out of those that were found. `says` tells how they were chosen. */
export interface FoundPods {
  readonly matched: number;
  readonly failing: number;
  readonly pods: readonly { readonly namespace: string; readonly pod: string }[];
  readonly says: string;
}

const PAGE = 500;
/** Of pods that fail in as many different ways as this one each is diagnosed; more are counted and left to a scan. */
const MAX_PODS = 5;

/**
 * Finds the pods of a workload or of a label selector and chooses those that cannot pull: of a workload the newest one,
 * of a selector one for each workload and set of failing images. Two requests, three for a Deployment that fails in two
 * revisions. Throws `target/not-found`, and whatever the cluster throws.
 */
export async function findPods(cluster: ClusterReader, search: PodSearch): Promise<FoundPods> {
  const whose = search.by === 'labels' ? `namespace ${search.namespace} with the labels ${search.labels}` : controllerLabel(search);
  const labels = search.by === 'labels' ? search.labels : await selectorOf(cluster, search);
  const { pods, more } = await cluster.listPods({ namespace: search.namespace, labels, limit: PAGE });
  if (pods.length === 0) throw noPods(search, whose);
  const failing = newestFirst(pods.filter((pod) => failingImages(imagesOf(pod)).length > 0));
  const chosen = search.by === 'labels' ? oneOfEachKind(failing) : (await newestRevisionFirst(cluster, failing)).slice(0, 1);
  const all = more ? `the first ${count(pods.length, 'pod')}` : count(pods.length, 'pod');
  const shared = { matched: pods.length, failing: failing.length };
  if (chosen.length > 0)
    return { ...shared, pods: chosen.slice(0, MAX_PODS).map(nameOf), says: chosenWords({ failing, chosen, all, whose }) };
  const [waiting] = [...newestFirst(pods)].sort((a, b) => Number(isWaiting(b)) - Number(isWaiting(a)));
  const which = waiting && isWaiting(waiting) ? 'the newest one that is not running' : 'the newest one';
  return {
    ...shared,
    pods: waiting ? [nameOf(waiting)] : [],
    says: pods.length === 1 ? `The only pod of ${whose}.` : `None of ${all} of ${whose} fails to pull an image; this is about ${which}.`,
  };
}

function chosenWords(given: { failing: readonly Pod[]; chosen: readonly Pod[]; all: string; whose: string }): string {
  const { failing, chosen, all, whose } = given;
  if (all === '1 pod') return `The only pod of ${whose}.`;
  const head = `${failing.length} of ${all} of ${whose} cannot pull an image`;
  if (failing.length === 1) return `${head}.`;
  if (chosen.length === 1) return `${head}; this is about the newest of them.`;
  return chosen.length > MAX_PODS
    ? `${head}, in ${chosen.length} ways by workload and image; one pod each is diagnosed for the first ${MAX_PODS}. imagepull scan lists them all.`
    : `${head}; one pod is diagnosed for each workload and image: ${chosen.length}.`;
}

async function selectorOf(cluster: ClusterReader, search: Extract<PodSearch, { by: 'controller' }>): Promise<string> {
  const { kind, namespace, name } = search;
  const controller = await cluster.readController(kind, namespace, name).catch(async (cause: unknown) => {
    if (asCodedError(cause).code !== 'cluster/not-found') throw cause;
    throw await noController(cluster, search);
  });
  if (kind !== 'CronJob') {
    const labels = labelSelectorText(controller.spec.selector ?? {});
    // An empty selector would select every pod of the namespace.
    if (labels === '') throw new CodedError('target/not-found', `${controllerLabel(search)} has no selector, so its pods cannot be found.`);
    if (controller.spec.replicas === 0)
      throw new CodedError('target/not-found', `${controllerLabel(search)} is scaled to 0, so it has no pods to diagnose.`);
    return labels;
  }
  const jobs = activeJobs(controller);
  if (jobs.length === 0)
    throw new CodedError('target/not-found', `${controllerLabel(search)} runs no Job at the moment, so it has no pods to diagnose.`);
  return `job-name in (${jobs.join(',')})`;
}

function activeJobs({ status: { active } }: Controller): readonly string[] {
  return Array.isArray(active) ? active.map(({ name }) => name) : [];
}

/** Where pods of several ReplicaSets fail, those of the Deployment's newest revision come first. */
async function newestRevisionFirst(cluster: ClusterReader, failing: readonly Pod[]): Promise<readonly Pod[]> {
  const [first] = failing;
  const owners = [...new Set(failing.map(replicaSetOf))];
  if (!first || owners.length < 2) return failing;
  const revisions = await Promise.all(
    owners.map(async (owner) => [owner, await revisionOf(cluster, first.metadata.namespace, owner)] as const),
  );
  const rank = new Map(revisions);
  return [...failing].sort((a, b) => (rank.get(replicaSetOf(b)) ?? 0) - (rank.get(replicaSetOf(a)) ?? 0));
}

async function revisionOf(cluster: ClusterReader, namespace: string, replicaSet: string): Promise<number> {
  if (replicaSet === '') return 0;
  try {
    const { metadata } = await cluster.readController('ReplicaSet', namespace, replicaSet);
    return Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  } catch (cause) {
    // It only orders; without it the newest pod is taken.
    if (['cluster/forbidden', 'cluster/not-found'].includes(asCodedError(cause).code)) return 0;
    throw cause;
  }
}

function replicaSetOf(pod: Pod): string {
  return pod.metadata.ownerReferences?.find(({ kind, controller }) => kind === 'ReplicaSet' && controller)?.name ?? '';
}

/** Pods of one workload that need the same images fail alike; the newest stands for them. */
function oneOfEachKind(pods: readonly Pod[]): readonly Pod[] {
  const kindOf = (pod: Pod) =>
    JSON.stringify([
      pod.metadata.namespace,
      workloadLabel(workloadOf(pod), ''),
      ...failingImages(imagesOf(pod)).map(({ name, image }) => [name, image]),
    ]);
  return [...Map.groupBy(pods, kindOf).values()].flatMap(([newest]) => newest ?? []);
}

function newestFirst(pods: readonly Pod[]): readonly Pod[] {
  const born = (pod: Pod) => pod.metadata.creationTimestamp ?? '';
  return [...pods].sort((a, b) => born(b).localeCompare(born(a)) || a.metadata.name.localeCompare(b.metadata.name));
}

function isWaiting(pod: Pod): boolean {
  return pod.status.phase === 'Pending' || imagesOf(pod).some(mayBePulling);
}

function nameOf({ metadata }: Pod): FoundPods['pods'][number] {
  return { namespace: metadata.namespace, pod: metadata.name };
}

function controllerLabel({ kind, namespace, name }: Extract<PodSearch, { by: 'controller' }>): string {
  return `${kind} ${name} in namespace ${namespace}`;
}

function noPods(search: PodSearch, whose: string): CodedError {
  if (search.by === 'labels') return new CodedError('target/not-found', `There is no pod in ${whose}.`);
  const { kind, namespace, name } = search;
  return new CodedError(
    'target/not-found',
    `${whose} has no pods. Its events say why: kubectl describe -n ${namespace} ${kind.toLowerCase()}/${name}`,
  );
}

async function noController(cluster: ClusterReader, search: Extract<PodSearch, { by: 'controller' }>): Promise<CodedError> {
  const { pods } = await cluster.listPods({ namespace: search.namespace, limit: PAGE });
  const names = new Set(pods.flatMap((pod) => (workloadOf(pod)?.kind === search.kind ? (workloadOf(pod)?.name ?? []) : [])));
  const close = nearest(search.name, [...names]);
  const hint = close.length > 0 ? ` Did you mean ${close.join(', ')}?` : '';
  return new CodedError('target/not-found', `There is no ${controllerLabel(search)}.${hint}`);
}
