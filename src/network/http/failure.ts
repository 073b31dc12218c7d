import { redact } from '../../facts/redaction.ts';
import { REFUSED_BY_GUARD } from '../address-guard.ts';
import { NETWORK_WORDS, networkProblem } from '../network-problem.ts';
import { TunnelError } from '../proxy-tunnel.ts';
import type { Exchange } from './exchange.ts';
import { MAX_HEADER_BYTES } from './response.ts';

/** What an error on the way to a response means, in words that hold no address or path of node's own messages. */
export function failureOf(
  error: unknown,
  about: { readonly url: URL; readonly answered: boolean; readonly throughProxy: boolean; readonly timeoutMs: number },
): Exchange {
  const { host } = about.url;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'HPE_HEADER_OVERFLOW')
    return { kind: 'unusable', because: `${host} answers with more than ${MAX_HEADER_BYTES / 1024} KiB of headers` };
  if (code.startsWith('HPE_')) return { kind: 'unusable', because: `${host} answers with something that is not HTTP` };
  const problem = networkProblem(error);
  if (about.throughProxy && !problem?.startsWith('tls-')) {
    const why = error instanceof TunnelError ? error.message : NETWORK_WORDS[problem ?? 'proxy-failure'];
    return { kind: 'unreachable', problem: 'proxy-failure', host, message: `${host} cannot be reached through the proxy: ${why}` };
  }
  if (problem === undefined) {
    const said = redact(error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error));
    return { kind: 'unusable', because: `${host}: ${said.slice(0, 200)}` };
  }
  if (about.answered && problem !== 'timeout') return { kind: 'unusable', because: `${host} breaks off in the middle of its answer` };
  // The guard's own words say which address, and why.
  if (code === REFUSED_BY_GUARD && error instanceof Error)
    return { kind: 'unreachable', problem: 'address-refused', host, message: error.message };
  const message =
    problem === 'timeout' ? `${host} did not answer within ${about.timeoutMs / 1000} s` : `${host}: ${NETWORK_WORDS[problem]}`;
  return { kind: 'unreachable', problem, host, message };
}
