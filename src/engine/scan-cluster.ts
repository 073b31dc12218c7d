import type { ClusterReader } from '../cluster/cluster.ts';
import type { Pod } from '../diagnosis/kubernetes-object.ts';
import { failingImages, imagesOf, nodesOf } from '../diagnosis/pod.ts';
import { type PullErrorClassifier, tellsCause } from '../diagnosis/pull-error.ts';
import { groupFailures, type Scan } from '../incident/grouping.ts';
import type { CauseCatalogue } from '../remediation/plan.ts';

const PAGE = 500;
/** At most this many pages of pods are read; the scan says so if there were more. */
const MAX_PAGES = 20;
const MAX_EVENTS = 1000;

/** Looks at every pod of a namespace or of the cluster. At most 21 requests: pages of pods and, if a status hides its cause, one of events. */
export async function scanCluster(
  parts: {
    readonly cluster: ClusterReader;
    readonly catalogue: CauseCatalogue;
    readonly classify: PullErrorClassifier;
    readonly now: Date;
  },
  namespace: string | undefined,
): Promise<Scan> {
  const { cluster, classify } = parts;
  const where = namespace === undefined ? {} : { namespace };
  const { pods, complete } = await readPods(cluster, where);
  const events = pods.some((pod) => hidesCause(pod, classify))
    ? await cluster.listEvents({ ...where, reason: 'Failed', limit: MAX_EVENTS })
    : [];
  return {
    groups: groupFailures(pods, events, { ...parts, cluster: cluster.name }),
    lookedAt: {
      pods: pods.length,
      nodes: nodesOf(pods).size,
      where: namespace === undefined ? 'the cluster' : `namespace ${namespace}`,
      complete,
    },
  };
}

async function readPods(
  cluster: ClusterReader,
  where: { readonly namespace?: string },
): Promise<{ pods: readonly Pod[]; complete: boolean }> {
  const pods: Pod[] = [];
  let continueFrom: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await cluster.listPods({ ...where, limit: PAGE, ...(continueFrom === undefined ? {} : { continueFrom }) });
    pods.push(...answer.pods);
    if (!answer.more) return { pods, complete: true };
    continueFrom = answer.more.continueFrom;
  }
  return { pods, complete: false };
}

/** Kubelets before 1.32 do not repeat the error in the status; then the events have to be asked. */
function hidesCause(pod: Pod, classify: PullErrorClassifier): boolean {
  return failingImages(imagesOf(pod)).some(({ state }) => !tellsCause(classify(`${state.reason}: ${state.message ?? ''}`)));
}
