import { Agent as HttpAgent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import type { z } from 'zod';
import { CodedError } from '../errors.ts';
import { type GetAnswer, type GetOptions, sendGet } from '../network/http/get.ts';
import { sentence } from '../text/wording.ts';
import { openStream, type StreamAnswer, type StreamRequest } from './api-stream.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import { withoutAddress } from './hidden-address.ts';
import type { Impersonation, KubernetesAccess } from './kubeconfig.ts';
import { apiError, unreachable } from './kubernetes-error.ts';
import type { LeaseTransport, WriteAnswer } from './lease.ts';
import { type ApiVerb, type HttpMethod, type Query, requestedRight } from './requested-right.ts';
import { type RightsHolder, tellOfRequest } from './sent-requests.ts';

const REQUEST_TIMEOUT_MS = 10_000;
const MAX_ATTEMPTS = 3;
/** A server that asks for more than this is answered with an error instead of a wait. */
const MAX_RETRY_AFTER_MS = 5_000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** etcd keeps no object of more than 1.5 MiB. */
const MAX_OBJECT_BYTES = 8 * 1024 * 1024;

/** How a path of the API server is read as text. */
export interface TextOptions {
  readonly signal?: AbortSignal;
  readonly maxBytes: number;
  readonly accept: string;
  readonly overflow?: 'refuse' | 'keep-end';
  /** What an answer that is no success means, for paths that somebody behind the API server answers; undefined leaves it to the API server's own rules. */
  readonly refusal?: (answer: GetAnswer) => CodedError | undefined;
}

/** Reads a path of the API server as text; `maxBytes` caps the answer. Throws what ClusterReader throws. */
export type ReadText = (path: string, query: Query, options: TextOptions) => Promise<string>;

/** How the API server is asked. `reload` reads the kubeconfig anew. */
export type ApiAccess = Pick<KubernetesAccess, 'impersonate' | 'requestTimeoutMs' | 'called'> & {
  readonly reload?: () => Promise<KubeConfig>;
  /** Whose roles have to be enough for what is asked; undefined where a person's own rights are used. */
  readonly holder?: RightsHolder | undefined;
  /** Hears of every request: the verb that the API server authorizes, and the status; 0 where it did not answer. */
  readonly onAnswer?: OnAnswer | undefined;
};

/** Hears of a request to an API server. */
export type OnAnswer = (verb: ApiVerb, status: number) => void;

/** One write. It is sent once. */
export interface WriteRequest {
  readonly method: HttpMethod;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** `application/json` unless told. */
  readonly contentType?: string;
  /** On whose behalf, in place of the client's own setting. */
  readonly as?: Impersonation | undefined;
  /** Ends the wait; the client's own time limit holds without it. */
  readonly signal?: AbortSignal;
}

/** How objects are written. */
export interface WriteTransport {
  /** Status and body, whatever the status is. Throws `cluster/unreachable`, also where an answer did not come whole. */
  send(request: WriteRequest): Promise<WriteAnswer>;
  /** What an answer that is no success means. */
  error(answer: WriteAnswer, path: string, method: HttpMethod): CodedError;
}

/** What is asked of an API server. */
interface Asked {
  readonly method: HttpMethod;
  readonly path: string;
  readonly query: Query;
}

/** Requests to one API server: credentials, time limits, retries of reads by the server's own Retry-After, counted. */
export interface ApiClient {
  /** Reads a path as JSON of a schema. Throws what ClusterReader throws. */
  get<T>(path: string, query: Record<string, string | undefined>, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>;
  readonly readText: ReadText;
  /** Opens a path as a stream; whatever its status is, it is an answer. Throws `cluster/unreachable`. */
  stream(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<StreamAnswer>;
  readonly writes: WriteTransport;
  /** For Leases, and nothing else. */
  readonly leases: LeaseTransport;
  /** Requests sent so far. */
  requests(): number;
}

/** Opens no connection before the first request. */
export function createApiClient(config: KubeConfig, how: ApiAccess): ApiClient {
  const server = config.getCurrentCluster()?.server ?? '';
  const credentials = server.startsWith('http:') ? NOBODY : createCredentials(config, how.reload);
  const name = how.called === undefined ? server : `of ${how.called}`;
  const shown = (error: CodedError) => (how.called === undefined ? error : withoutAddress(error, server));
  let requests = 0;

  async function get<T>(path: string, query: Record<string, string | undefined>, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
    const body = await readText(path, given, { maxBytes: MAX_BODY_BYTES, accept: 'application/json', ...(signal ? { signal } : {}) });
    return parse(body, schema, path);
  }

  async function readText(...[path, query, options]: Parameters<ReadText>): Promise<string> {
    const asked: Asked = { method: 'GET', path, query };
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(asked, { timeoutMs: how.requestTimeoutMs ?? REQUEST_TIMEOUT_MS, ...options });
      if (answer.status === 200) return answer.body;
      const error = options.refusal?.(answer) ?? shown(apiError(answer, { path, server: name }));
      const waitMs = (answer.retryAfterSeconds ?? 2 ** (attempt - 1) / 2) * 1000;
      // What has expired stays so: whoever reads page by page begins anew.
      const mayMend = error.retryable && answer.status !== 410;
      if (!mayMend || attempt === MAX_ATTEMPTS || waitMs > MAX_RETRY_AFTER_MS) throw error;
      await sleep(waitMs, undefined, options.signal ? { signal: options.signal } : {});
    }
  }

  function urlOf({ path, query }: Asked): URL {
    const url = new URL(server.replace(/\/+$/, '') + path);
    for (const [key, value] of query) url.searchParams.append(key, value);
    return url;
  }

  const ask = (asked: Asked, options: GetOptions): Promise<GetAnswer> => authorized(asked, (base) => sendGet(urlOf(asked), base, options));

  const open = (asked: Asked, request: Omit<StreamRequest, 'method'>, as = how.impersonate): Promise<StreamAnswer> =>
    authorized(
      asked,
      (base) => openStream(urlOf(asked), base, { ...request, method: asked.method }),
      (refused) => refused.close(),
      as,
    );

  /** Sends a request, counted; once more with other credentials where the server does not take these. Throws `cluster/unreachable`. */
  async function authorized<T extends { readonly status: number }>(
    { method, path, query }: Asked,
    send: (base: RequestOptions) => Promise<T>,
    letGo: (refused: T) => void = () => undefined,
    as = how.impersonate,
  ): Promise<T> {
    const right = requestedRight(method, path, query);
    const failed =
      (stage: 'credentials' | 'connection') =>
      (cause: unknown): never => {
        throw shown(unreachable(name, cause, stage));
      };
    const sendAs = async (base: RequestOptions): Promise<T> => {
      requests += 1;
      tellOfRequest({ holder: how.holder, right, as });
      const headers = { ...base.headers, ...impersonation(as) };
      try {
        const answer = await send({ ...base, headers });
        how.onAnswer?.(right.verb, answer.status);
        return answer;
      } catch (cause) {
        how.onAnswer?.(right.verb, 0);
        return failed('connection')(cause);
      }
    };
    const base = await credentials.forRequest().catch(failed('credentials'));
    const answer = await sendAs(base);
    const other = answer.status === 401 ? await credentials.insteadOf(base).catch(failed('credentials')) : undefined;
    if (!other) return answer;
    letGo(answer);
    return sendAs(other);
  }

  const writes: WriteTransport = {
    async send({ method, path, query = {}, body, contentType, as, signal }) {
      const limit = AbortSignal.timeout(how.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
      const request = { signal: signal ?? limit, body, contentType, maxLineBytes: MAX_OBJECT_BYTES };
      const answer = await open({ method, path, query: Object.entries(query) }, request, as);
      const lines: string[] = [];
      try {
        for await (const line of answer.lines()) lines.push(line);
      } catch (cause) {
        throw shown(unreachable(name, cause, 'connection'));
      }
      return { status: answer.status, body: lines.join('\n') };
    },
    error: (answer, path, method) => shown(apiError(answer, { path, server: name, verb: requestedRight(method, path).verb })),
  };

  const leases: LeaseTransport = {
    send: (method, path, body, signal) => writes.send({ method, path, body, signal }),
    error: (answer, path) => shown(apiError(answer, { path, server: name })),
  };

  return {
    get,
    readText,
    writes,
    stream: (path, query, signal) => open({ method: 'GET', path, query: Object.entries(query) }, { signal }),
    leases,
    requests: () => requests,
  };
}

/** Nothing secret is sent over plain HTTP, as to `kubectl proxy`. */
const PLAIN = new HttpAgent({ keepAlive: true });
const NOBODY: Credentials = { forRequest: async () => ({ agent: PLAIN }), insteadOf: async () => undefined };

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonation(as: Impersonation | undefined): Record<string, string | readonly string[]> {
  if (!as) return {};
  return { 'Impersonate-User': as.user, ...(as.groups.length > 0 ? { 'Impersonate-Group': as.groups } : {}) };
}

function parse<T>(body: string, schema: z.ZodType<T>, path: string): T {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new CodedError(
      'cluster/bad-answer',
      `The API server's answer for ${path} is not JSON; is that address really a Kubernetes API server?`,
      { cause },
    );
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CodedError(
    'cluster/bad-answer',
    sentence(`The API server's answer for ${path} lacks ${issue?.path.join('.') || 'what it should hold'}: ${issue?.message}`),
    { cause: parsed.error },
  );
}
