import { Resolver } from 'node:dns/promises';
import { networkProblem } from '../../network/network-problem.ts';
import type { Host } from '../host.ts';

/** What one resolver of the node answers for a name. */
export interface ResolverReport {
  readonly server: string;
  readonly status: 'resolved' | 'unknown-name' | 'no-answer' | 'failed';
  readonly addresses: readonly string[];
  /** The code of DNS or of the system, such as ESERVFAIL. */
  readonly code?: string;
  readonly milliseconds: number;
}

/** What the node has to resolve names. */
export interface NameReport {
  readonly name: string;
  /** Addresses that /etc/hosts gives it; they come before any resolver. */
  readonly hostsFile: readonly string[];
  readonly resolvers: readonly ResolverReport[];
}

const MAX_RESOLVERS = 3;
/** As resolv.conf(5): a resolver that takes longer is passed over. */
const PATIENCE_MS = 3_000;

/** Asks each resolver of the node by itself: one that fails is hidden by the next, and costs every pull its time. */
export async function askResolvers(name: string, host: Host): Promise<NameReport> {
  const servers = nameservers(host.text('/etc/resolv.conf') ?? '');
  return {
    name,
    hostsFile: hostsFileAddresses(host.text('/etc/hosts') ?? '', name),
    resolvers: await Promise.all(servers.map((server) => ask(server, name))),
  };
}

/** The servers of a resolv.conf, as many as are ever used. */
export function nameservers(text: string): readonly string[] {
  const found = [...text.matchAll(/^[ \t]*nameserver[ \t]+([0-9a-fA-F:.]{2,45}(?:%[\w.-]{1,16})?)/gm)].flatMap(
    ([, server]) => server ?? [],
  );
  return found.slice(0, MAX_RESOLVERS);
}

/** The addresses that a hosts file gives a name. */
export function hostsFileAddresses(text: string, name: string): readonly string[] {
  const rows = text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  return rows.flatMap(([address, ...names]) => (address && names.some((one) => one.toLowerCase() === name.toLowerCase()) ? [address] : []));
}

async function ask(server: string, name: string): Promise<ResolverReport> {
  const started = performance.now();
  const resolver = new Resolver({ timeout: PATIENCE_MS, tries: 1 });
  const done = () => Math.round(performance.now() - started);
  try {
    resolver.setServers([server]);
  } catch (cause) {
    return { server, status: 'failed', addresses: [], code: codeOf(cause), milliseconds: done() };
  }
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length > 0) return { server, status: 'resolved', addresses: addresses.slice(0, 16), milliseconds: done() };
  const [first] = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  const code = codeOf(first);
  const status =
    code === 'ENOTFOUND' || code === 'ENODATA'
      ? 'unknown-name'
      : networkProblem(first) === 'timeout' || code === 'ECONNREFUSED'
        ? 'no-answer'
        : 'failed';
  return { server, status, addresses, code, milliseconds: done() };
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
}
