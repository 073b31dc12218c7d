import type { NetworkProblem } from '../diagnosis/registry-answer.ts';
import { REFUSED_BY_GUARD } from './address-guard.ts';

const PROBLEMS: Readonly<Record<string, NetworkProblem>> = {
  ENOTFOUND: 'dns-failure',
  EAI_AGAIN: 'dns-failure',
  ENODATA: 'dns-failure',
  ESERVFAIL: 'dns-failure',
  ETIMEDOUT: 'timeout',
  ETIMEOUT: 'timeout',
  ABORT_ERR: 'timeout',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-reset',
  ECONNABORTED: 'connection-reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  CERT_HAS_EXPIRED: 'tls-expired',
  CERT_NOT_YET_VALID: 'tls-expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-hostname',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-untrusted',
  CERT_SIGNATURE_FAILURE: 'tls-untrusted',
  CERT_UNTRUSTED: 'tls-untrusted',
  CERT_REVOKED: 'tls-untrusted',
  ERR_SSL_WRONG_VERSION_NUMBER: 'plain-http',
  ERR_SSL_HTTP_REQUEST: 'plain-http',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'plain-http',
  ERR_PROXY_TUNNEL: 'proxy-failure',
  [REFUSED_BY_GUARD]: 'address-refused',
};

/** What node's error for a connection, TLS handshake or lookup means; undefined when it is about something else. */
export function networkProblem(error: unknown): NetworkProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'EPROTO' || code === 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
    return /wrong version number|packet length too long|http request/i.test(error.message) ? 'plain-http' : undefined;
  const known = PROBLEMS[code];
  if (known) return known;
  // With several addresses node reports all failures together.
  if (error instanceof AggregateError) return error.errors.map(networkProblem).find((problem) => problem !== undefined);
  return networkProblem(error.cause);
}
