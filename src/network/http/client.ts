import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { deadline } from '../../timing/deadline.ts';
import type { AddressGuard, Destination, NamedBy } from '../address-guard.ts';
import { literalAddress } from '../ip-address.ts';
import { type Environment, routeTo } from '../proxy-environment.ts';
import { type Exchange, type HttpClient, type HttpRequest, hostOf, portOf } from './exchange.ts';
import { failureOf } from './failure.ts';
import { redirectOf } from './redirect.ts';
import { NoConnection, openResponse, readResponse, StaleConnection } from './response.ts';
import { openThroughProxy } from './through-proxy.ts';

const MAX_REDIRECTS = 3;

/** How an HTTP client reaches servers. */
export interface HttpOptions {
  readonly guard: AddressGuard;
  readonly env: Environment;
  /** For one request and its body, in milliseconds. */
  readonly timeoutMs: number;
  /** For its connection, TLS included, in milliseconds. */
  readonly connectMs: number;
  /** Certificates trusted besides the usual ones, PEM. */
  readonly ca?: string | undefined;
}

/** An HTTP client that checks every address it connects to, follows redirects by hand and bounds everything. */
export function createHttpClient(options: HttpOptions): HttpClient {
  const { guard, timeoutMs } = options;
  // A connection is checked when it is opened, so one that was opened for a host of the image is not used for one that an answer named.
  const agents: Readonly<Record<NamedBy, ReturnType<typeof createAgents>>> = {
    image: createAgents(),
    answer: createAgents(),
    operator: createAgents(),
  };
  const connectMs = Math.min(options.connectMs, timeoutMs);
  const trusted = options.ca === undefined ? {} : { ca: options.ca };

  async function send(request: HttpRequest): Promise<Exchange> {
    const { url, namedBy } = request;
    const to: Destination = { host: hostOf(url), port: portOf(url), namedBy };
    const literal = literalAddress(url.hostname);
    const refusal = literal === undefined ? undefined : guard.refusal(literal, to);
    if (refusal !== undefined) return refused(url, refusal);
    const scheme = url.protocol === 'https:' ? 'https' : 'http';
    const route = routeTo({ scheme, ...to }, options.env);
    if (route.kind === 'unusable') return { kind: 'unreachable', problem: 'proxy-failure', host: url.host, message: route.because };
    if (route.kind === 'proxy') {
      const because = guard.refusalThroughProxy(to);
      if (because !== undefined) return refused(url, because);
      return settled(
        await attempt(request, (limit) => openThroughProxy(request, route.proxy, { signal: limit, connectMs, trusted }), true),
      );
    }
    const direct = (limit: AbortSignal, agent: HttpAgent | false) =>
      openResponse(request, { ...trusted, lookup: guard.lookup(to), agent, signal: limit, connectMs });
    const first = await attempt(request, (limit) => direct(limit, agents[namedBy][scheme]), false);
    // A connection that was kept open may have been closed by the server meanwhile; that says nothing about it.
    return first === 'stale connection' ? settled(await attempt(request, (limit) => direct(limit, false), false)) : first;
  }

  /** One request with one time limit for everything; whatever node does, it ends. */
  async function attempt(
    request: HttpRequest,
    open: (limit: AbortSignal) => Promise<IncomingMessage>,
    throughProxy: boolean,
  ): Promise<Exchange | 'stale connection'> {
    let answered = false;
    try {
      return await deadline({ ms: timeoutMs }, async (limit) => {
        const response = await open(limit);
        answered = true;
        return await readResponse(response, request);
      });
    } catch (error) {
      if (error instanceof StaleConnection) return 'stale connection';
      const afterMs = error instanceof NoConnection ? connectMs : timeoutMs;
      return failureOf(error, { url: request.url, answered, throughProxy, timeoutMs: afterMs });
    }
  }

  return async (first, sent) => {
    let request = first;
    for (let hop = 0; ; hop++) {
      const exchange = await send(request);
      // A connection that did not come about carried no request.
      if (exchange.kind !== 'unreachable') sent();
      if (exchange.kind !== 'response' || request.follow === false) return exchange;
      const redirect = redirectOf(request, exchange);
      if (!redirect) return exchange;
      if ('because' in redirect) return { kind: 'unusable', because: redirect.because };
      if (hop === MAX_REDIRECTS) return { kind: 'unusable', because: `${first.url.host} redirects more than ${MAX_REDIRECTS} times` };
      request = redirect.next;
    }
  };
}

function createAgents() {
  return { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
}

function refused({ host }: URL, because: string): Exchange {
  return { kind: 'unreachable', problem: 'address-refused', host, message: `${host} is not connected to: ${because}` };
}

function settled(exchange: Exchange | 'stale connection'): Exchange {
  return exchange === 'stale connection' ? { kind: 'unusable', because: 'the connection breaks off again and again' } : exchange;
}
