import { redact } from '../../facts/redaction.ts';
import type { Ping } from '../../facts/registry-answer.ts';
import type { ProbeDocument } from '../../node/document.ts';
import { byteWords, duration, list } from '../../text/wording.ts';
import { observed } from '../evidence.ts';
import type { Finding, FindingCode } from '../finding.ts';
import { endpointFindings } from '../registry/endpoint-findings.ts';

/** Whom the document of a node task is about. */
export interface TaskSubject {
  readonly node: string;
  readonly container: string;
}

type Way = ProbeDocument['ways'][number];

/** A clock that is so wrong refuses certificates and tokens. */
const CLOCK_OFF_MS = 5 * 60_000;
/** The kubelet's usual hard eviction threshold of its own file system, the lowest of the three. */
const LEAST_SHARE = 0.1;
const LEAST_INODES = 0.05;

/** What a probe on a node found, as findings that were seen from there. */
export function probeFindings(document: ProbeDocument, subject: TaskSubject): readonly Finding[] {
  const at = new Date(document.at);
  const ofWays = document.ways.flatMap((way) =>
    endpointFindings(
      { report: way.endpoint, ...pingOf(way), role: way.of, askedInPlainHttp: way.url.startsWith('http:'), from: 'node' },
      subject.container,
      at,
    ),
  );
  return [...ofWays, ...clockFindings(document, subject), ...resolverFindings(document, subject), ...roomFindings(document, subject)];
}

/** A greeting is never about a login, so it asked for nothing but the scheme. */
function pingOf({ endpoint, greeting }: Way): { readonly ping?: Ping } {
  if (greeting === undefined) return {};
  const host = `${endpoint.host}:${endpoint.port}`;
  const about = { host, requests: 1, milliseconds: greeting.milliseconds };
  if (greeting.status === 'answered') {
    const scheme = endpoint.tls !== undefined && endpoint.problem !== 'plain-http' ? 'https' : 'http';
    return { ping: { ...about, status: 'answers', scheme, httpStatus: greeting.http, isRegistry: greeting.isRegistry } };
  }
  if (greeting.problem === 'unusable') return { ping: { ...about, status: 'unusable', because: 'its answer cannot be read' } };
  return { ping: { ...about, status: 'unreachable', problem: greeting.problem, host, message: `${host}: ${greeting.problem}` } };
}

function found(code: FindingCode, says: string, { at, text }: { readonly at: string; readonly text: string }): Finding {
  return { code, says: redact(says), evidence: [observed('node', { from: 'node', at, text })] };
}

/** Only where all that tell the time agree: a server's own clock may be wrong as well. */
function clockFindings({ at, ways }: ProbeDocument, { node }: TaskSubject): readonly Finding[] {
  const told = ways.flatMap(({ endpoint, greeting }) =>
    greeting?.status === 'answered' && greeting.clockAheadMs !== undefined ? [{ host: endpoint.host, ahead: greeting.clockAheadMs }] : [],
  );
  const [first] = told;
  if (!first || told.some(({ ahead }) => Math.abs(ahead) < CLOCK_OFF_MS || ahead > 0 !== first.ahead > 0)) return [];
  const off = `${duration(Math.abs(first.ahead))} ${first.ahead > 0 ? 'ahead of' : 'behind'}`;
  const text = told.map(({ host, ahead }) => `${host}: ${Math.round(ahead / 1_000)} s`).join('; ');
  return [found('node/clock-off', `The clock of ${node} is ${off} that of ${list(told.map(({ host }) => host))}.`, { at, text })];
}

/** Each resolver that does not do what another does, or none does. */
function resolverFindings({ at, names }: ProbeDocument, { node }: TaskSubject): readonly Finding[] {
  if (!names) return [];
  const failing = names.resolvers.filter(({ status }) => status === 'no-answer' || status === 'failed');
  if (failing.length === 0) return [];
  const text = names.resolvers
    .map(({ server, status, code = '', milliseconds }) => `${server}: ${status} ${code} ${milliseconds} ms`.replace('  ', ' '))
    .join('; ');
  const which = list(failing.map(({ server }) => server));
  const others = names.resolvers.length > failing.length ? ', so each lookup waits for it or fails at times' : '';
  const says =
    failing.length === 1
      ? `The resolver ${which} of ${node} does not answer for ${names.name}${others}.`
      : `The resolvers ${which} of ${node} do not answer for ${names.name}.`;
  return [found('node/resolver-failing', says, { at, text })];
}

function roomFindings({ at, filesystems }: ProbeDocument, { node }: TaskSubject): readonly Finding[] {
  const measured = filesystems.flatMap(({ of, mountpoint, room }) => (room ? [{ of, mountpoint, room }] : []));
  const text = measured
    .map(
      ({ of, mountpoint, room }) =>
        `${of} ${mountpoint}: ${room.freeBytes} of ${room.totalBytes} bytes free, ${room.freeInodes} of ${room.totalInodes} inodes`,
    )
    .join('; ');
  const full = measured.filter(({ room }) => room.totalBytes > 0 && room.freeBytes < LEAST_SHARE * room.totalBytes);
  const short = measured.filter(({ room }) => room.totalInodes > 0 && room.freeInodes < LEAST_INODES * room.totalInodes);
  const places = (some: typeof measured) => list([...new Set(some.map(({ mountpoint }) => mountpoint))]);
  return [
    ...(full.length > 0
      ? [
          found(
            'node/disk-full',
            `${node} is short of disk space at ${places(full)}: ${byteWords(full[0]?.room.freeBytes ?? 0)} are free.`,
            { at, text },
          ),
        ]
      : []),
    ...(short.length > 0 ? [found('node/inodes-short', `${node} is short of inodes at ${places(short)}.`, { at, text })] : []),
  ];
}
