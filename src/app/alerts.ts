import { isReadableByAny } from '../intake/access.ts';
import { createAlertIntake } from '../intake/alerts/take.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createWebhook } from '../webhooks/webhook.ts';
import type { Config } from './config.ts';
import type { Listeners } from './listeners.ts';

/** Opens the webhooks that the configuration asks for. Throws `config/alerts`. */
export function openWebhooks(
  config: Config,
  given: {
    readonly store: Store;
    readonly queue: TaskQueue;
    readonly addRoute: Listeners['addRoute'];
    readonly log: Log;
    readonly metrics: Metrics;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): void {
  const { sources } = config.alerts;
  if (sources.length === 0) return;
  const { addRoute, log } = given;
  const now = () => new Date();
  const mayAsk = (name: string, namespace: string | undefined): boolean => {
    const cluster = config.clusters.find((candidate) => candidate.name === name);
    return cluster !== undefined && (namespace === undefined || isReadableByAny(cluster, config.access.rules, namespace));
  };
  addRoute(createWebhook({ ...given, sources, take: createAlertIntake({ ...given, mayAsk, now }), now }));
  if (config.redisUrl === undefined)
    log.warn('alerts that were acknowledged are lost if this process ends before it looked into them: REDIS_URL is not set');
  if (config.channels.default === undefined)
    log.warn('incidents that alerts open are told nowhere: channels.default is not set', { sources: sources.map(({ name }) => name) });
}
