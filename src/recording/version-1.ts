import { z } from 'zod';
import { durationsOf } from '../diagnosis/histogram.ts';
import { type Durations, type KubeletSample, QUICK_OPERATIONS } from '../diagnosis/kubelet-reading.ts';

/** What recordings of version 1 hold otherwise: whole histograms of a kubelet's metrics, of which only a few figures are read. */

// JSON has no infinity; the last bucket of a histogram is written as null.
const Histogram = z.object({
  buckets: z.array(
    z.object({
      le: z
        .number()
        .nullable()
        .transform((le) => le ?? Number.POSITIVE_INFINITY),
      count: z.number(),
    }),
  ),
  count: z.number(),
});
const Histograms = z.record(z.string(), Histogram);

/** Reads what version 1 kept of a kubelet's metrics as the figures that are read of it. */
export const SampleOfVersion1 = z
  .object({
    at: z.string(),
    startedAt: z.string().exactOptional(),
    pulls: z.number().exactOptional(),
    pullErrors: z.number().exactOptional(),
    pullDurations: Histograms,
    evictions: z.record(z.string(), z.number()),
    runtimeOperations: Histograms,
    podWorkers: Histograms,
  })
  .transform(({ pullDurations, runtimeOperations, podWorkers, ...counters }): KubeletSample => {
    const { sync } = durations(podWorkers, (operation) => operation === 'sync');
    return {
      ...counters,
      pullDurations: durations(pullDurations, () => true),
      runtimeOperations: durations(runtimeOperations, (operation) => QUICK_OPERATIONS.has(operation)),
      ...(sync ? { podSync: sync } : {}),
    };
  });

function durations(histograms: z.output<typeof Histograms>, wanted: (operation: string) => boolean): Readonly<Record<string, Durations>> {
  return Object.fromEntries(
    Object.entries(histograms).flatMap(([key, histogram]) => {
      const figures = wanted(key) ? durationsOf(histogram) : undefined;
      return figures ? [[key, figures]] : [];
    }),
  );
}
