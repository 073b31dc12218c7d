import type { IncomingMessage } from 'node:http';

/** What a kubelet serves, by path. `/logs/?options` is what it says to a log query with options, where that differs. */
export type KubeletAnswers = Readonly<Record<string, string>>;

/** One HTTP answer of a kubelet. */
export interface KubeletAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** What each path is served as; a request that takes none of it is turned away (seen on Kubernetes 1.36, as is all of this). */
const OFFERED: Readonly<Record<string, readonly string[]>> = { '/stats/summary': ['application/json'], '/logs/': ['*/*'] };
const NUMBERS = ['tailLines', 'boot'];

/** Answers as strictly as a real kubelet: by method, path, the types that the request takes, and the options of a log query. */
export function kubeletAnswer(
  request: Pick<IncomingMessage, 'method' | 'headers'>,
  target: string,
  answers: KubeletAnswers,
): KubeletAnswer {
  const url = new URL(target, 'https://kubelet.example');
  const text = (status: number, body: string): KubeletAnswer => ({ status, type: 'text/plain; charset=utf-8', body });
  const found = answers[url.pathname];
  if (found === undefined) return text(404, '404 page not found\n');
  if (request.method !== 'GET') return text(405, '405: Method Not Allowed');
  const offered = OFFERED[url.pathname] ?? ['*/*', 'text/plain', 'application/json'];
  if (!takes(request.headers.accept ?? '*/*', offered))
    return text(406, `406: Not Acceptable\n\nAvailable representations: ${offered.filter((type) => type !== '*/*').join(', ')}`);
  if (url.pathname !== '/logs/')
    return { status: 200, type: offered[0] === 'application/json' ? 'application/json' : 'text/plain', body: found };
  if (!url.searchParams.has('query'))
    return {
      status: 200,
      type: 'text/html; charset=utf-8',
      body: '<!doctype html>\n<pre>\n<a href="kubelet.log">kubelet.log</a>\n</pre>\n',
    };
  const wrong = NUMBERS.find((name) => !/^-?[0-9]+$/.test(url.searchParams.get(name) ?? '0'));
  if (wrong) return text(400, `${wrong}: Invalid value: "${url.searchParams.get(wrong)}": invalid syntax`);
  const hasOptions = [...url.searchParams.keys()].some((name) => name !== 'query');
  return { status: 200, type: 'text/plain;charset=UTF-8', body: (hasOptions ? answers['/logs/?options'] : undefined) ?? found };
}

function takes(accept: string, offered: readonly string[]): boolean {
  const wanted = accept.split(',').map((part) => part.split(';', 1)[0]?.trim() ?? '');
  return wanted.some((type) => type === '*/*' || (type !== '' && offered.includes(type)));
}

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
