import { installedVersion } from '../installed.ts';
import { OPEN } from '../store/kinds.ts';
import type { Log } from '../telemetry/log.ts';
import { createPrometheusMetrics, type PrometheusMetrics } from '../telemetry/prometheus.ts';
import type { Backend } from './backend.ts';

/** The figures of a process, with those that are read from store and queue when somebody asks. */
export function openMetrics(
  { store, queue }: Pick<Backend, 'store' | 'queue'>,
  given: { readonly clusters: readonly string[]; readonly log: Log },
): PrometheusMetrics {
  const metrics = createPrometheusMetrics(given.log);
  metrics.gauge('imagepull_build_info', async () => [{ labels: { version: installedVersion() }, value: 1 }]);
  metrics.gauge('imagepull_incidents_open', async () => [{ labels: {}, value: await store.incidents.count(OPEN) }]);
  metrics.gauge('imagepull_queue_tasks', async () =>
    (await queue.backlog(given.clusters)).map(({ queue: name, tasks }) => ({ labels: { queue: name }, value: tasks })),
  );
  metrics.gauge('imagepull_queue_oldest_seconds', async () =>
    (await queue.backlog(given.clusters)).map(({ queue: name, oldestSeconds }) => ({ labels: { queue: name }, value: oldestSeconds })),
  );
  metrics.gauge('imagepull_unreadable_records', async () => [
    { labels: { kind: 'run' }, value: store.runs.unreadable() },
    { labels: { kind: 'incident' }, value: store.incidents.unreadable() },
    { labels: { kind: 'request' }, value: store.requests.unreadable() },
    { labels: { kind: 'delivery' }, value: store.deliveries.unreadable() },
    { labels: { kind: 'silence' }, value: store.silences.unreadable() },
  ]);
  return metrics;
}
