import { parse } from 'smol-toml';
import * as z from 'zod/mini';
import type { Host } from '../host.ts';

/** A server that the runtime asks for a registry's images; `headers` are names alone, as their values are often logins. */
export interface Mirror {
  readonly url: string;
  readonly skipVerify: boolean;
  /** Files with authorities for it. */
  readonly authorities: readonly string[];
  readonly headers: readonly string[];
  /** What it may be asked for; empty where nothing is said. */
  readonly capabilities: readonly string[];
}

/** What one file of the node says of a registry. */
export interface RegistryFile {
  readonly file: string;
  /** What the runtime asks after all mirrors, where the file replaces the registry itself. */
  readonly server?: string;
  readonly mirrors: readonly Mirror[];
  /** The registry may be asked without TLS, or with any certificate. */
  readonly insecure: boolean;
  readonly blocked: boolean;
  /** Why the file tells nothing. */
  readonly unreadable?: string;
}

const Texts = z.union([
  z.array(z.string()),
  z.pipe(
    z.string(),
    z.transform((text: string) => [text]),
  ),
]);

const HostsToml = z.object({
  server: z.optional(z.string()),
  skip_verify: z.optional(z.boolean()),
  host: z.optional(
    z.record(
      z.string(),
      z.object({
        capabilities: z.optional(z.array(z.string())),
        skip_verify: z.optional(z.boolean()),
        ca: z.optional(Texts),
        header: z.optional(z.record(z.string(), z.unknown())),
      }),
    ),
  ),
});

const Location = z.object({ location: z.optional(z.string()), insecure: z.optional(z.boolean()) });
const RegistriesConf = z.object({
  registry: z.optional(
    z.array(
      z.object({
        prefix: z.optional(z.string()),
        location: z.optional(z.string()),
        insecure: z.optional(z.boolean()),
        blocked: z.optional(z.boolean()),
        mirror: z.optional(z.array(Location)),
      }),
    ),
  ),
});

const Section = z.object({ registry: z.optional(z.object({ config_path: z.optional(z.string()) })) });
const ContainerdConfig = z.object({ plugins: z.optional(z.record(z.string(), z.unknown())) });
const StatusConfig = z.object({ registry: z.optional(z.object({ configPath: z.optional(z.nullable(z.string())) })) });
const Daemon = z.object({ 'registry-mirrors': z.optional(z.array(z.string())), 'insecure-registries': z.optional(z.array(z.string())) });

/** The usual place, of AKS, GKE, EKS and whoever follows containerd's documentation. */
const CERTS_D = '/etc/containerd/certs.d';
const RENDERED = ['/var/lib/rancher/k3s/agent/etc/containerd/certs.d', '/var/lib/rancher/rke2/agent/etc/containerd/certs.d'];

/** What the node's files say of the registry of an image, for whichever runtime reads them. `registry` has its port where one is written. */
export function readRegistryConfiguration(
  { registry, repository }: { readonly registry: string; readonly repository: string },
  host: Host,
  configuration: Readonly<Record<string, string>>,
): readonly RegistryFile[] {
  const folders = [...new Set([...configPaths(host, configuration), CERTS_D, ...RENDERED])];
  // The first folder that has the registry, then the first that has a default, as containerd does.
  const hosts = [registry, registry.replace(/:([0-9]+)$/, '_$1_'), '_default']
    .flatMap((name) => folders.map((folder) => `${folder}/${name}/hosts.toml`))
    .find((file) => host.text(file) !== undefined);
  return [
    ...(hosts === undefined ? [] : [hostsFile(hosts, host)]),
    ...containersFiles(`${registry}/${repository}`, host),
    ...dockerFile(registry, host),
  ];
}

/** What containerd says in its status; since 2.0 that is in its configuration alone. */
function configPaths(host: Host, configuration: Readonly<Record<string, string>>): readonly string[] {
  const said = StatusConfig.safeParse(jsonOf(configuration['config'] ?? '')).data?.registry?.configPath ?? '';
  const { plugins = {} } = ContainerdConfig.safeParse(tomlOf(host.text('/etc/containerd/config.toml') ?? '')).data ?? {};
  const written = ['io.containerd.cri.v1.images', 'io.containerd.grpc.v1.cri'].map(
    (name) => Section.safeParse(plugins[name]).data?.registry?.config_path ?? '',
  );
  return [said, ...written].flatMap((paths) => paths.split(':')).filter((path) => path.startsWith('/'));
}

function hostsFile(file: string, host: Host): RegistryFile {
  const read = HostsToml.safeParse(tomlOf(host.text(file) ?? ''));
  if (!read.success) return unreadable(file, 'it is no hosts.toml');
  const { server, skip_verify: insecure = false, host: hosts = {} } = read.data;
  const mirrors = Object.entries(hosts).map(([url, { capabilities = [], skip_verify: skipVerify = false, ca = [], header = {} }]) => ({
    url: urlOf(url),
    skipVerify,
    authorities: ca.map((path) => (path.startsWith('/') ? path : `${file.slice(0, file.lastIndexOf('/'))}/${path}`)),
    headers: Object.keys(header),
    capabilities,
  }));
  return { file, ...(server === undefined ? {} : { server: urlOf(server) }), mirrors, insecure, blocked: false };
}

/** registries.conf of CRI-O and Podman (containers-registries.conf(5), version 2): the longest prefix that fits is the one that holds. */
function containersFiles(image: string, host: Host): readonly RegistryFile[] {
  const dropIns = host.names('/etc/containers/registries.conf.d').filter((name) => name.endsWith('.conf'));
  const files = ['/etc/containers/registries.conf', ...dropIns.map((name) => `/etc/containers/registries.conf.d/${name}`)];
  return files.flatMap((file) => {
    const text = host.text(file);
    if (text === undefined) return [];
    const read = RegistriesConf.safeParse(tomlOf(text));
    if (!read.success) return [unreadable(file, 'it is no registries.conf')];
    const [holds] = (read.data.registry ?? [])
      .filter(({ prefix, location }) => covers(prefix ?? location ?? '', image))
      .sort((a, b) => (b.prefix ?? b.location ?? '').length - (a.prefix ?? a.location ?? '').length);
    if (!holds) return [];
    const { location, insecure = false, blocked = false, mirror = [] } = holds;
    const mirrors = mirror.flatMap(({ location: at, insecure: skipVerify = false }) =>
      at === undefined ? [] : [{ url: urlOf(at), skipVerify, authorities: [], headers: [], capabilities: [] }],
    );
    return [{ file, ...(location === undefined ? {} : { server: urlOf(location) }), mirrors, insecure, blocked }];
  });
}

/** `*.example` is for every host below it; else a host, or a host with a part of the path. */
function covers(prefix: string, image: string): boolean {
  if (prefix === '') return false;
  if (prefix.startsWith('*.')) return (image.split('/', 1)[0] ?? '').replace(/:[0-9]+$/, '').endsWith(prefix.slice(1));
  return image === prefix || image.startsWith(`${prefix}/`);
}

function dockerFile(registry: string, host: Host): readonly RegistryFile[] {
  const file = '/etc/docker/daemon.json';
  const text = host.text(file);
  if (text === undefined) return [];
  const read = Daemon.safeParse(jsonOf(text));
  if (!read.success) return [unreadable(file, 'it is no daemon.json')];
  const { 'registry-mirrors': urls = [], 'insecure-registries': insecures = [] } = read.data;
  // Docker's mirrors are for Docker Hub alone.
  const mirrors = (registry === 'docker.io' ? urls : []).map((url) => ({
    url: urlOf(url),
    skipVerify: false,
    authorities: [],
    headers: [],
    capabilities: [],
  }));
  const insecure = insecures.includes(registry);
  return mirrors.length > 0 || insecure ? [{ file, mirrors, insecure, blocked: false }] : [];
}

function unreadable(file: string, because: string): RegistryFile {
  return { file, mirrors: [], insecure: false, blocked: false, unreadable: because };
}

/** A server's URL; a login in it is taken out. */
function urlOf(text: string): string {
  const url = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1[redacted]@');
}

function tomlOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // The schema refuses undefined, and the caller says so.
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The same.
    return undefined;
  }
}
