import { z } from 'zod';
import { asCodedError, CodedError } from '../../errors.ts';
import { parseJson } from '../../facts/json.ts';
import type { KubeletSample } from '../../facts/kubernetes/kubelet-reading.ts';
import type { Node } from '../../facts/kubernetes/kubernetes-object.ts';
import { redact } from '../../facts/redaction.ts';
import { sendGet } from '../../network/http/get.ts';
import { sentence } from '../../text/wording.ts';
import type { KubeletReader } from '../cluster.ts';
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

/** Kubelet figures out of a Prometheus that scrapes kubelets: now and an hour ago. It has no stats, configuration or log. */
export function createPrometheusKubelet(options: { readonly url: string; readonly now?: () => Date }): KubeletReader {
  const base = URL.parse(options.url);
  if (!base || !/^https?:$/.test(base.protocol))
    throw new CodedError('usage/no-prometheus', '--prometheus needs the URL of a Prometheus server, such as https://prometheus.example.');
  const server = new URL(base);
  // The login goes into a header; node would take it out of the URL of a redirect as well.
  const login = base.username === '' ? {} : { auth: `${decoded(base.username)}:${decoded(base.password)}` };
  server.username = '';
  server.password = '';
  const now = options.now ?? (() => new Date());

  let requests = 0;

  async function sample(node: Node, at: Date, signal?: AbortSignal): Promise<KubeletSample> {
    const url = new URL(`${server.pathname.replace(/\/+$/, '')}/api/v1/query`, server);
    url.searchParams.set('query', queryFor(node.metadata.name));
    url.searchParams.set('time', String(at.getTime() / 1000));
    requests += 1;
    const got = await sendGet(url, login, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, accept: 'application/json', signal }).catch(
      (cause: unknown) => {
        const why = asCodedError(cause).message.split('\n', 1)[0] ?? '';
        throw new CodedError('kubelet/unreachable', sentence(`Prometheus at ${server.host} cannot be asked: ${redact(why)}`), { cause });
      },
    );
    const answer = Answer.safeParse(parseJson(got.body));
    if (!answer.success || answer.data.status !== 'success' || !answer.data.data)
      throw new CodedError(
        'kubelet/bad-answer',
        `${server.host} does not answer like a Prometheus${answer.data?.error ? `: ${redact(answer.data.error.slice(0, 200))}` : ''}.`,
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
    requests: () => requests,
    async sampleMetrics(node, signal) {
      const at = now();
      const baseline = sample(node, new Date(at.getTime() - BASELINE_S * 1000), signal);
      const [before, current] = await Promise.allSettled([baseline, sample(node, at, signal)]);
      // What is now must be known; an hour ago may be beyond what is kept.
      if (current.status === 'rejected') throw current.reason;
      const samples = [...(before.status === 'fulfilled' ? [before.value] : []), current.value];
      if (current.value.pulls === undefined)
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
  const metrics = 'kubelet_(runtime_operations_total|runtime_operations_errors_total|evictions|image_pull_duration_seconds_(bucket|count))';
  const name = JSON.stringify(node);
  const instance = JSON.stringify(`${node.replace(/[.\\+*?()|[\]{}^$]/g, '\\$&')}(:[0-9]+)?`);
  return `{__name__=~"${metrics}",node=${name}} or {__name__=~"${metrics}",instance=~${instance}}`;
}

function decoded(text: string): string {
  return /%(?![0-9a-f]{2})/i.test(text) ? text : decodeURIComponent(text);
}
