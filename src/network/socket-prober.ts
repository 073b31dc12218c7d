import { lookup as systemLookup } from 'node:dns';
import { connect as connectTcp, type Socket } from 'node:net';
import type { AddressReport, EndpointReport, TlsReport } from '../facts/endpoint.ts';
import type { NetworkProblem } from '../facts/registry-answer.ts';
import { createAddressGuard, type GuardOptions } from './address-guard.ts';
import { createAddressProber, since } from './address-prober.ts';
import type { Endpoint, EndpointProber } from './endpoint-prober.ts';
import { literalAddress } from './ip-address.ts';
import { CONNECT_MS, networkProblem } from './network-problem.ts';
import { type Environment, type HttpProxy, routeTo } from './proxy-environment.ts';
import { openTunnel } from './proxy-tunnel.ts';
import { probeTls } from './tls-probe.ts';

/** How endpoints are probed. */
export interface SocketProberOptions extends GuardOptions {
  readonly env?: Environment;
  /** For each lookup, connection and handshake, in milliseconds. */
  readonly timeoutMs?: number;
  /** How long the other addresses of a name are waited for when one is open. */
  readonly besideOpenMs?: number;
  /** Certificates trusted besides the usual ones, PEM. */
  readonly ca?: string;
  /** Authorities that take the place of the usual ones, PEM. */
  readonly roots?: string;
  /** Stands in for TCP. */
  readonly connect?: (to: { readonly host: string; readonly port: number }) => Socket;
}

/** Enough for a lost packet to be sent again. */
const BESIDE_OPEN_MS = 1_200;
/** More addresses of one name are not tried. */
const MAX_ADDRESSES = 8;

/** Probes endpoints with sockets: name, addresses, TLS; through a proxy where the environment names one. Never throws for what the network does. */
export function createSocketProber(options: SocketProberOptions): EndpointProber {
  const {
    timeoutMs = CONNECT_MS,
    env = process.env,
    resolve = systemLookup,
    besideOpenMs = BESIDE_OPEN_MS,
    connect = connectTcp,
  } = options;
  const guard = createAddressGuard({ ...options, resolve });

  const { resolveName, probeAll } = createAddressProber({ guard, resolve, connect, timeoutMs, besideOpenMs });

  async function direct(endpoint: Endpoint, signal: AbortSignal): Promise<EndpointReport> {
    const { host, port, tls } = endpoint;
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
    const tried = await probeAll(addresses.slice(0, MAX_ADDRESSES), endpoint, signal);
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
    const report = await probeTls(socket, { host: base.host, timeoutMs, signal, ca: options.ca, roots: options.roots });
    const problem = tlsProblem(report);
    return { ...base, tls: report, ...(problem === undefined ? {} : { problem }) };
  }

  async function throughProxy(endpoint: Endpoint, proxy: HttpProxy, signal: AbortSignal): Promise<EndpointReport> {
    const { host, port, tls } = endpoint;
    const because = guard.refusalThroughProxy(endpoint);
    if (because !== undefined) {
      const refused: AddressReport = { address: host, status: 'refused-by-guard', because };
      return { host, port, proxy: proxy.name, dns: { status: 'literal' }, addresses: [refused], problem: 'address-refused' };
    }
    const toProxy = await direct({ host: proxy.host, port: proxy.port, tls: false, namedBy: 'operator' }, signal).catch(
      (): undefined => undefined,
    );
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
    async probe(endpoint, signal) {
      const { host, port, tls } = endpoint;
      const route = routeTo({ scheme: tls ? 'https' : 'http', host, port }, env);
      switch (route.kind) {
        case 'direct':
          return direct(endpoint, signal);
        case 'proxy':
          return throughProxy(endpoint, route.proxy, signal);
        case 'unusable':
          return { host, port, dns: { status: 'literal' }, addresses: [], proxy: route.because, problem: 'proxy-failure' };
        default:
          return route satisfies never;
      }
    },
  };
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
