import type { AddressReport, CertificateFault, EndpointReport } from '../../facts/endpoint.ts';
import { redact } from '../../facts/redaction.ts';
import type { NetworkProblem, Ping } from '../../facts/registry-answer.ts';
import { dateWords, duration, list } from '../../text/wording.ts';
import { type NetworkVantage, observed } from '../evidence.ts';
import type { Finding, FindingCode, ProvenNames } from '../finding.ts';

/** A certificate that ends sooner than this is mentioned while it still works. */
const SOON_MS = 14 * 86_400_000;

/** What was tried of one server. `ping` is absent for servers that are not greeted: token servers, mirrors, blob stores. */
export interface TriedEndpoint {
  readonly report: EndpointReport;
  readonly ping?: Ping;
  /** What the server is to the image: `registry`, `token server`, `host that failed`. */
  readonly role: string;
  /** True when the runtime spoke plain HTTP to it, as far as its message shows. */
  readonly askedInPlainHttp: boolean;
  /** Where it was tried from. */
  readonly from: NetworkVantage;
}

/** How sentences name it. */
const FROM: Readonly<Record<NetworkVantage, string>> = { bot: 'From where imagepull runs', node: 'From the node' };
const AT: Readonly<Record<NetworkVantage, string>> = { bot: 'where imagepull runs', node: 'on the node' };

type NetworkFinding = Extract<FindingCode, `endpoint/${string}`>;

const CODES: Readonly<Record<NetworkProblem, NetworkFinding>> = {
  'dns-failure': 'endpoint/dns-failure',
  timeout: 'endpoint/timeout',
  'connection-refused': 'endpoint/connection-refused',
  'connection-reset': 'endpoint/connection-reset',
  unreachable: 'endpoint/unreachable',
  'tls-untrusted': 'endpoint/tls-untrusted',
  'tls-expired': 'endpoint/tls-expired',
  'tls-hostname': 'endpoint/tls-hostname',
  'plain-http': 'endpoint/plain-http',
  'proxy-failure': 'endpoint/proxy-failure',
  'address-refused': 'endpoint/address-refused',
};

const FAULTS = {
  untrusted: 'tls-untrusted',
  expired: 'tls-expired',
  'wrong-name': 'tls-hostname',
} as const satisfies Record<CertificateFault['status'], NetworkProblem>;

/** What the way to one server shows, as seen from one place. */
export function endpointFindings(tried: TriedEndpoint, container: string, now: Date): readonly Finding[] {
  const { report } = tried;
  const evidence = observed('endpoint', { from: tried.from, at: now, text: transcript(tried) });
  const finding = (code: FindingCode, says: string): Finding => ({
    code,
    says: redact(says),
    container,
    ...(code === 'endpoint/tls-expired' ? expiryOf(report, now) : {}),
    evidence: [evidence],
  });
  const problem = report.problem ?? pingProblem(tried.ping);
  const found: Finding[] = [];
  if (problem) {
    found.push(finding(CODES[problem], problemSentence(tried, problem)));
    for (const fault of furtherFaults(report)) found.push(finding(CODES[FAULTS[fault.status]], faultSentence(tried, fault)));
  } else found.push(...answerFindings(tried, finding));
  if (tried.askedInPlainHttp && report.tls && !['not-tls', 'failed', 'silent'].includes(report.tls.status))
    found.push(
      finding('endpoint/speaks-tls', `${placeOf(report)} speaks TLS; whoever asks it in plain HTTP gets an error that says little.`),
    );
  const end = report.tls?.status === 'trusted' ? report.tls.chain[0]?.validTo : undefined;
  if (end !== undefined && Date.parse(end) - now.getTime() < SOON_MS)
    found.push(
      finding(
        'endpoint/tls-expires-soon',
        `The certificate of ${placeOf(report)} ends in ${duration(Date.parse(end) - now.getTime())}, at ${end}.`,
      ),
    );
  return found;
}

/** What is wrong with a certificate besides the first thing: each would show when the ones before it are mended. */
function furtherFaults({ tls }: EndpointReport): readonly CertificateFault[] {
  return tls && 'also' in tls ? (tls.also ?? []) : [];
}

/** When the server's own certificate ended; nothing where it is not valid yet, or where that of its issuer ended. */
function expiryOf({ tls }: EndpointReport, now: Date): { readonly names?: ProvenNames } {
  const end = tls && 'chain' in tls ? tls.chain[0]?.validTo : undefined;
  return end !== undefined && Date.parse(end) <= now.getTime() ? { names: { expired: dateWords(end, now) } } : {};
}

/** Loopback registries speak plain HTTP by custom; then a greeting over it is fine. */
function pingProblem(ping: Ping | undefined): NetworkProblem | undefined {
  return ping?.status === 'unreachable' ? ping.problem : undefined;
}

function answerFindings(
  { report, ping, role, from }: TriedEndpoint,
  finding: (code: FindingCode, says: string) => Finding,
): readonly Finding[] {
  const place = placeOf(report);
  if (!ping) return [finding('endpoint/answers', `${FROM[from]}, the ${role} ${place} can be reached${timings(report)}.`)];
  switch (ping.status) {
    case 'answers':
      if (ping.httpStatus >= 500)
        return [finding('endpoint/failing', `${FROM[from]}, ${place} answers /v2/ with the server error ${ping.httpStatus}.`)];
      if (!ping.isRegistry)
        return [
          finding(
            'endpoint/not-a-registry',
            `What answers at ${place} is no registry: /v2/ gives status ${ping.httpStatus} and nothing that a registry would say.`,
          ),
        ];
      return [
        finding(
          'endpoint/answers',
          `${FROM[from]}, the registry ${place} answers${timings(report)}${ping.scheme === 'http' ? ', in plain HTTP' : ''}.`,
        ),
      ];
    case 'unusable':
      return [finding('endpoint/not-a-registry', `What answers at ${place} is no registry: ${ping.because}.`)];
    default:
      return [finding('endpoint/answers', `${FROM[from]}, ${place} can be reached${timings(report)}.`)];
  }
}

function problemSentence(tried: TriedEndpoint, problem: NetworkProblem): string {
  const { report } = tried;
  const place = placeOf(report);
  const { tls } = report;
  const because = tls && 'because' in tls ? tls.because : '';
  const from = `${FROM[tried.from]},`;
  switch (problem) {
    case 'dns-failure':
      return `${from} ${report.host} cannot be resolved either: ${report.dns.status === 'failed' ? report.dns.because : 'the name has no usable address'}.`;
    case 'timeout':
      return tls?.status === 'silent'
        ? `${from} ${place} takes the connection and then says nothing either: ${because}.`
        : `${from} ${place} does not answer either${report.addresses.length > 0 ? ` (${addressWords(report)})` : ''}.`;
    case 'connection-refused':
      return `${from} ${place} refuses the connection too (${addressWords(report)}).`;
    case 'connection-reset':
      return `${from} ${place} cuts the connection${because === '' ? '' : `: ${because}`}.`;
    case 'unreachable':
      return `${from} there is no route to ${place} (${addressWords(report)}).`;
    case 'tls-untrusted':
      return faultSentence(tried, { status: 'untrusted', because });
    case 'tls-expired':
      return faultSentence(tried, { status: 'expired', because });
    case 'tls-hostname':
      return faultSentence(tried, { status: 'wrong-name', because });
    case 'plain-http':
      return `${place} speaks plain HTTP on that port, not HTTPS.`;
    case 'proxy-failure':
      return `${from} ${report.proxy ? `the proxy ${report.proxy}` : 'the proxy'} does not let ${place} be reached. The node may use another proxy.`;
    case 'address-refused': {
      const refused = report.addresses.find((address) => address.status === 'refused-by-guard');
      return `imagepull does not connect to ${place}${refused ? ` (${refused.address}): ${refused.because}` : ''}.`;
    }
    default:
      return problem satisfies never;
  }
}

function faultSentence({ report, from }: TriedEndpoint, { status, because }: CertificateFault): string {
  const certificate = `The certificate of ${placeOf(report)}`;
  const why = because === '' ? '' : `: ${because}`;
  const leaf = report.tls && 'chain' in report.tls ? report.tls.chain[0] : undefined;
  switch (status) {
    case 'untrusted':
      return `${certificate} is not trusted ${AT[from]}${why}.${leaf ? ` It was issued to ${leaf.subject} by ${leaf.issuer}.` : ''}`;
    case 'expired':
      return `${certificate} is out of date${why}.${leaf ? ` It was issued by ${leaf.issuer}.` : ''}`;
    case 'wrong-name':
      return `${certificate} is for another name${why}.`;
    default:
      return status satisfies never;
  }
}

function placeOf({ host, port }: EndpointReport): string {
  return `${host}:${port}`;
}

function timings(report: EndpointReport): string {
  const open = report.addresses.find((address) => address.status === 'open');
  const parts = [
    ...(report.dns.status === 'resolved' ? [`DNS ${report.dns.milliseconds} ms`] : []),
    ...(open?.milliseconds === undefined ? [] : [`TCP ${open.milliseconds} ms`]),
    ...(report.tls?.status === 'trusted' ? [`TLS ${report.tls.milliseconds} ms`] : []),
    ...(report.proxy === undefined ? [] : [`through the proxy ${report.proxy}`]),
  ];
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

const STATUS_WORDS: Readonly<Record<AddressReport['status'], string>> = {
  open: 'open',
  'connection-refused': 'connection refused',
  timeout: 'no answer',
  unreachable: 'no route',
  'connection-reset': 'connection cut',
  'refused-by-guard': 'not connected to',
  'not-tried': 'not tried',
};

function addressWords(report: EndpointReport): string {
  return list(
    report.addresses.map(({ address, status }) => `${address}: ${STATUS_WORDS[status]}`),
    4,
  );
}

/** All that was measured, one line. */
function transcript({ report, ping, role }: TriedEndpoint): string {
  const { dns, tls } = report;
  const leaf = tls && 'chain' in tls ? tls.chain[0] : undefined;
  return [
    `${role} ${placeOf(report)}`,
    ...(report.proxy === undefined ? [] : [`proxy ${report.proxy}`]),
    dns.status === 'resolved'
      ? `DNS ${dns.milliseconds} ms`
      : dns.status === 'failed'
        ? `DNS failed: ${dns.because}`
        : 'no name to resolve',
    ...(report.addresses.length > 0 ? [addressWords(report)] : []),
    ...(tls ? [`TLS ${tls.status}${'because' in tls ? ` (${tls.because})` : ''}`] : []),
    ...furtherFaults(report).map(({ status, because }) => `and ${status} (${because})`),
    ...(leaf
      ? [
          `certificate of ${leaf.subject} by ${leaf.issuer}, ${leaf.validFrom} to ${leaf.validTo}, names ${list([...leaf.names], 6) || 'none'}`,
        ]
      : []),
    ...(ping?.status === 'answers' ? [`GET /v2/: ${ping.httpStatus} over ${ping.scheme}`] : []),
    ...(ping?.status === 'unusable' ? [`GET /v2/: ${ping.because}`] : []),
  ].join('; ');
}
