import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { listObjects } from './list.ts';
import { ObjectStore } from './object-store.ts';
import { RESOURCES, type Target, targetOf } from './resource.ts';
import { ApiFailure, badRequest, NO_SUCH_PATH } from './status.ts';
import { watchObjects } from './watch.ts';

/** A stand-in of an API server, on a loopback port: real HTTP, with the semantics of a real one as far as its contract tests go. */
export interface ClusterServer {
  readonly url: string;
  /** What it serves; to be changed from within, too. */
  readonly store: ObjectStore;
  /** `METHOD path?query` of every request so far, the newest last; the oldest are forgotten. */
  readonly requests: readonly string[];
  /** Answers so many requests next with this code instead, with `Retry-After: 1` where that is usual. */
  failNext(code: 429 | 500 | 503, times?: number): void;
  /** Cuts all watches, as a restart does. */
  cutWatches(): void;
  stop(): Promise<void>;
}

/** How it is set up. */
export interface ClusterServerOptions {
  /** Whoever shows another token, or none, is refused; absent takes everybody. */
  readonly token?: string;
  readonly store?: ObjectStore;
}

const MAX_BODY_BYTES = 3 * 1024 * 1024;
const MAX_REQUESTS = 10_000;

/** Starts it. */
export async function startCluster({ token, store = new ObjectStore() }: ClusterServerOptions = {}): Promise<ClusterServer> {
  const requests: string[] = [];
  const watches = new Set<ServerResponse>();
  const failing: number[] = [];

  function serve(request: IncomingMessage, response: ServerResponse): void {
    requests.push(`${request.method} ${request.url}`);
    if (requests.length > MAX_REQUESTS) requests.shift();
    answer(request, response).catch((cause: unknown) => refuse(response, cause));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const code = failing.shift();
    if (code !== undefined) throw new ApiFailure(code, code === 429 ? 'TooManyRequests' : 'InternalError', 'asked to fail');
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      throw new ApiFailure(401, 'Unauthorized', 'Unauthorized');
    const url = new URL(request.url ?? '/', 'http://cluster');
    if (url.pathname === '/version') return send(response, 200, { major: '1', minor: '36', gitVersion: 'v1.36.2' });
    const target = targetOf(url.pathname);
    if (!target) throw NO_SUCH_PATH;
    const isWatch = ['1', 'true'].includes(url.searchParams.get('watch') ?? '') && target.name === undefined;
    if (request.method === 'GET' && isWatch) return watch(target, url.searchParams, response);
    const { status, body } = respond(store, { method: request.method ?? '', target, query: url.searchParams, body: await bodyOf(request) });
    send(response, status, body);
  }

  function watch(target: Target, query: URLSearchParams, response: ServerResponse): void {
    watches.add(response);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    const stop = watchObjects(store, target, query, { write: (line) => void response.write(line), end: () => void response.end() });
    response.on('close', () => {
      watches.delete(response);
      stop();
    });
  }

  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    store,
    requests,
    failNext: (code, times = 1) => void failing.push(...Array<number>(times).fill(code)),
    cutWatches() {
      for (const response of watches) response.destroy();
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
    },
  };
}

/** The resource of a name, for whoever fills the store from within. */
export function resourceOf(name: string): Target['resource'] {
  const found = RESOURCES.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`there is no resource ${name}`);
  return found;
}

interface Asked {
  readonly method: string;
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

const Deletion = z.looseObject({
  preconditions: z.looseObject({ uid: z.string().optional(), resourceVersion: z.string().optional() }).optional(),
});

function respond(store: ObjectStore, { method, target, query, body }: Asked): { readonly status: number; readonly body: object } {
  const { resource, namespace, name } = target;
  const typed = (object: object) => ({ kind: resource.kind, apiVersion: resource.root.replace(/^\/apis?\//, ''), ...object });
  if (name === undefined && method === 'GET') return { status: 200, body: listObjects(store, target, query) };
  if (name === undefined && method === 'POST') return { status: 201, body: typed(store.create(resource, namespace, body)) };
  if (name !== undefined && method === 'GET') return { status: 200, body: typed(store.get(resource, namespace, name)) };
  if (name !== undefined && method === 'PUT') {
    const isNew = resource.createsOnChange && !store.has(resource, namespace, name);
    const stored = isNew ? store.create(resource, namespace, body) : store.replace(resource, namespace, name, body);
    return { status: isNew ? 201 : 200, body: typed(stored) };
  }
  if (name !== undefined && method === 'DELETE') {
    const { preconditions } = body === undefined ? {} : Deletion.parse(body);
    return { status: 200, body: typed(store.remove(resource, namespace, name, preconditions)) };
  }
  throw new ApiFailure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw new ApiFailure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`);
    parts.push(part);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (cause) {
    throw badRequest(`the object provided is unrecognized: ${cause instanceof Error ? cause.message : ''}`);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json', ...(status === 429 ? { 'retry-after': '1' } : {}) })
    .end(JSON.stringify(body));
}

function refuse(response: ServerResponse, cause: unknown): void {
  const { status } =
    cause instanceof ApiFailure ? cause : new ApiFailure(500, 'InternalError', cause instanceof Error ? cause.message : String(cause));
  if (response.headersSent) response.destroy();
  else send(response, status.code, status);
}
