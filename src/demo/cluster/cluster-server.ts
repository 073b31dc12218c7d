import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { bodyOf } from '../request-body.ts';
import { type Accounts, authenticate } from './access/account.ts';
import { Impersonation, readWanted } from './access/impersonation.ts';
import { Rights } from './access/rights.ts';
import { type Answer, bodyTooLarge } from './answers.ts';
import { createRequestFaults, faultAnswer, type RequestFaults } from './faults.ts';
import { ObjectStore } from './object-store.ts';
import { answerRequest } from './requests.ts';
import { isAnswer } from './selection.ts';
import { Streams } from './streams.ts';
import { isWatch } from './watch.ts';
import { Admission } from './writes/admission.ts';

/** Everything has a default. */
export interface ClusterServerOptions {
  /** Who may do what; without it, everybody may everything. */
  readonly accounts?: Accounts;
  /** In PEM. Clients of a kubeconfig send a token over TLS only. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly now?: () => Date;
  /** Answers a request in place of the stand-in, or returns false, perhaps with another `url`: for what lies behind or before an API server. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A local stand-in for a Kubernetes API server: reads, watches and plain writes on loopback, with what was measured on a real one. */
export interface ClusterServer {
  readonly url: string;
  readonly store: ObjectStore;
  /** What users and groups may, from now on. */
  readonly rights: Rights;
  /** The webhooks that are asked before something is written. */
  readonly admission: Admission;
  readonly faults: RequestFaults;
  /** `METHOD path?query` of every request so far, the newest last; the oldest are forgotten. */
  readonly requests: readonly string[];
  /** Watches that are open. */
  readonly streams: Streams;
  /** What pods have printed, by their uids: kubelets write it. */
  readonly logs: Map<string, string>;
  stop(): Promise<void>;
}

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const MAX_BODY = 3 * 1024 * 1024;
const MAX_REQUESTS = 10_000;

/** Starts the stand-in on a free loopback port, with the namespaces that every cluster has. */
export async function startCluster(options: ClusterServerOptions = {}): Promise<ClusterServer> {
  const store = new ObjectStore({ now: options.now ?? (() => new Date()), newUid: randomUUID });
  for (const name of NAMESPACES) store.put({ kind: 'Namespace', metadata: { name }, status: { phase: 'Active' } });
  const rights = new Rights(options.accounts);
  const admission = new Admission();
  const logs = new Map<string, string>();
  const parts = { store, rights, impersonation: new Impersonation(rights), admission, logs };
  const faults = createRequestFaults();
  const streams = new Streams();
  const requests: string[] = [];
  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch((cause: unknown) => response.destroy(cause instanceof Error ? cause : undefined));
  };
  const server = options.tls ? createTlsServer(options.tls, respond) : createServer(respond);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const base = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request;
    requests.push(`${method} ${request.url}`);
    if (requests.length > MAX_REQUESTS) requests.shift();
    if (options.intercept?.(request, response)) return;
    const { url = '/' } = request;
    const body = await bodyOf(request, MAX_BODY);
    if (body === undefined) return send(response, bodyTooLarge(MAX_BODY));
    const fault = faults.take(url);
    if (fault) return send(response, faultAnswer(fault));
    const caller = authenticate(options.accounts, headers.authorization);
    if (isAnswer(caller)) return send(response, caller);
    const wanted = readWanted(request.headersDistinct);
    if (wanted && isAnswer(wanted)) return send(response, wanted);
    const [contentType = ''] = (headers['content-type'] ?? '').split(';');
    const answer = answerRequest(parts, { method, url: new URL(url, base), contentType, body, caller, wanted });
    if (isWatch(answer)) streams.serve(response, answer);
    else send(response, answer);
  }

  return {
    url: base,
    store,
    rights,
    admission,
    faults,
    requests,
    streams,
    logs,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, { status, body, retryAfterS }: Answer): void {
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
  });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
