import type { Histogram } from '../../facts/kubelet-reading.ts';

/**
 * A quantile of a cumulative histogram in its unit, interpolated inside its bucket as Prometheus does; `atLeast` when it lies beyond the
 * last finite bucket. Undefined without observations.
 */
export function quantile(histogram: Histogram, q: number): { readonly value: number; readonly atLeast: boolean } | undefined {
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
