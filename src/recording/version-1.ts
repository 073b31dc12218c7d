import { z } from 'zod';
import { durationsOf, highOf, readEach } from '../facts/histogram.ts';
import { type KubeletSample, QUICK_OPERATIONS } from '../facts/kubernetes/kubelet-reading.ts';

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
    const { sync } = readEach(Object.entries(podWorkers), highOf, (operation) => operation === 'sync');
    return {
      ...counters,
      pullDurations: readEach(Object.entries(pullDurations), durationsOf),
      runtimeOperations: readEach(Object.entries(runtimeOperations), highOf, (operation) => QUICK_OPERATIONS.has(operation)),
      ...(sync ? { podSync: sync } : {}),
    };
  });
