import { durationsOf, highOf, readEach } from '../../facts/histogram.ts';
import { type Histogram, type KubeletSample, QUICK_OPERATIONS } from '../../facts/kubernetes/kubelet-reading.ts';
import { type MetricSample, parseMetrics } from './prometheus-text.ts';

/** The histograms that are read, with the label that tells their series apart (pkg/kubelet/metrics/metrics.go). */
const HISTOGRAMS = {
  pullDurations: { metric: 'kubelet_image_pull_duration_seconds', label: 'image_size_in_bytes' },
  runtimeOperations: { metric: 'kubelet_runtime_operations_duration_seconds', label: 'operation_type' },
  podWorkers: { metric: 'kubelet_pod_worker_duration_seconds', label: 'operation_type' },
} as const;

/** The counters that are read. */
const COUNTERS = {
  operations: 'kubelet_runtime_operations_total',
  errors: 'kubelet_runtime_operations_errors_total',
  evictions: 'kubelet_evictions',
} as const;

/** Beyond this a Date is none. */
const MAX_SECONDS = 8e12;
/** When the process started, in seconds since 1970; every Prometheus client library for Go has it. */
const STARTED = 'process_start_time_seconds';

const WANTED: ReadonlySet<string> = new Set([
  ...Object.values(COUNTERS),
  STARTED,
  ...Object.values(HISTOGRAMS).flatMap(({ metric }) => [`${metric}_bucket`, `${metric}_count`]),
]);

/** The figures of a kubelet's /metrics at a time, RFC 3339. */
export function readKubeletMetrics(text: string, at: string): KubeletSample {
  return kubeletSample(
    parseMetrics(text, (name) => WANTED.has(name)),
    at,
  );
}

/** The same figures out of samples that somebody else collected. */
export function kubeletSample(samples: readonly MetricSample[], at: string): KubeletSample {
  const byName = Map.groupBy(samples, (sample) => sample.name);
  const one = (name: string, label: string, value: string) => byName.get(name)?.find((sample) => sample.labels[label] === value)?.value;
  const pulls = one(COUNTERS.operations, 'operation_type', 'pull_image');
  const pullErrors = one(COUNTERS.errors, 'operation_type', 'pull_image');
  const started = byName.get(STARTED)?.[0]?.value ?? Number.NaN;
  const histograms = (key: keyof typeof HISTOGRAMS) => readHistograms(byName, HISTOGRAMS[key].metric, HISTOGRAMS[key].label);
  const { sync } = readEach(histograms('podWorkers'), highOf, (operation) => operation === 'sync');
  return {
    at,
    ...(started > 0 && started < MAX_SECONDS ? { startedAt: new Date(started * 1000).toISOString() } : {}),
    ...(pulls === undefined ? {} : { pulls }),
    // A counter that never counted is not printed.
    ...(pullErrors === undefined ? (pulls === undefined ? {} : { pullErrors: 0 }) : { pullErrors }),
    pullDurations: readEach(histograms('pullDurations'), durationsOf),
    evictions: Object.fromEntries(
      (byName.get(COUNTERS.evictions) ?? []).map(({ labels, value }) => [labels['eviction_signal'] ?? '', value]),
    ),
    runtimeOperations: readEach(histograms('runtimeOperations'), highOf, (operation) => QUICK_OPERATIONS.has(operation)),
    ...(sync ? { podSync: sync } : {}),
  };
}

function readHistograms(
  byName: ReadonlyMap<string, readonly MetricSample[]>,
  metric: string,
  label: string,
): readonly (readonly [string, Histogram])[] {
  const series = Map.groupBy(byName.get(`${metric}_bucket`) ?? [], ({ labels }) => labels[label] ?? '');
  const counts = new Map((byName.get(`${metric}_count`) ?? []).map(({ labels, value }) => [labels[label] ?? '', value]));
  return [...series].map(([key, samples]) => {
    const buckets = samples
      .map(({ labels, value }) => ({ le: labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']), count: value }))
      .sort((a, b) => a.le - b.le);
    return [key, { buckets, count: counts.get(key) ?? 0 }];
  });
}
