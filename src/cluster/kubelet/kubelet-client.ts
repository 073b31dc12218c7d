import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { asCodedError, CodedError } from '../../errors.ts';
import { parseJson } from '../../facts/json.ts';
import { KubeletConfiguration, StatsSummary } from '../../facts/kubernetes/kubelet-reading.ts';
import type { Node } from '../../facts/kubernetes/kubernetes-object.ts';
import { redact } from '../../facts/redaction.ts';
import { type GetAnswer, sendGet } from '../../network/http/get.ts';
import { createAnswerCache } from '../../timing/answer-cache.ts';
import type { ReadText } from '../api-client.ts';
import type { KubeletReader } from '../cluster.ts';
import { createCredentials } from '../credentials.ts';
import { type RightsHolder, tellOfRequest } from '../sent-requests.ts';
import { readKubeletMetrics } from './kubelet-metrics.ts';
import { directRefusal, outOfReach, proxyRefusal } from './kubelet-refusal.ts';
import { kubeletRight } from './kubelet-right.ts';
import { matchingLines } from './log-lines.ts';

const MAX_METRICS_BYTES = 16 * 1024 * 1024;
const MAX_LOG_BYTES = 16 * 1024 * 1024;
const MAX_JSON_BYTES = 4 * 1024 * 1024;
const LOG_LINES = 2_000;
const REQUEST_TIMEOUT_MS = 10_000;
const KUBELET_PORT = 10_250;
/** Nobody asks a kubelet again for so long once it could not be reached; long enough for all the steps of a run. */
const BELIEVE_MS = 30_000;
const MAX_NODES = 1_000;
/** The kubelet offers its log as any type, so it takes no request that wants one in particular (406). */
const ANY_TYPE = '*/*';

/** Reads a path of a kubelet as text. */
type ReadKubelet = (
  node: Node,
  path: string,
  query: readonly (readonly [string, string])[],
  options: { readonly signal?: AbortSignal; readonly maxBytes: number; readonly accept: string; readonly overflow?: 'keep-end' },
) => Promise<string>;

/** The kubelet by way of the API server's node proxy. Its right, nodes/proxy, lets its holder run commands in any pod. */
export function createProxiedKubelet(readText: ReadText): KubeletReader {
  // The cluster counts these requests among its own.
  const requests = () => 0;
  return createKubelet({ access: 'apiserver-proxy', requests }, async (node, path, query, options) => {
    const { name } = node.metadata;
    try {
      const refusal = (answer: GetAnswer) => proxyRefusal(answer, name, path);
      return await readText(`/api/v1/nodes/${encodeURIComponent(name)}/proxy${path}`, query, { ...options, refusal });
    } catch (cause) {
      const error = asCodedError(cause);
      if (error.code === 'cluster/bad-answer')
        throw new CodedError('kubelet/bad-answer', `The kubelet of ${name} does not answer ${path} as it should: ${error.message}`, {
          cause,
        });
      if (error.code === 'cluster/unavailable' || error.code === 'cluster/unreachable') throw outOfReach(name, error.message, cause);
      throw cause;
    }
  });
}

/** The kubelet on its own port, which needs a network path to the node. Its serving certificate is checked against the cluster's authority. */
export function createDirectKubelet(
  config: KubeConfig,
  options: { readonly acceptAnyCertificate?: boolean; readonly holder?: RightsHolder | undefined } = {},
): KubeletReader {
  const credentials = createCredentials(config);
  // What the kubeconfig says of the API server's certificate says nothing of a kubelet's.
  const forKubelet = ({ servername: _, ...prepared }: RequestOptions) => ({
    ...prepared,
    rejectUnauthorized: !options.acceptAnyCertificate,
  });
  let requests = 0;
  return createKubelet({ access: 'direct', requests: () => requests }, async (node, path, query, how) => {
    const { name } = node.metadata;
    const { host, port } = addressOf(node);
    const url = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`);
    for (const [key, value] of query) url.searchParams.append(key, value);
    const withoutCredentials = (cause: unknown) => {
      throw new CodedError('kubelet/unreachable', `There are no credentials to ask the kubelet of ${name} with: ${reasonOf(cause)}.`, {
        cause,
      });
    };
    const send = (base: RequestOptions) => {
      requests += 1;
      tellOfRequest({ holder: options.holder, right: kubeletRight(path, name) });
      return sendGet(url, forKubelet(base), { timeoutMs: REQUEST_TIMEOUT_MS, ...how }).catch((cause: unknown) => {
        throw unreachable(name, `${host}:${port}`, cause);
      });
    };
    const base = await credentials.forRequest().catch(withoutCredentials);
    const first = await send(base);
    const other = first.status === 401 ? await credentials.insteadOf(base).catch(withoutCredentials) : undefined;
    const answer = other ? await send(other) : first;
    if (answer.status === 200) return answer.body;
    throw directRefusal(answer, name, path);
  });
}

function addressOf(node: Node): { readonly host: string; readonly port: number } {
  const addresses = node.status.addresses ?? [];
  const address = ['InternalIP', 'ExternalIP', 'Hostname'].flatMap((type) => addresses.find((entry) => entry.type === type) ?? [])[0];
  if (!address)
    throw new CodedError('kubelet/unreachable', `Node ${node.metadata.name} reports no address at which its kubelet could be asked.`);
  return { host: address.address, port: node.status.daemonEndpoints?.kubeletEndpoint?.Port || KUBELET_PORT };
}

function unreachable(node: string, address: string, cause: unknown): CodedError {
  if (cause instanceof CodedError) return new CodedError('kubelet/bad-answer', cause.message, { cause });
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const hint = /SELF_SIGNED|VERIFY|ALTNAME/.test(code)
    ? ' Its certificate is not signed by the authority of the cluster; --kubelet-any-certificate accepts it all the same.'
    : '';
  return new CodedError('kubelet/unreachable', `The kubelet of ${node} cannot be reached at ${address}: ${reasonOf(cause)}.${hint}`, {
    cause,
  });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'TimeoutError' || cause.name === 'AbortError') return 'no answer in time';
  return redact((cause.message || cause.name).split(/[\n;]/, 1)[0] ?? cause.name);
}

/** What both ways have in common. */
function createKubelet(how: Pick<KubeletReader, 'access' | 'requests'>, send: ReadKubelet): KubeletReader {
  const reach = createAnswerCache({ now: () => performance.now(), keepMs: BELIEVE_MS, max: MAX_NODES });

  /** The first question to a node goes ahead alone: where it shows that the kubelet is out of reach, the others are not sent. */
  async function read(...[node, path, query, options]: Parameters<ReadKubelet>): Promise<string> {
    let first: Promise<string> | undefined;
    const ask = () => {
      first = send(node, path, query, options);
      return first.then(
        () => undefined,
        (cause: unknown) => obstacleTo(cause, how.access),
      );
    };
    const { answer: obstacle } = await reach({ key: node.metadata.name, ask, signal: options.signal });
    if (first) return first;
    if (obstacle) throw obstacle;
    return send(node, path, query, options);
  }

  async function readJson<T>(node: Node, path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const body = await read(node, path, [], { maxBytes: MAX_JSON_BYTES, accept: 'application/json', ...(signal ? { signal } : {}) });
    const parsed = schema.safeParse(parseJson(body));
    if (parsed.success) return parsed.data;
    throw new CodedError('kubelet/bad-answer', `The kubelet of ${node.metadata.name} answers ${path} with something else than it should.`);
  }

  return {
    ...how,
    async sampleMetrics(node, signal) {
      const text = await read(node, '/metrics', [], { maxBytes: MAX_METRICS_BYTES, accept: 'text/plain', ...(signal ? { signal } : {}) });
      return [readKubeletMetrics(text, new Date().toISOString())];
    },
    readStats: (node, signal) => readJson(node, '/stats/summary', StatsSummary, signal),
    readConfiguration: async (node, signal) => (await readJson(node, '/configz', Configz, signal)).kubeletconfig,
    async readLog(node, query, signal) {
      const ask = async (options: readonly (readonly [string, string])[]) => {
        const text = await read(node, '/logs/', [...servicesOf(node).map((service) => ['query', service] as const), ...options], {
          maxBytes: MAX_LOG_BYTES,
          accept: ANY_TYPE,
          overflow: 'keep-end',
          ...(signal ? { signal } : {}),
        });
        return { text, problem: logProblem(text) };
      };
      // With sinceTime beside it, tailLines would give the first lines instead of the last.
      const first = await ask([['tailLines', String(LOG_LINES)]]);
      // Where the log is a file, the kubelet refuses every option and hands out the whole file without them.
      const { text, problem } = first.problem === 'no options' ? await ask([]) : first;
      if (problem !== undefined)
        throw new CodedError('kubelet/unsupported', `The kubelet of ${node.metadata.name} offers no log queries: ${problem}.`);
      return matchingLines(text, query);
    },
  };
}

/** The services whose log is asked for: the kubelet, and the runtime that the node runs. */
function servicesOf({ status }: Node): readonly string[] {
  const runtime = status.nodeInfo?.containerRuntimeVersion?.split('://', 1)[0];
  if (runtime === 'cri-o') return ['kubelet', 'crio'];
  return runtime === 'docker' ? ['kubelet', 'docker', 'cri-docker'] : ['kubelet', 'containerd'];
}

/** What stands in the way of all questions: a kubelet out of reach, or the one right that the API server's proxy takes; any other failure is an answer to one. */
function obstacleTo(cause: unknown, access: KubeletReader['access']): CodedError | undefined {
  if (!(cause instanceof CodedError)) return undefined;
  const isFinal = cause.code === 'kubelet/unreachable' || (cause.code === 'kubelet/forbidden' && access === 'apiserver-proxy');
  return isFinal ? cause : undefined;
}

const Configz = z.object({ kubeletconfig: KubeletConfiguration });

/** The log query answers 200 for failures as well; the text tells, at its start or, where a journal came first, at its end. */
function logProblem(text: string): string | undefined {
  const ends = [text.slice(0, 400).trim(), text.slice(-400).trim()];
  if (ends.some((end) => end.includes('options present and query resolved to log files'))) return 'no options';
  const said = ends.map((end) =>
    /(?:^|\n)(?:error: )?(?:log not found for|journal output not available)[^\n]{0,200}/.exec(end)?.[0].trim(),
  );
  if (text.length < 1_000 && said[0] !== undefined) return redact(said[0]);
  if (/^(?:<pre>|<!doctype html>|<a href=)/i.test(ends[0] ?? '')) return 'it lists files instead (log queries are off)';
  return undefined;
}
