import { lookup as systemLookup } from 'node:dns';
import { connect as connectTcp, type Socket } from 'node:net';
import type { AddressReport, EndpointReport, TlsReport } from '../facts/endpoint.ts';
import type { NetworkProblem } from '../facts/registry-answer.ts';
import { createAddressGuard, literalAddress } from './address-guard.ts';
import type { EndpointProber } from './endpoint-prober.ts';
import { CONNECT_MS, networkProblem } from './network-problem.ts';
import { type Environment, type HttpProxy, routeTo } from './proxy-environment.ts';
import { openTunnel } from './proxy-tunnel.ts';
import { probeTls } from './tls-probe.ts';

/** How endpoints are probed. */
export interface SocketProberOptions {
  readonly allowLoopback: boolean;
  readonly env?: Environment;
  /** For each lookup, connection and handshake, in milliseconds. */
  readonly timeoutMs?: number;
  /** How long the other addresses of a name are waited for when one is open. */
  readonly besideOpenMs?: number;
  /** Certificates trusted besides the usual ones, PEM. */
  readonly ca?: string;
  /** Stands in for the system's resolver. */
  readonly resolve?: typeof systemLookup;
  /** Stands in for TCP. */
  readonly connect?: (to: { readonly host: string; readonly port: number }) => Socket;
}

/** Enough for a lost packet to be sent again. */
const BESIDE_OPEN_MS = 1_200;
/** More addresses of one name are not tried. */
const MOST_ADDRESSES = 8;

/** Probes endpoints with sockets: name, addresses, TLS; through a proxy where the environment names one. Never throws for what the network does. */
export function createSocketProber(options: SocketProberOptions): EndpointProber {
  const {
    timeoutMs = CONNECT_MS,
    env = process.env,
    resolve = systemLookup,
    besideOpenMs = BESIDE_OPEN_MS,
    connect = connectTcp,
  } = options;
  const guard = createAddressGuard({ allowLoopback: options.allowLoopback, resolve });

  /** All addresses of a name; a resolver that hangs is given up. */
  function resolveName(name: string, signal: AbortSignal): Promise<readonly string[]> {
    return within(timeoutMs, signal, (done, fail) =>
      resolve(name, { all: true }, (error, addresses) => (error ? fail(error) : done(addresses.map(({ address }) => address)))),
    );
  }

  async function probeAddress(
    address: string,
    port: number,
    signal: AbortSignal,
  ): Promise<{ readonly report: AddressReport; readonly socket?: Socket }> {
    const because = guard.refusal(address);
    if (because !== undefined) return { report: { address, status: 'refused-by-guard', because } };
    const started = performance.now();
    try {
      const socket = await dial(connect({ host: address, port }), timeoutMs, signal);
      return { report: { address, status: 'open', milliseconds: since(started) }, socket };
    } catch (error) {
      return { report: { address, status: addressStatus(networkProblem(error)), milliseconds: since(started) } };
    }
  }

  /** All at the same time; where one is open, the others are not waited for as long. */
  async function probeAll(addresses: readonly string[], port: number, signal: AbortSignal) {
    const enough = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const tried = await Promise.all(
      addresses.map(async (address) => {
        const result = await probeAddress(address, port, AbortSignal.any([signal, enough.signal]));
        if (result.socket)
          timer ??= setTimeout(() => enough.abort(new DOMException('another address is open', 'TimeoutError')), besideOpenMs);
        return result;
      }),
    );
    clearTimeout(timer);
    return tried;
  }

  async function direct(host: string, port: number, tls: boolean, signal: AbortSignal): Promise<EndpointReport> {
    const started = performance.now();
    const literal = literalAddress(host);
    let dns: EndpointReport['dns'] = { status: 'literal' };
    let addresses: readonly string[] = literal === undefined ? [] : [literal];
    if (literal === undefined) {
      try {
        addresses = await resolveName(host, signal);
        dns = { status: 'resolved', milliseconds: since(started) };
      } catch (error) {
        const because = networkProblem(error) === 'timeout' ? 'the resolver gave no answer in time' : 'the name cannot be resolved';
        return { host, port, dns: { status: 'failed', because, milliseconds: since(started) }, addresses: [], problem: 'dns-failure' };
      }
    }
    const tried = await probeAll(addresses.slice(0, MOST_ADDRESSES), port, signal);
    const reports = tried.map(({ report }) => report);
    const [socket, ...others] = tried.flatMap((entry) => entry.socket ?? []);
    for (const other of others) other.destroy();
    const base = { host, port, dns, addresses: reports };
    if (!socket) return { ...base, problem: worst(reports) };
    return withTls(base, socket, tls, signal);
  }

  async function withTls(base: EndpointReport, socket: Socket, tls: boolean, signal: AbortSignal): Promise<EndpointReport> {
    if (!tls) {
      socket.destroy();
      return base;
    }
    const report = await probeTls(socket, { host: base.host, timeoutMs, signal, ca: options.ca });
    const problem = tlsProblem(report);
    return { ...base, tls: report, ...(problem === undefined ? {} : { problem }) };
  }

  async function throughProxy(host: string, port: number, tls: boolean, proxy: HttpProxy, signal: AbortSignal): Promise<EndpointReport> {
    const toProxy = await direct(proxy.host, proxy.port, false, signal).catch((): undefined => undefined);
    // What is reported about DNS and addresses is the proxy's: the name itself is resolved there.
    const base = {
      host,
      port,
      proxy: proxy.name,
      dns: toProxy?.dns ?? ({ status: 'literal' } as const),
      addresses: toProxy?.addresses ?? [],
    };
    try {
      const socket = await openTunnel(proxy, { host, port }, timeoutMs, signal);
      return await withTls(base, socket, tls, signal);
    } catch {
      // Whatever keeps the tunnel from opening, it is the proxy that fails; its addresses above tell more.
      return { ...base, problem: 'proxy-failure' };
    }
  }

  return {
    async probe({ host, port, tls }, signal) {
      const route = routeTo({ scheme: tls ? 'https' : 'http', host, port }, env);
      switch (route.kind) {
        case 'direct':
          return direct(host, port, tls, signal);
        case 'proxy':
          return throughProxy(host, port, tls, route.proxy, signal);
        case 'unusable':
          return { host, port, dns: { status: 'literal' }, addresses: [], proxy: route.because, problem: 'proxy-failure' };
        default:
          return route satisfies never;
      }
    },
  };
}

function dial(socket: Socket, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  return within<Socket>(timeoutMs, signal, (done, fail) => {
    socket.once('connect', () => done(socket));
    socket.once('error', fail);
  }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
}

/** Runs something with a time limit; afterwards neither timer nor listener is left. */
function within<T>(
  timeoutMs: number,
  signal: AbortSignal,
  start: (done: (value: T) => void, fail: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const stop = () => reject(limit.reason);
    if (limit.aborted) return stop();
    limit.addEventListener('abort', stop, { once: true });
    const end = () => limit.removeEventListener('abort', stop);
    start(
      (value) => {
        end();
        resolve(value);
      },
      (error) => {
        end();
        reject(error);
      },
    );
  });
}

function addressStatus(problem: NetworkProblem | undefined): AddressReport['status'] {
  switch (problem) {
    case 'connection-refused':
    case 'connection-reset':
    case 'timeout':
      return problem;
    default:
      return 'unreachable';
  }
}

/** The problem that tells most when no address is open. */
function worst(reports: readonly AddressReport[]): NetworkProblem {
  const order = ['connection-refused', 'connection-reset', 'timeout', 'unreachable'] as const;
  return (
    order.find((status) => reports.some((report) => report.status === status)) ?? (reports.length > 0 ? 'address-refused' : 'dns-failure')
  );
}

function tlsProblem(report: TlsReport): NetworkProblem | undefined {
  switch (report.status) {
    case 'trusted':
      return undefined;
    case 'untrusted':
      return 'tls-untrusted';
    case 'expired':
      return 'tls-expired';
    case 'wrong-name':
      return 'tls-hostname';
    case 'not-tls':
      return 'plain-http';
    case 'silent':
      return 'timeout';
    case 'failed':
      return 'connection-reset';
    default:
      return report satisfies never;
  }
}

function since(started: number): number {
  return Math.round(performance.now() - started);
}
