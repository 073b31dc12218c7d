import { CodedError } from '../../errors.ts';
import { apiHostOf } from '../../facts/docker-hub.ts';
import { parseImageReference, splitPort } from '../../facts/image-reference.ts';
import { literalAddress } from '../../network/ip-address.ts';
import { deadline } from '../../timing/deadline.ts';
import type { ContainerRuntime } from '../cri/runtime.ts';
import type { ProbeDocument } from '../document.ts';
import type { Host } from '../host.ts';
import { measureFilesystems } from '../images.ts';
import { readAuthorities } from './authorities.ts';
import { readProxies } from './proxy-variables.ts';
import { type RegistryFile, readRegistryConfiguration } from './registry-configuration.ts';
import { askResolvers } from './resolvers.ts';
import { goTo, type Server } from './way.ts';

/** What a probe works with. */
export interface ProbeParts {
  /** Opens the runtime; what it throws is a part of what is found. */
  readonly openRuntime: () => Promise<ContainerRuntime>;
  readonly host: Host;
  readonly allowLoopback: boolean;
  readonly timeoutMs: number;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

type Found = Omit<ProbeDocument, 'schemaVersion' | 'at' | 'kind'>;

/** More mirrors of one registry are not gone to. */
const MAX_MIRRORS = 4;

/** Looks from the node at everything that a pull of an image needs, without pulling. A part that fails is told as such; the others go on. */
export async function probe(image: string, parts: ProbeParts): Promise<Found> {
  const parsed = parseImageReference(image);
  if (parsed.status === 'invalid') throw new CodedError('usage/node', `That is no image reference: ${parsed.because}.`);
  const { registry, repository } = parsed.reference;
  const { host } = parts;
  const { configuration, ...ofRuntime } = await askRuntime(parts);
  const files = readRegistryConfiguration({ registry, repository }, host, configuration);
  const authorities = readAuthorities(host);
  const { settings, environment } = readProxies(host);
  const servers = serversOf(registry, files, host);
  const name = splitPort(apiHostOf(registry)).host.replace(/^\[|\]$/g, '');
  const [names, ways] = await limited(parts, (signal) =>
    Promise.all([
      literalAddress(name) === undefined ? askResolvers(name, host) : undefined,
      Promise.all(
        servers.map((server) =>
          goTo(server, { allowLoopback: parts.allowLoopback, env: environment, roots: authorities?.pem, now: parts.now, signal }),
        ),
      ),
    ]),
  );
  return {
    ...ofRuntime,
    image,
    registry,
    ...(names === undefined ? {} : { names: { ...names, hostsFile: [...names.hostsFile], resolvers: names.resolvers.map(mutable) } }),
    ways: ways.map(mutable),
    ...(authorities === undefined ? {} : { authorities: { file: authorities.file, count: authorities.count } }),
    proxies: settings.map(mutable),
    configuration: files.map(mutable),
  };
}

/** The parts below end by themselves when the signal says so, and tell what they had. */
async function limited<T>({ timeoutMs, signal }: ProbeParts, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(timeoutMs);
  return deadline({ signal }, () => run(AbortSignal.any([limit, signal])));
}

async function askRuntime({ openRuntime, host }: ProbeParts) {
  let runtime: ContainerRuntime | undefined;
  try {
    runtime = await openRuntime();
    const [version, { conditions, configuration }, filesystems] = await Promise.all([
      runtime.version(),
      runtime.status(),
      measureFilesystems(runtime, host),
    ]);
    return {
      runtime: { status: 'answered' as const, ...version, socket: runtime.socket, conditions: conditions.map(mutable) },
      filesystems,
      configuration,
    };
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    const failed = { status: 'failed' as const, code: cause.code, because: cause.message };
    return { runtime: failed, filesystems: [], configuration: {} };
  } finally {
    runtime?.close();
  }
}

/** The registry itself, or what takes its place, and its mirrors, each once. */
function serversOf(registry: string, files: readonly RegistryFile[], host: Host): readonly Server[] {
  const own: Server = { of: 'registry', url: new URL(`https://${apiHostOf(registry)}`), namedBy: 'image' };
  const found = files.flatMap(({ server, mirrors }): readonly Server[] => [
    ...mirrors.flatMap(({ url, authorities }) => serverOf(url, authorities, host)),
    ...(server === undefined ? [] : serverOf(server, [], host)),
  ]);
  const others = found.filter(
    ({ url }, index) => url.host !== own.url.host && found.findIndex((other) => other.url.host === url.host) === index,
  );
  // A file that names the registry's own host may change its scheme and its authorities.
  const [named] = found.filter(({ url }) => url.host === own.url.host);
  return [
    { ...own, ...(named === undefined ? {} : { url: named.url, ...(named.ca === undefined ? {} : { ca: named.ca }) }) },
    ...others.slice(0, MAX_MIRRORS),
  ];
}

function serverOf(url: string, authorities: readonly string[], host: Host): readonly Server[] {
  if (!URL.canParse(url)) return [];
  const ca = authorities.flatMap((file) => host.text(file) ?? []).join('\n');
  return [{ of: 'mirror', url: new URL(url), namedBy: 'operator', ...(ca === '' ? {} : { ca }) }];
}

/** Documents are written by schemas, which know no readonly. */
type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

function mutable<T>(value: T): Mutable<T> {
  return structuredClone(value) as Mutable<T>;
}
