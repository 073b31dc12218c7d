import { z } from 'zod';

const FileSystem = z.object({
  availableBytes: z.number().nullish(),
  capacityBytes: z.number().nullish(),
  usedBytes: z.number().nullish(),
  inodesFree: z.number().nullish(),
  inodes: z.number().nullish(),
});
/** How full one file system of a node is; what the kubelet does not know is absent. */
export type FileSystem = z.infer<typeof FileSystem>;

/** The kubelet's /stats/summary, cut down to its file systems: nodefs, imagefs and containerfs. */
export const StatsSummary = z.object({
  node: z.object({
    fs: FileSystem.nullish(),
    runtime: z.object({ imageFs: FileSystem.nullish(), containerFs: FileSystem.nullish() }).nullish(),
  }),
});
export type StatsSummary = z.infer<typeof StatsSummary>;

/** The kubelet's /configz, cut down to what decides how images are pulled and cleaned up. */
export const KubeletConfiguration = z.object({
  serializeImagePulls: z.boolean().nullish(),
  maxParallelImagePulls: z.number().nullish(),
  registryPullQPS: z.number().nullish(),
  registryBurst: z.number().nullish(),
  imageGCHighThresholdPercent: z.number().nullish(),
  imageGCLowThresholdPercent: z.number().nullish(),
  imageMinimumGCAge: z.string().nullish(),
  imagePullCredentialsVerificationPolicy: z.string().nullish(),
  containerLogMaxSize: z.string().nullish(),
  containerLogMaxFiles: z.number().nullish(),
  containerRuntimeEndpoint: z.string().nullish(),
  evictionHard: z.record(z.string(), z.string()).nullish(),
});
export type KubeletConfiguration = z.infer<typeof KubeletConfiguration>;

/** A cumulative histogram: how many observations were at most `le` seconds; the last bucket is infinite. */
export interface Histogram {
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
  readonly count: number;
  readonly sum: number;
}

/** What one look at a kubelet's metrics showed (pkg/kubelet/metrics/metrics.go). Counters are totals since the kubelet started. */
export interface KubeletSample {
  /** RFC 3339. */
  readonly at: string;
  /** When the kubelet started to count, RFC 3339. */
  readonly startedAt?: string;
  readonly pulls?: number;
  readonly pullErrors?: number;
  /** kubelet_image_pull_duration_seconds by its label image_size_in_bytes; successful pulls only. */
  readonly pullDurations: Readonly<Record<string, Histogram>>;
  /** kubelet_evictions by eviction_signal. */
  readonly evictions: Readonly<Record<string, number>>;
  /** kubelet_runtime_operations_duration_seconds by operation_type. */
  readonly runtimeOperations: Readonly<Record<string, Histogram>>;
  /** kubelet_pod_worker_duration_seconds by operation_type: the sync loop's work per pod. */
  readonly podWorkers: Readonly<Record<string, Histogram>>;
  readonly imagesGarbageCollected?: number;
}
