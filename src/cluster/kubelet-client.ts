import { request as httpsRequest, type RequestOptions } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { parseJson } from '../diagnosis/json.ts';
import { KubeletConfiguration, StatsSummary } from '../diagnosis/kubelet-reading.ts';
import type { Node } from '../diagnosis/kubernetes-object.ts';
import { redact } from '../diagnosis/redaction.ts';
import { asCodedError, CodedError } from '../errors.ts';
import type { KubeletReader } from './cluster.ts';
import { readKubeletMetrics } from './kubelet-metrics.ts';
import type { ReadText } from './kubernetes-cluster.ts';
import { matchingLines } from './log-lines.ts';

const MAX_METRICS_BYTES = 16 * 1024 * 1024;
const MAX_LOG_BYTES = 16 * 1024 * 1024;
const MAX_JSON_BYTES = 4 * 1024 * 1024;
/** Two samples this far apart show whether pulls fail at this moment. */
const SAMPLE_GAP_MS = 1_000;
const LOG_LINES = 2_000;
const REQUEST_TIMEOUT_MS = 10_000;
const KUBELET_PORT = 10_250;

/** Reads a path of a kubelet as text. */
type ReadKubelet = (
  node: Node,
  path: string,
  query: readonly (readonly [string, string])[],
  options: { readonly signal?: AbortSignal; readonly maxBytes: number; readonly accept: string },
) => Promise<string>;

/** The kubelet by way of the API server's node proxy. Its right, nodes/proxy, lets its holder run commands in any pod. */
export function createProxiedKubelet(readText: ReadText): KubeletReader {
  return createKubelet('apiserver-proxy', async (node, path, query, options) => {
    const name = node.metadata.name;
    try {
      return await readText(`/api/v1/nodes/${encodeURIComponent(name)}/proxy${path}`, query, options);
    } catch (cause) {
      const error = asCodedError(cause);
      if (error.code === 'cluster/forbidden') throw new CodedError('kubelet/forbidden', forbiddenByApiServer(name), { cause });
      if (error.code === 'cluster/not-found')
        throw new CodedError('kubelet/unsupported', `The kubelet of ${name} does not offer ${path}.`, { cause });
      if (error.code === 'cluster/unavailable' || error.code === 'cluster/unreachable')
        throw new CodedError('kubelet/unreachable', `The API server cannot read the kubelet of ${name}: ${error.message}`, { cause });
      throw cause;
    }
  });
}

function forbiddenByApiServer(node: string): string {
  return `Reading the kubelet of ${node} through the API server needs this rule in a ClusterRole:
  - apiGroups: [""]
    resources: ["nodes/proxy"]
    verbs: ["get"]
It also lets its holder run commands in any pod; --kubelet direct needs less.`;
}

/** The kubelet on its own port, which needs a network path to the node. Its serving certificate is checked against the cluster's authority. */
export function createDirectKubelet(config: KubeConfig, options: { readonly acceptAnyCertificate?: boolean } = {}): KubeletReader {
  let prepared: Promise<RequestOptions> | undefined;
  const connection = () => {
    prepared ??= (async () => {
      const made: RequestOptions = {};
      await config.applyToHTTPSOptions(made);
      return made;
    })();
    return prepared;
  };
  return createKubelet('direct', async (node, path, query, how) => {
    const { host, port } = addressOf(node);
    const url = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`);
    for (const [name, value] of query) url.searchParams.append(name, value);
    const base = await connection();
    const answer = await send(url, { ...base, ...(options.acceptAnyCertificate ? { rejectUnauthorized: false } : {}) }, how).catch(
      (cause: unknown) => {
        throw unreachable(node.metadata.name, `${host}:${port}`, cause);
      },
    );
    return checked(answer, node.metadata.name, path);
  });
}

function addressOf(node: Node): { readonly host: string; readonly port: number } {
  const addresses = node.status.addresses ?? [];
  const address = ['InternalIP', 'ExternalIP', 'Hostname'].flatMap((type) => addresses.find((entry) => entry.type === type) ?? [])[0];
  if (!address)
    throw new CodedError('kubelet/unreachable', `Node ${node.metadata.name} reports no address at which its kubelet could be asked.`);
  return { host: address.address, port: node.status.daemonEndpoints?.kubeletEndpoint?.Port || KUBELET_PORT };
}

/** The right that each path of a kubelet needs (pkg/kubelet/server/auth.go). */
const RESOURCES: readonly (readonly [path: string, resource: string])[] = [
  ['/metrics', 'nodes/metrics'],
  ['/stats', 'nodes/stats'],
  ['/logs', 'nodes/log'],
  ['/configz', 'nodes/configz'],
];

function checked(answer: { readonly status: number; readonly body: string }, node: string, path: string): string {
  const { status, body } = answer;
  if (status === 200) return body;
  const resource = RESOURCES.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'nodes/proxy';
  const older = resource === 'nodes/configz' ? ' Before Kubernetes 1.33 it is nodes/proxy.' : '';
  if (status === 401 || status === 403) {
    throw new CodedError(
      'kubelet/forbidden',
      `The kubelet of ${node} refuses ${path} (${status}). This rule in a ClusterRole would allow it:\n  - apiGroups: [""]\n    resources: ["${resource}"]\n    verbs: ["get"]${older}`,
    );
  }
  throw new CodedError(
    'kubelet/bad-answer',
    `The kubelet of ${node} answers ${status} for ${path}: ${redact(body.slice(0, 200)).split('\n', 1)[0]}`,
  );
}

function unreachable(node: string, address: string, cause: unknown): CodedError {
  if (cause instanceof CodedError) return cause;
  const timedOut = cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError');
  const why = timedOut ? 'no answer in time' : cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? cause.name) : String(cause);
  return new CodedError('kubelet/unreachable', `The kubelet of ${node} cannot be reached at ${address}: ${redact(why)}.`, { cause });
}

function send(
  url: URL,
  base: RequestOptions,
  how: { readonly signal?: AbortSignal; readonly maxBytes: number; readonly accept: string },
): Promise<{ readonly status: number; readonly body: string }> {
  const limit = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const signal = how.signal ? AbortSignal.any([how.signal, limit]) : limit;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      url,
      { ...base, method: 'GET', headers: { ...base.headers, accept: how.accept, 'user-agent': 'imagepull' }, signal },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > how.maxBytes) request.destroy(new Error(`the answer is larger than ${how.maxBytes / 1024 / 1024} MiB`));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
      },
    );
    request.on('error', reject);
    request.end();
  });
}

/** What both ways have in common. */
function createKubelet(access: 'direct' | 'apiserver-proxy', read: ReadKubelet): KubeletReader {
  async function readJson<T>(node: Node, path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const body = await read(node, path, [], { maxBytes: MAX_JSON_BYTES, accept: 'application/json', ...(signal ? { signal } : {}) });
    const parsed = schema.safeParse(parseJson(body));
    if (parsed.success) return parsed.data;
    throw new CodedError('kubelet/bad-answer', `The kubelet of ${node.metadata.name} answers ${path} with something else than it should.`);
  }

  return {
    access,
    async sampleMetrics(node, signal) {
      const sample = async () => {
        const text = await read(node, '/metrics', [], { maxBytes: MAX_METRICS_BYTES, accept: 'text/plain', ...(signal ? { signal } : {}) });
        return readKubeletMetrics(text, new Date().toISOString());
      };
      const first = await sample();
      await pause(SAMPLE_GAP_MS, undefined, signal ? { signal } : {});
      return [first, await sample()];
    },
    readStats: (node, signal) => readJson(node, '/stats/summary', StatsSummary, signal),
    readConfiguration: async (node, signal) => (await readJson(node, '/configz', Configz, signal)).kubeletconfig,
    async readLog(node, query, signal) {
      const ask = (options: readonly (readonly [string, string])[]) =>
        read(node, '/logs/', [['query', 'kubelet'], ['query', 'containerd'], ...options], {
          maxBytes: MAX_LOG_BYTES,
          accept: 'text/plain',
          ...(signal ? { signal } : {}),
        });
      const text = await ask([
        ['sinceTime', query.since.toISOString()],
        ['tailLines', String(LOG_LINES)],
      ]);
      const problem = logProblem(text);
      if (problem === undefined) return matchingLines(text, query);
      // Where the log is a file, the kubelet refuses every option and hands out the whole file without them.
      if (problem !== 'no options')
        throw new CodedError('kubelet/unsupported', `The kubelet of ${node.metadata.name} offers no log queries: ${problem}.`);
      return matchingLines(await ask([]), query);
    },
  };
}

const Configz = z.object({ kubeletconfig: KubeletConfiguration });

/** The log query answers 200 for failures as well; the text tells them apart. */
function logProblem(text: string): string | undefined {
  const start = text.slice(0, 400).trim();
  if (start.startsWith('options present and query resolved to log files')) return 'no options';
  if (/^log not found for /.test(start) && text.length < 1000) return redact(start.split('\n', 1)[0] ?? start);
  if (/^(?:<pre>|<!doctype html>|<a href=)/i.test(start)) return 'it lists files instead (log queries are off)';
  return undefined;
}
