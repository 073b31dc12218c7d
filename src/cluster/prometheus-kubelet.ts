import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { parseJson } from '../diagnosis/json.ts';
import type { KubeletSample } from '../diagnosis/kubelet-reading.ts';
import type { Node } from '../diagnosis/kubernetes-object.ts';
import { CodedError } from '../errors.ts';
import type { KubeletReader } from './cluster.ts';
import { kubeletSample } from './kubelet-metrics.ts';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** The older of the two samples, for a baseline. */
const BASELINE_S = 3_600;

const Answer = z.object({
  status: z.string(),
  error: z.string().nullish(),
  data: z
    .object({
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })).max(50_000),
    })
    .nullish(),
});

/** Kubelet figures out of a Prometheus that scrapes kubelets: now and an hour ago. Stats, configuration and log are not to be had there. */
export function createPrometheusKubelet(options: { readonly url: string; readonly now?: () => Date }): KubeletReader {
  const base = URL.parse(options.url);
  if (!base || !/^https?:$/.test(base.protocol))
    throw new CodedError('usage/no-prometheus', '--prometheus needs the URL of a Prometheus server, such as https://prometheus.example.');
  const server = base;
  const now = options.now ?? (() => new Date());

  async function sample(node: Node, at: Date, signal?: AbortSignal): Promise<KubeletSample> {
    const url = new URL(`${server.pathname.replace(/\/+$/, '')}/api/v1/query`, server);
    url.searchParams.set('query', queryFor(node.metadata.name));
    url.searchParams.set('time', String(at.getTime() / 1000));
    const answer = Answer.safeParse(parseJson(await get(url, server, signal)));
    if (!answer.success || answer.data.status !== 'success' || !answer.data.data)
      throw new CodedError(
        'kubelet/bad-answer',
        `${server.host} does not answer like a Prometheus${answer.data?.error ? `: ${answer.data.error.slice(0, 200)}` : ''}.`,
      );
    const samples = answer.data.data.result.map(({ metric: { __name__: name = '', ...labels }, value }) => ({
      name,
      labels,
      value: Number(value[1]),
    }));
    return kubeletSample(samples, at.toISOString());
  }

  const unsupported = async (): Promise<never> => {
    throw new CodedError(
      'kubelet/unsupported',
      'A Prometheus has the metrics of a kubelet only; choose --kubelet direct or apiserver-proxy for disks, configuration and log.',
    );
  };

  return {
    access: 'prometheus',
    async sampleMetrics(node, signal) {
      const at = now();
      const samples = await Promise.all([sample(node, new Date(at.getTime() - BASELINE_S * 1000), signal), sample(node, at, signal)]);
      if (samples[1]?.pulls === undefined)
        throw new CodedError(
          'kubelet/unsupported',
          `${server.host} has no kubelet metrics with the label node="${node.metadata.name}" or such an instance.`,
        );
      // An hour ago the node may not have existed.
      return samples.filter((given) => given.pulls !== undefined);
    },
    readStats: unsupported,
    readConfiguration: unsupported,
    readLog: unsupported,
  };
}

/** One query for everything, by the labels that scrape configurations usually give kubelets. */
function queryFor(node: string): string {
  const metrics =
    'kubelet_(runtime_operations_total|runtime_operations_errors_total|evictions|image_garbage_collected_total|image_pull_duration_seconds_(bucket|count|sum))';
  const name = JSON.stringify(node);
  const instance = JSON.stringify(`${node.replace(/[.\\+*?()|[\]{}^$]/g, '\\$&')}(:[0-9]+)?`);
  return `{__name__=~"${metrics}",node=${name}} or {__name__=~"${metrics}",instance=~${instance}}`;
}

/** The URL's own login, if it has one, goes nowhere else: redirects are not followed. */
function get(url: URL, server: URL, signal: AbortSignal | undefined): Promise<string> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const login = server.username === '' ? {} : { auth: `${decodeURIComponent(server.username)}:${decodeURIComponent(server.password)}` };
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        new CodedError(
          'kubelet/unreachable',
          `Prometheus at ${server.host} cannot be asked: ${cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)}.`,
          { cause },
        ),
      );
    const bare = new URL(url);
    bare.username = '';
    bare.password = '';
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
      bare,
      {
        ...login,
        headers: { accept: 'application/json', 'user-agent': 'imagepull' },
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_BYTES) request.destroy(new Error(`the answer is larger than ${MAX_BYTES / 1024 / 1024} MiB`));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      },
    );
    request.on('error', fail);
    request.end();
  });
}
