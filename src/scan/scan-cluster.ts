import type { ClusterReader } from '../cluster/cluster.ts';
import { podPages } from '../cluster/pod-pages.ts';
import type { PullErrorClassifier } from '../diagnosis/message/pull-error.ts';
import { nodesOf } from '../diagnosis/pod/pod.ts';
import type { Pod } from '../facts/kubernetes/kubernetes-object.ts';
import type { CauseCatalogue } from '../remediation/cause-catalogue.ts';
import { groupFailures, type Scan } from './grouping.ts';
import { mapInSlices, remembered } from './in-slices.ts';
import { messagesOf, readJobs, readTelling } from './scan-evidence.ts';

/** At most this many pages of pods are read; the scan says so if there were more. */
const MAX_PAGES = 20;

/**
 * Looks at every pod of a namespace or of the cluster. At most 45 requests: pages of pods, lists of events and jobs where a
 * status does not tell all, and the own events of a few pods whose pulls may hang. Only pods are needed; what else cannot be
 * read is said.
 */
export async function scanCluster(
  given: {
    readonly cluster: ClusterReader;
    readonly catalogue: CauseCatalogue;
    readonly classify: PullErrorClassifier;
    readonly now: Date;
    /** What a look without a namespace covers, where the reader does not give out all of the cluster. */
    readonly where?: string;
  },
  namespace: string | undefined,
): Promise<Scan> {
  const { cluster } = given;
  const parts = { ...given, classify: remembered(given.classify) };
  const where = namespace === undefined ? {} : { namespace };
  const { pods, complete } = await readPods(cluster, where);
  // Each message once, a few at a time: thousands of them keep a process busy for seconds.
  await mapInSlices(pods.flatMap(messagesOf), parts.classify);
  const [telling, owners] = await Promise.all([readTelling(parts, pods, where), readJobs(cluster, pods, where)]);
  return {
    groups: await groupFailures(pods, telling.events, { ...parts, cluster: cluster.name, jobs: owners.jobs }),
    lookedAt: {
      pods: pods.length,
      nodes: nodesOf(pods).size,
      where: namespace === undefined ? (parts.where ?? 'the cluster') : `namespace ${namespace}`,
      complete,
    },
    shortfalls: [...telling.shortfalls, ...owners.shortfalls],
  };
}

async function readPods(
  cluster: ClusterReader,
  where: { readonly namespace?: string },
): Promise<{ pods: readonly Pod[]; complete: boolean }> {
  const found: Pod[] = [];
  let left = MAX_PAGES;
  for await (const { pods, more } of podPages(cluster, where)) {
    found.push(...pods);
    left -= 1;
    if (left === 0) return { pods: found, complete: !more };
  }
  return { pods: found, complete: true };
}
