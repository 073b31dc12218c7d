import type { EndpointReport } from '../../facts/endpoint.ts';
import { createAddressGuard, type NamedBy } from '../../network/address-guard.ts';
import { CONNECT_MS } from '../../network/network-problem.ts';
import type { Environment } from '../../network/proxy-environment.ts';
import { createSocketProber } from '../../network/socket-prober.ts';
import { type Greeting, greet } from './greet.ts';

/** A server that the runtime asks for an image. */
export interface Server {
  readonly of: 'registry' | 'mirror';
  readonly url: URL;
  readonly namedBy: NamedBy;
  /** PEM of authorities that are trusted for this one. */
  readonly ca?: string;
}

/** The way from the node to one server: DNS, TCP, TLS, and what it answers. */
export interface Way {
  readonly of: Server['of'];
  readonly url: string;
  readonly endpoint: EndpointReport;
  /** Absent where no connection came about. */
  readonly greeting?: Greeting;
}

/** What all ways have in common. */
export interface WayOptions {
  readonly allowLoopback: boolean;
  readonly env: Environment;
  /** The node's own authorities, PEM; Node's where they cannot be read. */
  readonly roots: string | undefined;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

const GREETING_MS = 5_000;
const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
/** Problems of a certificate: the server is there, and can tell the time. */
const OF_CERTIFICATES: ReadonlySet<string> = new Set(['tls-untrusted', 'tls-expired', 'tls-hostname']);

/** Goes the way to one server; never throws for what the network does. A server that speaks plain HTTP on its port is greeted so. */
export async function goTo({ of, url, namedBy, ca }: Server, { allowLoopback, env, roots, now, signal }: WayOptions): Promise<Way> {
  const to = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (PORTS[url.protocol] ?? 443) : Number(url.port),
    namedBy,
    tls: url.protocol !== 'http:',
  };
  const prober = createSocketProber({
    allowLoopback,
    env,
    ...(ca === undefined ? {} : { ca }),
    ...(roots === undefined ? {} : { roots }),
  });
  const endpoint = await prober.probe(to, signal);
  const { problem } = endpoint;
  const base = { of, url: url.origin, endpoint };
  if (problem !== undefined && problem !== 'plain-http' && !OF_CERTIFICATES.has(problem)) return base;
  const guard = createAddressGuard({ allowLoopback });
  const tls = to.tls && problem !== 'plain-http';
  return { ...base, greeting: await greet({ ...to, tls }, { guard, env, now, signal, timeoutMs: GREETING_MS + CONNECT_MS }) };
}
