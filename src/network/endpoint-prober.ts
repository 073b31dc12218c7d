import type { EndpointReport } from '../facts/endpoint.ts';

/** Looks at the way to a server from where the program runs: DNS, TCP and TLS, no HTTP. Never throws for what the network does. */
export interface EndpointProber {
  probe(endpoint: { readonly host: string; readonly port: number; readonly tls: boolean }, signal: AbortSignal): Promise<EndpointReport>;
}
