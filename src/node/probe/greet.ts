import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { redact } from '../../facts/redaction.ts';
import type { NetworkProblem } from '../../facts/registry-answer.ts';
import type { AddressGuard } from '../../network/address-guard.ts';
import type { Endpoint } from '../../network/endpoint-prober.ts';
import { literalAddress } from '../../network/ip-address.ts';
import { networkProblem } from '../../network/network-problem.ts';
import { type Environment, type HttpProxy, routeTo } from '../../network/proxy-environment.ts';
import { openTunnel } from '../../network/proxy-tunnel.ts';
import { deadline } from '../../timing/deadline.ts';

/** What a server says to `/v2/` without a login. `clockAheadMs` is how far the node's clock is before the server's; whole seconds are all that a header tells. */
export type Greeting =
  | {
      readonly status: 'answered';
      readonly http: number;
      /** Whether anything in the answer says that this is a registry. */
      readonly isRegistry: boolean;
      readonly challenge?: string;
      readonly clockAheadMs?: number;
      readonly milliseconds: number;
    }
  | { readonly status: 'failed'; readonly problem: NetworkProblem | 'unusable'; readonly milliseconds: number };

/** How a server is greeted. */
export interface GreetOptions {
  readonly guard: AddressGuard;
  readonly env: Environment;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

const MAX_CHALLENGE = 500;

/** Sends `GET /v2/` and no login. Certificates are not judged: a probe of the endpoint does that, and a wrong clock shows only in an answer. */
export async function greet(endpoint: Endpoint, options: GreetOptions): Promise<Greeting> {
  const { guard, env, now, signal, timeoutMs } = options;
  const { host, port, tls } = endpoint;
  const started = performance.now();
  const milliseconds = () => Math.round(performance.now() - started);
  const literal = literalAddress(host);
  if (literal !== undefined && guard.refusal(literal, endpoint) !== undefined)
    return { status: 'failed', problem: 'address-refused', milliseconds: milliseconds() };
  const route = routeTo({ scheme: tls ? 'https' : 'http', host, port }, env);
  if (route.kind === 'unusable') return { status: 'failed', problem: 'proxy-failure', milliseconds: milliseconds() };
  try {
    const { statusCode = 0, headers } = await deadline({ ms: timeoutMs, signal }, (limit) =>
      ask(endpoint, { guard, limit, timeoutMs, proxy: route.kind === 'proxy' ? route.proxy : undefined }),
    );
    const ahead = now().getTime() - Date.parse(headers.date ?? '');
    const challenge = headers['www-authenticate'];
    return {
      status: 'answered',
      http: statusCode,
      isRegistry: isRegistry(statusCode, headers),
      ...(challenge === undefined ? {} : { challenge: redact(challenge.slice(0, MAX_CHALLENGE)) }),
      ...(Number.isNaN(ahead) ? {} : { clockAheadMs: ahead }),
      milliseconds: milliseconds(),
    };
  } catch (cause) {
    return { status: 'failed', problem: networkProblem(cause) ?? 'unusable', milliseconds: milliseconds() };
  }
}

function isRegistry(status: number, headers: IncomingMessage['headers']): boolean {
  const asks = /^(?:bearer|basic)\s/i.test(headers['www-authenticate'] ?? '');
  const speaks = status === 200 && /\bjson\b/i.test(headers['content-type'] ?? '');
  return asks || speaks || headers['docker-distribution-api-version'] !== undefined;
}

interface Way {
  readonly guard: AddressGuard;
  readonly limit: AbortSignal;
  readonly timeoutMs: number;
  readonly proxy: HttpProxy | undefined;
}

async function ask(endpoint: Endpoint, { guard, limit, timeoutMs, proxy }: Way): Promise<IncomingMessage> {
  const { host, port, tls } = endpoint;
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const base: RequestOptions = {
    host,
    port,
    path: '/v2/',
    method: 'GET',
    signal: limit,
    headers: { accept: '*/*', 'user-agent': 'imagepull' },
    lookup: guard.lookup(endpoint),
  };
  const tunnel = proxy === undefined ? undefined : await openTunnel(proxy, { host, port }, timeoutMs, limit);
  // Node takes a connection of ours only where no agent is named.
  const options: RequestOptions =
    tunnel === undefined
      ? { ...base, agent: false }
      : { ...base, createConnection: () => (tls ? connectTls({ socket: tunnel, rejectUnauthorized: false, ...servername }) : tunnel) };
  return new Promise((resolve, reject) => {
    const request = tls ? httpsRequest({ ...options, rejectUnauthorized: false, ...servername }) : httpRequest(options);
    request.on('response', (response) => {
      // Only the headers are wanted.
      response.destroy();
      resolve(response);
    });
    request.on('error', reject);
    request.end();
  });
}
