import { guardCluster } from '../../cluster/guarded-cluster.ts';
import type { KubernetesCluster } from '../../cluster/kubernetes-cluster.ts';
import type { ClusterParts } from '../../engine/cluster-parts.ts';
import { isReadableByAny } from '../../intake/access.ts';
import type { Runbook } from '../../runbook/runbook.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { openSources, unwantedSteps } from '../app.ts';
import { captureFiles } from '../capture.ts';
import type { Config } from '../config.ts';

/** A cluster that this process works for. */
export interface WorkedCluster extends ClusterParts {
  /** Without the guard, and without a memory of what was asked a moment ago: for the watch. */
  readonly direct: KubernetesCluster;
  /** The bot's own namespace, as far as kubeconfig or service account tell. */
  readonly namespace: string;
  readonly mayRead: (namespace: string) => boolean;
}

/** The clusters that this process works for, by name. Throws what openSources throws. */
export async function openClusters(
  config: Config,
  { runbook, metrics }: { readonly runbook: Runbook; readonly metrics: Metrics },
): Promise<Readonly<Record<string, WorkedCluster>>> {
  const keeps = config.redisUrl !== undefined;
  const wanted = config.clusters.filter(({ name }) => config.workFor.includes(name));
  const opened = wanted.map(async (cluster): Promise<[string, WorkedCluster]> => {
    const { registry, secrets, ...options } = cluster;
    const { direct, namespace, ...sources } = await openSources({
      ...options,
      ...config.registries,
      shared: config.redisUrl !== undefined,
      called: cluster.name,
      holder: config.roles.includes('worker') ? 'reader' : 'prover',
      onAnswer: (verb, status) =>
        metrics.count('imagepull_kubernetes_requests_total', { cluster: cluster.name, verb, code: String(status) }),
    });
    const mayRead = (name: string) => isReadableByAny(cluster, config.access.rules, name);
    // Checked here as well as in the intake: a task may come from elsewhere.
    const guarded = { ...sources, cluster: guardCluster(sources.cluster, mayRead) };
    return [
      cluster.name,
      {
        sources: guarded,
        unwanted: unwantedSteps(runbook, { registry, secrets }, 'the configuration of the cluster says so'),
        mayReadSecrets: secrets,
        probes: cluster.nodeTasks?.mode === 'auto',
        capture: keeps ? (space, name) => captureFiles(guarded, { namespace: space, name }, { registry, secrets }) : undefined,
        direct,
        namespace,
        mayRead,
      },
    ];
  });
  return Object.fromEntries(await Promise.all(opened));
}
