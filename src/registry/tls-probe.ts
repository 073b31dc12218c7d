import { isIP, type Socket } from 'node:net';
import { connect, type DetailedPeerCertificate, rootCertificates, type TLSSocket } from 'node:tls';
import type { CertificateReport, TlsReport } from '../diagnosis/endpoint.ts';
import { networkProblem } from './network-problem.ts';

const MOST_CERTIFICATES = 6;
const MOST_NAMES = 20;
const MOST_CHARACTERS = 200;

/** Shakes hands on an open socket and reports the certificate chain, trusted or not. Ends the socket. */
export function probeTls(
  socket: Socket,
  how: { readonly host: string; readonly timeoutMs: number; readonly signal: AbortSignal; readonly ca?: string | undefined },
): Promise<TlsReport> {
  const started = performance.now();
  const limit = AbortSignal.any([how.signal, AbortSignal.timeout(how.timeoutMs)]);
  return new Promise((resolve) => {
    const secure = connect({
      socket,
      host: how.host,
      // The certificate is judged below, after its chain was read.
      rejectUnauthorized: false,
      ...(isIP(how.host) === 0 ? { servername: how.host } : {}),
      ...(how.ca === undefined ? {} : { ca: [...rootCertificates, how.ca] }),
    });
    const end = (report: TlsReport) => {
      limit.removeEventListener('abort', stop);
      secure.destroy();
      socket.destroy();
      resolve(report);
    };
    const stop = () => end({ status: 'failed', because: 'the handshake was not finished in time' });
    if (limit.aborted) return stop();
    limit.addEventListener('abort', stop, { once: true });
    secure.once('secureConnect', () => end(judge(secure, how.host, Math.round(performance.now() - started))));
    secure.once('error', (error) => end(handshakeFailure(error)));
    secure.once('close', () => end({ status: 'failed', because: 'the server closes the connection during the handshake' }));
  });
}

function handshakeFailure(error: Error): TlsReport {
  if (networkProblem(error) === 'plain-http') return { status: 'not-tls', because: 'it answers in plain HTTP' };
  const code = 'code' in error ? String(error.code) : error.name;
  return { status: 'failed', because: `the handshake fails (${code.slice(0, 60)})` };
}

function judge(socket: TLSSocket, host: string, milliseconds: number): TlsReport {
  const chain = chainOf(socket.getPeerCertificate(true));
  const leaf = chain[0];
  // With rejectUnauthorized off node still says what it would have refused for; the type does not know that it is a text.
  const refused = String(socket.authorizationError ?? '');
  if (refused === '' || !leaf) return { status: 'trusted', chain, milliseconds };
  const about = { chain, milliseconds };
  if (refused.includes('CERT_HAS_EXPIRED')) return { status: 'expired', because: `it ended at ${leaf.validTo}`, ...about };
  if (refused.includes('CERT_NOT_YET_VALID')) return { status: 'expired', because: `it is not valid before ${leaf.validFrom}`, ...about };
  if (refused.includes('ALTNAME'))
    return { status: 'wrong-name', because: `${host} is not among its names: ${leaf.names.join(', ') || 'it has none'}`, ...about };
  const own =
    leaf.subject === leaf.issuer ? 'it is signed by itself' : `its issuer ${chain.at(-1)?.issuer ?? leaf.issuer} is not trusted here`;
  return { status: 'untrusted', because: own, ...about };
}

/** The chain as the server sent it, the leaf first; a root points at itself. */
function chainOf(leaf: DetailedPeerCertificate): readonly CertificateReport[] {
  const chain: CertificateReport[] = [];
  const seen = new Set<string>();
  for (
    let current: DetailedPeerCertificate | undefined = leaf;
    current?.subject && chain.length < MOST_CERTIFICATES;
    current = current.issuerCertificate
  ) {
    if (seen.has(current.fingerprint256)) break;
    seen.add(current.fingerprint256);
    chain.push({
      subject: nameOf(current.subject),
      issuer: nameOf(current.issuer),
      validFrom: timeOf(current.valid_from),
      validTo: timeOf(current.valid_to),
      names: namesOf(current.subjectaltname),
    });
  }
  return chain;
}

function nameOf(name: DetailedPeerCertificate['subject'] | undefined): string {
  const parts = [name?.CN, name?.O].flat().filter((part) => typeof part === 'string' && part !== '');
  return parts.join(', ').slice(0, MOST_CHARACTERS) || 'no name';
}

function namesOf(text: string | undefined): readonly string[] {
  return [...(text ?? '').slice(0, 20_000).matchAll(/(?:DNS|IP Address):([^,\s"]{1,253})/g)]
    .slice(0, MOST_NAMES)
    .map((match) => match[1] ?? '');
}

function timeOf(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text.slice(0, 40) : new Date(time).toISOString();
}
