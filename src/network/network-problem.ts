import type { NetworkProblem } from '../facts/registry-answer.ts';
import { REFUSED_BY_GUARD } from './address-guard.ts';

/**
 * Within this a connection comes about, TLS included, or nobody is there: a packet that got lost is sent again after one
 * second and after three.
 */
export const CONNECT_MS = 3_500;

const PROBLEMS: Readonly<Record<string, NetworkProblem>> = {
  ENOTFOUND: 'dns-failure',
  EAI_AGAIN: 'dns-failure',
  ENODATA: 'dns-failure',
  ESERVFAIL: 'dns-failure',
  EAI_FAIL: 'dns-failure',
  EAI_NODATA: 'dns-failure',
  EAI_NONAME: 'dns-failure',
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
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
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
  CERT_CHAIN_TOO_LONG: 'tls-untrusted',
  INVALID_CA: 'tls-untrusted',
  INVALID_PURPOSE: 'tls-untrusted',
  HOSTNAME_MISMATCH: 'tls-hostname',
  CERT_REVOKED: 'tls-untrusted',
  ERR_SSL_WRONG_VERSION_NUMBER: 'plain-http',
  ERR_SSL_HTTP_REQUEST: 'plain-http',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'plain-http',
  ERR_PROXY_TUNNEL: 'proxy-failure',
  [REFUSED_BY_GUARD]: 'address-refused',
};

const MORE_TELLING: readonly NetworkProblem[] = ['connection-refused', 'connection-reset', 'timeout'];

/** What node's error for a connection, TLS handshake or lookup means; undefined when it is about something else. */
export function networkProblem(error: unknown): NetworkProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'EPROTO' || code === 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
    return /wrong version number|packet length too long|http request/i.test(error.message) ? 'plain-http' : undefined;
  // With several addresses node reports all failures together, under the code of the first; an address that answers tells more.
  if (error instanceof AggregateError) {
    const problems = new Set(error.errors.map(networkProblem));
    return MORE_TELLING.find((problem) => problems.has(problem)) ?? [...problems].find((problem) => problem !== undefined);
  }
  const known = PROBLEMS[code];
  if (known) return known;
  // A TLS alert: the server ends the handshake, whatever it did not like.
  if (code.startsWith('ERR_SSL_')) return 'connection-reset';
  return networkProblem(error.cause);
}

/** Each problem in fixed words: node's own messages hold addresses and paths that say less. */
export const NETWORK_WORDS: Readonly<Record<NetworkProblem, string>> = {
  'dns-failure': 'its name cannot be resolved',
  timeout: 'no answer in time',
  'connection-refused': 'connection refused',
  'connection-reset': 'the connection was cut',
  unreachable: 'there is no route to it',
  'tls-untrusted': 'its certificate is signed by an authority that is not trusted here',
  'tls-expired': 'its certificate has expired, or is not valid yet',
  'tls-hostname': 'its certificate is for another name',
  'plain-http': 'it speaks plain HTTP on this port',
  'proxy-failure': 'the proxy refuses or fails',
  'address-refused': 'none of its addresses may be asked',
};
