import { guardCluster } from '../cluster/guarded-cluster.ts';
import type { PullErrorClassifier } from '../diagnosis/message/pull-error.ts';
import type { Task } from '../queue/task-queue.ts';
import type { CauseCatalogue } from '../remediation/cause-catalogue.ts';
import { type Scanned, scanned } from '../report/scan-answer.ts';
import { scanCluster } from '../scan/scan-cluster.ts';
import { matchesAny } from '../text/pattern.ts';
import type { ClusterParts } from './cluster-parts.ts';

/** What scans work with. */
interface ScanParts {
  readonly catalogue: CauseCatalogue;
  readonly classify: PullErrorClassifier;
  readonly clusterOf: (name: string) => ClusterParts;
  readonly now: () => Date;
}

/** Looks at a cluster, or at those namespaces of it that whoever asks may see. Throws what the cluster throws. */
export async function answerScan({ cluster: name, namespace, only }: Extract<Task, { kind: 'scan' }>, parts: ScanParts): Promise<Scanned> {
  const { cluster } = parts.clusterOf(name).sources;
  if (only === undefined) return scanned(await scanCluster({ ...parts, cluster, now: parts.now() }, namespace));
  const visible = guardCluster(cluster, (candidate) => matchesAny(candidate, only));
  const where = 'the namespaces that may be asked about here';
  return scanned(await scanCluster({ ...parts, cluster: visible, where, now: parts.now() }, namespace));
}
