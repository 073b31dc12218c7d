import { randomUUID } from 'node:crypto';
import type { Chat } from './chat/chat.ts';
import type { ClusterReader } from './cluster/cluster.ts';
import type { KubernetesAccess } from './cluster/kubernetes-cluster.ts';
import { createPullErrorClassifier } from './diagnosis/pull-error.ts';
import { createEngine } from './engine/engine.ts';
import { scanCluster } from './engine/scan-cluster.ts';
import { InlineQueue } from './queue/inline-queue.ts';
import type { ScanReport } from './report/scan-report.ts';
import type { Run } from './runbook/run.ts';
import { loadCauses, loadPullErrorRules, loadRunbook } from './runbooks.ts';
import { PROBES } from './steps/index.ts';
import { MemoryStore } from './store/memory-store.ts';

/** A reader of the cluster that kubeconfig, context or the in-cluster account lead to. Throws `cluster/no-kubeconfig`, `cluster/unknown-context`. */
export async function openCluster(access: KubernetesAccess): Promise<ClusterReader> {
  // Loaded on demand: the Kubernetes client is by far the largest part of the program, and a replay needs none of it.
  const { createKubernetesCluster, loadKubeConfig } = await import('./cluster/kubernetes-cluster.ts');
  return createKubernetesCluster(loadKubeConfig(access));
}

/** Runs one diagnosis to its end in this process: inline queue, memory store. Throws what findTarget throws. */
export async function diagnose(request: {
  readonly cluster: ClusterReader;
  readonly namespace: string;
  readonly pod: string;
  readonly chat: Chat;
  readonly now: () => Date;
}): Promise<Run> {
  const store = new MemoryStore();
  const queue = new InlineQueue();
  const engine = createEngine({
    runbook: loadRunbook(),
    catalogue: loadCauses(),
    classify: createPullErrorClassifier(loadPullErrorRules()),
    probes: PROBES,
    cluster: request.cluster,
    store,
    queue,
    chat: request.chat,
    now: request.now,
    newId: randomUUID,
  });
  const runId = await engine.start({ namespace: request.namespace, pod: request.pod, trigger: { kind: 'cli' } });
  await queue.drain(engine.perform);
  return store.readRun(runId);
}

export { createTerminalChat } from './chat/terminal-chat.ts';
export { createRecordedCluster, watchCluster } from './recording/recorded-world.ts';

/** Looks at every pod of a namespace or of the cluster. Throws what the cluster throws. */
export async function scan(request: {
  readonly cluster: ClusterReader;
  readonly namespace?: string;
  readonly now: Date;
}): Promise<ScanReport> {
  const { cluster, namespace, now } = request;
  const parts = { cluster, catalogue: loadCauses(), classify: createPullErrorClassifier(loadPullErrorRules()), now };
  return { ...(await scanCluster(parts, namespace)), requests: { kubernetes: cluster.requests(), registry: 0 } };
}
