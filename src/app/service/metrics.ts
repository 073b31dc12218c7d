import { installedVersion } from '../../installed.ts';
import { OPEN } from '../../store/kinds.ts';
import type { Log } from '../../telemetry/log.ts';
import { createPrometheusMetrics, type PrometheusMetrics } from '../../telemetry/prometheus.ts';
import { createAnswerCache } from '../../timing/answer-cache.ts';
import type { Backend } from './backend.ts';

/** The figures of a process, with those that are read from store and queue when somebody asks. */
export function openMetrics(
  { store, queue }: Pick<Backend, 'store' | 'queue'>,
  given: { readonly clusters: readonly string[]; readonly log: Log },
): PrometheusMetrics {
  const metrics = createPrometheusMetrics(given.log);
  metrics.gauge('imagepull_build_info', async () => [{ labels: { version: installedVersion() }, value: 1 }]);
  metrics.gauge('imagepull_incidents_open', async () => [{ labels: {}, value: await store.incidents.count(OPEN) }]);
  // Two figures of one look.
  const looks = createAnswerCache({ now: () => performance.now(), keepMs: 1_000, max: 1 });
  const ask = () => queue.backlog(given.clusters);
  const backlog = async () => (await looks({ key: 'backlog', ask, keep: () => false })).answer;
  metrics.gauge('imagepull_queue_tasks', async () =>
    (await backlog()).map(({ queue: name, tasks }) => ({ labels: { queue: name }, value: tasks })),
  );
  metrics.gauge('imagepull_queue_oldest_seconds', async () =>
    (await backlog()).map(({ queue: name, oldestSeconds }) => ({ labels: { queue: name }, value: oldestSeconds })),
  );
  metrics.gauge('imagepull_unreadable_records', async () => [
    { labels: { kind: 'run' }, value: store.runs.unreadable() },
    { labels: { kind: 'incident' }, value: store.incidents.unreadable() },
    { labels: { kind: 'request' }, value: store.requests.unreadable() },
    { labels: { kind: 'delivery' }, value: store.deliveries.unreadable() },
    { labels: { kind: 'silence' }, value: store.silences.unreadable() },
    { labels: { kind: 'correction' }, value: store.corrections.unreadable() },
  ]);
  return metrics;
}
