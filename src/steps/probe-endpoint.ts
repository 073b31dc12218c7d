import type { Finding } from '../diagnosis/finding.ts';
import { endpointFindings, type TriedEndpoint } from '../diagnosis/registry/endpoint-findings.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import { asCodedError } from '../errors.ts';
import { apiHostOf } from '../facts/docker-hub.ts';
import { registryOf, splitPort } from '../facts/image-reference.ts';
import { isLoopback } from '../facts/loopback.ts';
import type { Ping } from '../facts/registry-answer.ts';
import { imagesInQuestion } from './images-in-question.ts';
import type { ProbeContext } from './step.ts';

/** More different servers are not tried. */
const MAX_HOSTS = 4;
/** For one server, so that one that hangs delays nothing else. */
const HOST_TIMEOUT_MS = 15_000;

/** A server that failing images need. */
interface Server {
  /** `host` or `host:port`. */
  readonly name: string;
  readonly role: 'registry' | 'host that failed';
  readonly containers: readonly string[];
  readonly askedInPlainHttp: boolean;
}

/** Tries the way to the registry of each failing image, to its token server and to the host that failed: DNS, TCP, TLS and a greeting. */
export async function probeEndpoint(context: ProbeContext): Promise<StepResult> {
  const servers = serversOf(context);
  const results = await Promise.all(servers.slice(0, MAX_HOSTS).map((server) => tryServer(context, server)));
  const obstacles = results.flatMap((result) => result.obstacle ?? []);
  return {
    findings: results.flatMap((result) => result.findings),
    ...(obstacles.length > 0 ? { shortfall: [...new Set(obstacles)].join('\n') } : {}),
  };
}

function serversOf(context: ProbeContext): readonly Server[] {
  const byName = new Map<string, Server>();
  for (const { container, image } of imagesInQuestion(context)) {
    const registry = registryOf(image);
    if (registry === '') continue;
    const error = context.failures.find((failure) => failure.container === container)?.error;
    const plain = error?.symptom === 'unknown' || error?.symptom === 'http-https-mismatch';
    add(byName, apiHostOf(registry), 'registry', container, plain);
    // A mirror, token server or blob store may be what failed.
    if (error?.host !== undefined && apiHostOf(error.host) !== apiHostOf(registry))
      add(byName, error.host, 'host that failed', container, plain);
  }
  return [...byName.values()];
}

function add(byName: Map<string, Server>, name: string, role: Server['role'], container: string, askedInPlainHttp: boolean): void {
  const known = byName.get(name);
  byName.set(name, {
    name,
    role: known?.role ?? role,
    containers: [...(known?.containers ?? []), container],
    askedInPlainHttp: askedInPlainHttp || known?.askedInPlainHttp === true,
  });
}

async function tryServer(
  context: ProbeContext,
  server: Server,
): Promise<{ readonly findings: readonly Finding[]; readonly obstacle?: string }> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(HOST_TIMEOUT_MS)]);
  try {
    const [report, ping] = await Promise.all([
      context.prober.probe({ ...endpointOf(server.name), namedBy: server.role === 'registry' ? 'image' : 'answer' }, signal),
      server.role === 'registry' ? context.registry.ping(server.name, signal) : undefined,
    ]);
    // On loopback runtimes speak plain HTTP, so a port without TLS is no problem once the greeting came back over it.
    const plain = ping?.status === 'answers' && ping.scheme === 'http' && isLoopback(server.name);
    const { problem, ...rest } = report;
    const tried: TriedEndpoint = {
      report: plain && problem === 'plain-http' ? rest : report,
      role: server.role,
      askedInPlainHttp: server.askedInPlainHttp,
      from: context.vantage,
      ...(ping === undefined ? {} : { ping }),
    };
    const token = await tryTokenServer(context, server, ping, signal);
    const all = [tried, ...(token ? [token] : [])];
    return { findings: server.containers.flatMap((container) => all.flatMap((one) => endpointFindings(one, container, context.now))) };
  } catch (cause) {
    const error = asCodedError(cause);
    if (error.code === 'recording/absent') return { findings: [], obstacle: error.message };
    if (signal.aborted) return { findings: [], obstacle: `${server.name} could not be tried in time.` };
    throw cause;
  }
}

/** The token server that the registry names, where it is another host. */
async function tryTokenServer(
  context: ProbeContext,
  server: Server,
  ping: Ping | undefined,
  signal: AbortSignal,
): Promise<TriedEndpoint | undefined> {
  if (ping?.status !== 'answers' || ping.challenge?.scheme !== 'bearer') return undefined;
  const realm = URL.parse(ping.challenge.realm);
  if (!realm || !/^https?:$/.test(realm.protocol) || realm.host === server.name) return undefined;
  const tls = realm.protocol === 'https:';
  const port = Number(realm.port || (tls ? 443 : 80));
  const report = await context.prober.probe({ host: realm.hostname.replace(/^\[|\]$/g, ''), port, tls, namedBy: 'answer' }, signal);
  return { report, role: 'token server', askedInPlainHttp: false, from: context.vantage };
}

function endpointOf(name: string): { readonly host: string; readonly port: number; readonly tls: boolean } {
  const { host, port } = splitPort(name);
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? 443), tls: true };
}
