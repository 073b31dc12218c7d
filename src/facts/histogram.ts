import type { Durations, Histogram, Quantile } from './kubernetes/kubelet-reading.ts';

/**
 * A quantile of a cumulative histogram in its unit, interpolated inside its bucket as Prometheus does; `atLeast` when it lies beyond the
 * last finite bucket. Undefined without observations.
 */
export function quantile(histogram: Histogram, q: number): Quantile | undefined {
  const total = histogram.buckets.at(-1)?.count ?? 0;
  if (total <= 0) return undefined;
  const rank = q * total;
  let below = { le: 0, count: 0 };
  for (const bucket of histogram.buckets) {
    if (bucket.count >= rank) {
      if (!Number.isFinite(bucket.le)) return { value: below.le, atLeast: true };
      const inside = bucket.count - below.count;
      const part = inside <= 0 ? 1 : (rank - below.count) / inside;
      return { value: below.le + (bucket.le - below.le) * part, atLeast: false };
    }
    below = bucket;
  }
  return { value: below.le, atLeast: true };
}

/** What is read of the histogram of pulls; undefined without observations. */
export function durationsOf(histogram: Histogram): Durations | undefined {
  const [median, p95] = [quantile(histogram, 0.5), highOf(histogram)];
  return median && p95 ? { count: histogram.count, median, p95 } : undefined;
}

/** How long 95 % of the observations took at most; undefined without observations. */
export function highOf(histogram: Histogram): Quantile | undefined {
  return quantile(histogram, 0.95);
}

/** What `read` says of each histogram whose key is `wanted`; one without observations is left out. */
export function readEach<T>(
  histograms: Iterable<readonly [string, Histogram]>,
  read: (histogram: Histogram) => T | undefined,
  wanted: (key: string) => boolean = () => true,
): Readonly<Record<string, T>> {
  const figures: Record<string, T> = {};
  for (const [key, histogram] of histograms) {
    const figure = wanted(key) ? read(histogram) : undefined;
    if (figure !== undefined) figures[key] = figure;
  }
  return figures;
}
