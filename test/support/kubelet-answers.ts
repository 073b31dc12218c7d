import type { KubeletAnswers } from './api-server.ts';

const GB = 1_000_000_000;

/** A kubelet that is well: room on its disks, few failed pulls, one pull at a time, a log without interest. */
export function healthyKubelet(
  given: { readonly freeBytes?: number; readonly log?: string; readonly pulls?: number; readonly errors?: number } = {},
): KubeletAnswers {
  const fs = { availableBytes: given.freeBytes ?? 60 * GB, capacityBytes: 100 * GB, inodesFree: 900_000, inodes: 1_000_000 };
  return {
    '/metrics': `# TYPE kubelet_runtime_operations_total counter
kubelet_runtime_operations_total{operation_type="pull_image"} ${given.pulls ?? 100}
kubelet_runtime_operations_errors_total{operation_type="pull_image"} ${given.errors ?? 1}
kubelet_image_pull_duration_seconds_bucket{image_size_in_bytes="10MB-100MB",le="1"} 10
kubelet_image_pull_duration_seconds_bucket{image_size_in_bytes="10MB-100MB",le="5"} 90
kubelet_image_pull_duration_seconds_bucket{image_size_in_bytes="10MB-100MB",le="+Inf"} 99
kubelet_image_pull_duration_seconds_sum{image_size_in_bytes="10MB-100MB"} 250
kubelet_image_pull_duration_seconds_count{image_size_in_bytes="10MB-100MB"} 99
`,
    '/stats/summary': JSON.stringify({ node: { fs, runtime: { imageFs: fs, containerFs: fs } } }),
    '/configz': JSON.stringify({
      kubeletconfig: {
        serializeImagePulls: true,
        registryPullQPS: 5,
        registryBurst: 10,
        imageGCHighThresholdPercent: 85,
        imageGCLowThresholdPercent: 80,
        containerLogMaxSize: '10Mi',
        containerLogMaxFiles: 5,
      },
    }),
    '/logs/': given.log ?? 'I0301 10:00:00.000000 1 kubelet.go:1] "Starting"\n',
  };
}
