import type { NetworkProblem } from './registry-answer.ts';

/** One address of a name and whether a TCP connection to it came about. */
export interface AddressReport {
  readonly address: string;
  /** `refused-by-guard`: the program does not connect to such addresses; `because` says why. `not-tried`: another one was open. */
  readonly status: 'open' | 'connection-refused' | 'timeout' | 'unreachable' | 'connection-reset' | 'refused-by-guard' | 'not-tried';
  readonly milliseconds?: number;
  readonly because?: string;
}

/** A certificate as a server showed it, the leaf first. Times are RFC 3339. */
export interface CertificateReport {
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
  /** DNS names and IP addresses of the leaf. */
  readonly names: readonly string[];
}

/** One thing that is wrong with a certificate. */
export interface CertificateFault {
  readonly status: 'untrusted' | 'expired' | 'wrong-name';
  readonly because: string;
}

/** What a TLS handshake showed. The chain is reported whether or not it is trusted. */
export type TlsReport =
  | { readonly status: 'trusted'; readonly chain: readonly CertificateReport[]; readonly milliseconds: number }
  | (CertificateFault & {
      /** What else is wrong, and shows only when this is mended. */
      readonly also?: readonly CertificateFault[];
      readonly chain: readonly CertificateReport[];
      readonly milliseconds: number;
    })
  /** The port speaks plain HTTP, or no TLS at all. */
  | { readonly status: 'not-tls'; readonly because: string }
  /** `silent`: the handshake was begun and got no answer in time. */
  | { readonly status: 'failed' | 'silent'; readonly because: string };

/** The way to one server from where the program runs. */
export interface EndpointReport {
  readonly host: string;
  readonly port: number;
  /** Host and port of the proxy that HTTP_PROXY and the like name for this server; then the connection goes there. */
  readonly proxy?: string;
  readonly dns:
    | { readonly status: 'resolved'; readonly milliseconds: number }
    | { readonly status: 'literal' }
    | { readonly status: 'failed'; readonly because: string; readonly milliseconds: number };
  readonly addresses: readonly AddressReport[];
  readonly tls?: TlsReport;
  /** The first thing that went wrong, if anything did. */
  readonly problem?: NetworkProblem;
}
