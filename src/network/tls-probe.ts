import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect, type DetailedPeerCertificate, getCACertificates, rootCertificates, type TLSSocket } from 'node:tls';
import type { CertificateFault, CertificateReport, TlsReport } from '../facts/endpoint.ts';
import { deadline } from '../timing/deadline.ts';
import { networkProblem } from './network-problem.ts';

const MAX_CERTIFICATES = 6;
const MAX_NAMES = 20;
const MAX_CHARACTERS = 200;

/** How a handshake is done and judged. */
interface Handshake {
  readonly host: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Certificates trusted besides the usual ones, PEM. */
  readonly ca?: string | undefined;
  /** Authorities that take the place of the usual ones, PEM. */
  readonly roots?: string | undefined;
}

/** Shakes hands on an open socket and reports the certificate chain, trusted or not. Ends the socket. */
export function probeTls(socket: Socket, how: Handshake): Promise<TlsReport> {
  const started = performance.now();
  const secure = connect({
    socket,
    host: how.host,
    // The certificate is judged below, after its chain was read.
    rejectUnauthorized: false,
    ...(isIP(how.host) === 0 ? { servername: how.host } : {}),
    ...(how.ca === undefined && how.roots === undefined ? {} : { ca: [...authoritiesOf(how)] }),
  });
  const handshake = () =>
    new Promise<TlsReport>((resolve) => {
      secure.once('secureConnect', () => resolve(judge(secure, how, Math.round(performance.now() - started))));
      secure.on('error', (error) => resolve(handshakeFailure(error)));
      secure.once('close', () => resolve({ status: 'failed', because: 'the server closes the connection during the handshake' }));
    });
  return deadline({ ms: how.timeoutMs, signal: how.signal }, handshake)
    .catch((): TlsReport => ({ status: 'silent', because: 'the TLS handshake gets no answer in time' }))
    .finally(() => {
      secure.destroy();
      socket.destroy();
    });
}

function handshakeFailure(error: Error): TlsReport {
  if (networkProblem(error) === 'plain-http') return { status: 'not-tls', because: 'it answers in plain HTTP' };
  const code = 'code' in error ? String(error.code) : error.name;
  return { status: 'failed', because: `the handshake fails (${code.slice(0, 60)})` };
}

function judge(socket: TLSSocket, how: Handshake, milliseconds: number): TlsReport {
  const sent = certificatesOf(socket.getPeerCertificate(true));
  const chain = sent.map(reportOf);
  const [leaf] = sent;
  // With rejectUnauthorized off node still says what it would have refused for; the type does not know that it is a text.
  const refused = String(socket.authorizationError ?? '');
  if (refused === '' || !leaf) return { status: 'trusted', chain, milliseconds };
  // Node names one problem, and the check of the name only where there is no other.
  const [first, ...also] = [trustFault(refused, sent, how), dateFault(chain), nameFault(leaf, how.host)].flatMap((fault) => fault ?? []);
  const fault: CertificateFault = first ?? { status: 'untrusted', because: `it is refused (${refused.slice(0, 60)})` };
  return { ...fault, ...(also.length > 0 ? { also } : {}), chain, milliseconds };
}

const OF_DATES = /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/;
/** The problems that a chain has which ends at no authority known here. */
const NO_AUTHORITY = /SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED/;

function trustFault(refused: string, sent: readonly DetailedPeerCertificate[], how: Handshake): CertificateFault | undefined {
  const [leaf, top] = [sent[0], sent.at(-1)];
  if (!leaf || !top || refused.includes('ALTNAME')) return undefined;
  // A date hides that the authority is unknown as well.
  if (OF_DATES.test(refused) ? isAuthority(top, how) : !NO_AUTHORITY.test(refused)) return undefined;
  const { subject, issuer } = reportOf(leaf);
  const because = subject === issuer ? 'it is signed by itself' : `its issuer ${reportOf(top).issuer} is not trusted here`;
  return { status: 'untrusted', because };
}

/** True when the last certificate of a chain is one of the authorities that handshakes here are checked against. */
function isAuthority({ raw }: DetailedPeerCertificate, how: Handshake): boolean {
  const authorities = authoritiesOf(how);
  const wanted = raw.toString('base64');
  return authorities.some((pem) => pem.replace(/\s/g, '').includes(wanted));
}

function authoritiesOf({ ca, roots }: Handshake): readonly string[] {
  if (roots !== undefined) return ca === undefined ? [roots] : [roots, ca];
  return ca === undefined ? getCACertificates('default') : [...rootCertificates, ca];
}

function dateFault(chain: readonly CertificateReport[]): CertificateFault | undefined {
  const now = Date.now();
  for (const [place, { subject, validFrom, validTo }] of chain.entries()) {
    const which = place === 0 ? 'it' : `the certificate of its issuer ${subject}`;
    if (Date.parse(validTo) < now) return { status: 'expired', because: `${which} ended at ${validTo}` };
    if (Date.parse(validFrom) > now) return { status: 'expired', because: `${which} is not valid before ${validFrom}` };
  }
  return undefined;
}

function nameFault(leaf: DetailedPeerCertificate, host: string): CertificateFault | undefined {
  if (checkServerIdentity(host, leaf) === undefined) return undefined;
  const { names } = reportOf(leaf);
  return { status: 'wrong-name', because: `${host} is not among its names: ${names.join(', ') || 'it has none'}` };
}

/** The chain as the server sent it, the leaf first; a root points at itself. */
function certificatesOf(leaf: DetailedPeerCertificate): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  const seen = new Set<string>();
  for (
    let current: DetailedPeerCertificate | undefined = leaf;
    current?.subject && chain.length < MAX_CERTIFICATES;
    current = current.issuerCertificate
  ) {
    if (seen.has(current.fingerprint256)) break;
    seen.add(current.fingerprint256);
    chain.push(current);
  }
  return chain;
}

function reportOf(certificate: DetailedPeerCertificate): CertificateReport {
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validFrom: timeOf(certificate.valid_from),
    validTo: timeOf(certificate.valid_to),
    names: namesOf(certificate.subjectaltname),
  };
}

function nameOf(name: DetailedPeerCertificate['subject'] | undefined): string {
  const parts = [name?.CN, name?.O].flat().filter((part) => typeof part === 'string' && part !== '');
  return parts.join(', ').slice(0, MAX_CHARACTERS) || 'no name';
}

function namesOf(text: string | undefined): readonly string[] {
  return [...(text ?? '').slice(0, 20_000).matchAll(/(?:DNS|IP Address):([^,\s"]{1,253})/g)]
    .slice(0, MAX_NAMES)
    .map((match) => match[1] ?? '');
}

function timeOf(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text.slice(0, 40) : new Date(time).toISOString();
}
