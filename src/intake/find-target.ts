import { type ClusterReader, CONTROLLER_KINDS } from '../cluster/cluster.ts';
import { unlessAbsent } from '../cluster/pod-pages.ts';
import { isHeir } from '../diagnosis/pod/heir.ts';
import { failingImages, imagesOf, targetOf, workloadOf } from '../diagnosis/pod/pod.ts';
import type { Target } from '../diagnosis/pod/target.ts';
import { asCodedError, CodedError } from '../errors.ts';
import type { Controller, Owner, Pod } from '../facts/kubernetes/kubernetes-object.ts';
import { nearest } from '../text/nearest.ts';

/** Most pods of a namespace that are read to find a replacement or a similar name. */
const PAGE = 500;

/**
 * Reads the pod and pins it. If it is gone and its controller made another, that one is the target and says so. Throws
 * `target/not-found` with the nearest names, and whatever the cluster throws. One request; one more each for a pod that is
 * gone, for the Job of a Job's pod, and for the workload of a pod whose image fails.
 */
export async function findTarget(cluster: ClusterReader, wanted: { readonly namespace: string; readonly pod: string }): Promise<Target> {
  const found = await unlessAbsent(cluster.readPod(wanted.namespace, wanted.pod));
  if (found) return pin(cluster, found, undefined);
  const { pods } = await cluster.listPods({ namespace: wanted.namespace, limit: PAGE });
  const replacement = replacementFor(wanted.pod, pods);
  if (replacement) return pin(cluster, replacement, wanted.pod);
  throw notFound(wanted, pods);
}

async function pin(cluster: ClusterReader, pod: Pod, replaces: string | undefined): Promise<Target> {
  const job = await jobOf(cluster, pod);
  const facts = {
    cluster: cluster.name,
    ...(replaces === undefined ? {} : { replaces }),
    ...(job.owner === undefined ? {} : { owner: job.owner }),
  };
  const target = targetOf(pod, facts);
  const { controller, unread = job.unread } = await controllerOf(cluster, target);
  return {
    ...(controller === undefined ? target : targetOf(pod, { ...facts, controller })),
    ...(unread === undefined ? {} : { workloadUnread: unread }),
  };
}

/** A Job's own template cannot be changed, so what made the Job is what people have to change. */
async function jobOf(cluster: ClusterReader, pod: Pod): Promise<{ readonly owner?: Owner; readonly unread?: string }> {
  const owner = workloadOf(pod);
  if (owner?.kind !== 'Job') return {};
  try {
    return { owner: await cluster.readJob(pod.metadata.namespace, owner.name) };
  } catch (cause) {
    // Without the right to read Jobs, or with the Job gone, the Job's name is still true.
    const { code, message } = asCodedError(cause);
    const unknown = `Whether a CronJob made Job ${owner.name} is not known`;
    if (code === 'cluster/forbidden') return { unread: `${unknown}. ${message}` };
    if (code === 'cluster/not-found') return { unread: `${unknown}: the Job is gone.` };
    throw cause;
  }
}

/**
 * Argo CD and Flux mark the workload they apply and leave its pods alone, so the workload is asked who applies it: where
 * an image fails and the fix may be to change it. A pod with the labels of a chart is no answer, for Argo CD and Flux
 * apply charts too. A Job was read already.
 */
async function controllerOf(
  cluster: ClusterReader,
  { namespace, workload, managedBy, images }: Target,
): Promise<{ readonly controller?: Controller; readonly unread?: string }> {
  const kind = CONTROLLER_KINDS.find((known) => known === workload?.kind && known !== 'Job');
  const known = managedBy !== undefined && managedBy.tool !== 'Helm';
  if (!workload || !kind || known || failingImages(images).length === 0) return {};
  try {
    return { controller: await cluster.readController(kind, namespace, workload.name) };
  } catch (cause) {
    const { area, code, message } = asCodedError(cause);
    // A workload that is gone is applied by nobody.
    if (code === 'cluster/not-found') return {};
    // The fix says less then, and the diagnosis goes on.
    if (area !== 'cluster') throw cause;
    return { unread: `Whether Argo CD, Flux or Helm applies ${kind} ${workload.name} is not known. ${message}` };
  }
}

/** Of what was made by the same controller a failing pod is preferred to a healthy one, a younger one to an older one. */
function replacementFor(gone: string, pods: readonly Pod[]): Pod | undefined {
  const rank = (pod: Pod) => (failingImages(imagesOf(pod)).length > 0 ? 1 : 0);
  const born = (pod: Pod) => pod.metadata.creationTimestamp ?? '';
  return pods.filter((pod) => isHeir(gone, pod)).sort((a, b) => rank(b) - rank(a) || born(b).localeCompare(born(a)))[0];
}

function notFound(wanted: { namespace: string; pod: string }, pods: readonly Pod[]): CodedError {
  const where = `namespace ${wanted.namespace}`;
  if (pods.length === 0)
    return new CodedError('target/not-found', `There is no pod ${wanted.pod}: ${where} has no pods, or does not exist.`);
  const close = nearest(
    wanted.pod,
    pods.map((pod) => pod.metadata.name),
  );
  const failing = pods.filter((pod) => failingImages(imagesOf(pod)).length > 0).map((pod) => pod.metadata.name);
  const hint =
    close.length > 0
      ? ` Did you mean ${close.join(', ')}?`
      : failing.length > 0
        ? ` These cannot pull an image: ${failing.slice(0, 5).join(', ')}.`
        : '';
  return new CodedError('target/not-found', `There is no pod ${wanted.pod} in ${where}.${hint}`);
}
