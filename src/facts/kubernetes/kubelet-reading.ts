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
}

/** A quantile in seconds; `atLeast` when it lies beyond the last finite bucket that the kubelet counts in. */
export interface Quantile {
  readonly value: number;
  readonly atLeast: boolean;
}

/** How long pulls took: how many there were, and how long half and 95 % of them took at most. */
export interface Durations {
  readonly count: number;
  readonly median: Quantile;
  readonly p95: Quantile;
}

/** Runtime operations that do no work of their own: slow ones mean a slow runtime. The others are not read. */
export const QUICK_OPERATIONS: ReadonlySet<string> = new Set([
  'version',
  'status',
  'list_containers',
  'list_podsandbox',
  'container_status',
  'podsandbox_status',
  'list_images',
  'image_status',
]);

/** The few figures that are read of a kubelet's metrics (pkg/kubelet/metrics/metrics.go). Counters are totals since the kubelet started. */
export interface KubeletSample {
  /** RFC 3339. */
  readonly at: string;
  /** When the kubelet started to count, RFC 3339. */
  readonly startedAt?: string;
  readonly pulls?: number;
  readonly pullErrors?: number;
  /** kubelet_image_pull_duration_seconds by its label image_size_in_bytes; successful pulls only. */
  readonly pullDurations: Readonly<Record<string, Durations>>;
  /** kubelet_evictions by eviction_signal. */
  readonly evictions: Readonly<Record<string, number>>;
  /** How long 95 % of the calls took at most: kubelet_runtime_operations_duration_seconds of the quick operations, by operation_type. */
  readonly runtimeOperations: Readonly<Record<string, Quantile>>;
  /** How long 95 % of the kubelet's rounds over one pod took at most: kubelet_pod_worker_duration_seconds of operation_type sync. */
  readonly podSync?: Quantile;
}
