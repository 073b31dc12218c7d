import { hostname } from 'node:os';
import type { PullErrorClassifier } from '../../diagnosis/message/pull-error.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { runElection } from '../../watch/election.ts';
import { runWatcher } from '../../watch/watcher.ts';
import type { Config } from '../config.ts';
import type { WorkedCluster } from './clusters.ts';
import type { Detection } from './detection.ts';

/** Watches clusters until it is stopped. */
export interface Watching {
  /** Gives the leases back. */
  stop(): Promise<void>;
}

/** What watching needs. */
export interface WatchingParts {
  readonly clusters: Readonly<Record<string, WorkedCluster>>;
  readonly detection: Detection;
  readonly classify: PullErrorClassifier;
  /** Different for each process. */
  readonly processId: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

/** Watches the clusters of this process, each by one process at a time. */
export function startWatching(config: Config, given: WatchingParts): Watching {
  const { log } = given;
  const names = Object.keys(given.clusters);
  if (names.length === 0 || !config.watch.enabled) return { stop: async () => undefined };
  if (config.channels.default === undefined) {
    log.info('no cluster is watched: channels.default, where incidents are told, is not set');
    return { stop: async () => undefined };
  }
  const stopping = new AbortController();
  const leaders = new Map(names.map((name) => [name, false]));
  given.metrics.gauge('imagepull_watch_leader', async () =>
    [...leaders].map(([cluster, leads]) => ({ labels: { cluster }, value: leads ? 1 : 0 })),
  );
  const watching = Promise.all(names.map((name) => watchOne(name, config, { ...given, leaders, signal: stopping.signal })));
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

async function watchOne(
  name: string,
  { watch }: Config,
  given: WatchingParts & { readonly leaders: Map<string, boolean>; readonly signal: AbortSignal },
): Promise<void> {
  const { clusters, detection, classify, processId, log, metrics, now, leaders, signal } = given;
  const cluster = clusters[name];
  if (!cluster) return;
  const { direct, mayRead, namespace } = cluster;
  const lead = (leading: AbortSignal) =>
    runWatcher(
      {
        name,
        cluster: direct,
        classify,
        detector: detection.detector,
        onSweep: async (failing) => detection.recoveries.get(name)?.stillFailing(failing),
        mayRead,
        settings: watch,
        onRestart: (reason) => metrics.count('imagepull_watch_restarts_total', { cluster: name, reason }),
        log,
        now,
      },
      leading,
    );
  const { lease } = watch;
  leaders.set(name, lease === 'off');
  if (lease === 'off') return lead(signal);
  const port = direct.lease({ namespace: lease.namespace ?? namespace, name: lease.name });
  const onLeader = (leads: boolean) => void leaders.set(name, leads);
  await log.about({ cluster: name }, () =>
    runElection({ lease: port, identity: `${hostname()}_${processId}`, lead, onLeader, log, now }, signal),
  );
}
