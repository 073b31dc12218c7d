import type { EndpointReport } from '../facts/endpoint.ts';
import type { Destination } from './address-guard.ts';

/** A server to look at. What names it decides whether it may be asked at a private address. */
export interface Endpoint extends Destination {
  readonly tls: boolean;
}

/** Looks at the way to a server from where the program runs: DNS, TCP and TLS, no HTTP. Never throws for what the network does. */
export interface EndpointProber {
  probe(endpoint: Endpoint, signal: AbortSignal): Promise<EndpointReport>;
}
