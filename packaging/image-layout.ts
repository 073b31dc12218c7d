/**
 * `node packaging/image-layout.ts DIR`: the program's image as an OCI layout, made of files of this machine alone, without Docker and without a
 * base from anywhere: this very Node with the libraries that it is linked to, and the package as npm packs it. What the Dockerfile says, for
 * this machine's architecture. `npm run build` comes first. https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { PROJECT } from './project.ts';
import { type Entry, tarArchive } from './tar-archive.ts';

/** Folders and files of the package that the program reads when it runs. */
const PACKAGED = ['bin', 'dist', 'runbooks', 'package.json', 'LICENSE'];
const NODE = 'usr/local/bin/node';
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;
/** What both the image and the Dockerfile run. */
export const ENTRYPOINT = [`/${NODE}`, '/app/bin/imagepull.cjs'];
/** Nobody who is on a node: no user of the image has a name there. */
export const USER = '65532:65532';
/** What asks the container to end: serve then ends what it is at. */
export const STOP_SIGNAL = 'SIGTERM';
/** Asks the service of the same container, on the port that it has by default. No field of the OCI specification: Docker and Podman read it. */
export const HEALTHCHECK = {
  Test: [
    'CMD',
    `/${NODE}`,
    '-e',
    "fetch('http://127.0.0.1:9464/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))",
  ],
  // Nanoseconds.
  Interval: 10e9,
  Timeout: 5e9,
  StartPeriod: 30e9,
};
/** Names of hosts are looked for in files first, as everywhere; without this file the C library does not. */
const NAMES = 'hosts: files dns\npasswd: files\ngroup: files\n';

/** Where a blob of a layout lies. */
interface Blob {
  readonly digest: string;
  readonly size: number;
}

const Package = z.object({ name: z.string(), version: z.string(), description: z.string(), license: z.string() });

/** What the image says of itself, as far as package.json says it. https://github.com/opencontainers/image-spec/blob/main/annotations.md */
export function labelsOf(root: string): Readonly<Record<string, string>> {
  const { name, version, description, license } = Package.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const labels = { title: name, description, licenses: license, source: PROJECT.source, version };
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`org.opencontainers.image.${key}`, value]));
}

/** Writes the layout, and answers with the digest of the image. */
export function writeImageLayout(root: string, to: string): string {
  mkdirSync(join(to, 'blobs/sha256'), { recursive: true });
  // Node changes seldom and is large, so it has a layer of its own.
  const layers = [systemEntries(), programEntries(root)].map((entries) => writeLayer(to, tarArchive(withFolders(entries))));
  const labels = labelsOf(root);
  const config = writeBlob(
    to,
    json({
      architecture: ARCHITECTURE,
      os: 'linux',
      config: {
        Entrypoint: ENTRYPOINT,
        User: USER,
        WorkingDir: '/app',
        Env: ['PATH=/usr/local/bin', 'NODE_ENV=production'],
        Labels: labels,
        StopSignal: STOP_SIGNAL,
        Healthcheck: HEALTHCHECK,
      },
      rootfs: { type: 'layers', diff_ids: layers.map(({ unpacked }) => unpacked) },
      history: layers.map(() => ({ created_by: 'imagepull' })),
    }),
  );
  const manifest = writeBlob(
    to,
    json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: layers.map(({ digest, size }) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size })),
      annotations: labels,
    }),
  );
  const platform = { architecture: ARCHITECTURE, os: 'linux' };
  const described = { mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest, platform };
  writeFileSync(join(to, 'index.json'), json({ schemaVersion: 2, manifests: [described] }));
  writeFileSync(join(to, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  return manifest.digest;
}

/** Node and its libraries, where the linker looks for them. */
function systemEntries(): Entry[] {
  const node = realpathSync(process.execPath);
  // `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, and the linker itself without an arrow.
  const linked = execFileSync('ldd', [node], { encoding: 'utf8' });
  const libraries = [...linked.matchAll(/(?:=> |^\s)(\/\S{1,4096}) \(0x/gm)].flatMap(([, path]) => path ?? []);
  return [
    { path: NODE, content: readFileSync(node), mode: 0o755 },
    ...libraries.map((path) => ({ path: path.slice(1), content: readFileSync(path), mode: 0o755 })),
    { path: 'etc/nsswitch.conf', content: Buffer.from(NAMES), mode: 0o644 },
    { path: 'tmp', folder: true, mode: 0o1777 },
  ];
}

function programEntries(root: string): Entry[] {
  return PACKAGED.flatMap((path) => filesBelow(root, path)).map((path) => ({
    path: `app/${path}`,
    content: readFileSync(join(root, path)),
    mode: 0o644,
  }));
}

function filesBelow(root: string, path: string): readonly string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesBelow(root, `${path}/${name}`));
}

/** The folders of all entries before them, each once. */
function withFolders(entries: readonly Entry[]): readonly Entry[] {
  const named = new Set(entries.map(({ path }) => path));
  const above = entries.flatMap(({ path }) =>
    path
      .split('/')
      .slice(0, -1)
      .map((_, depth, parts) => parts.slice(0, depth + 1).join('/')),
  );
  const folders = [...new Set(above)].filter((path) => !named.has(path)).sort();
  return [...folders.map((path) => ({ path, folder: true as const, mode: 0o755 })), ...entries];
}

function writeLayer(to: string, archive: Buffer): Blob & { readonly unpacked: string } {
  return { ...writeBlob(to, gzipSync(archive, { level: 1 })), unpacked: digestOf(archive) };
}

function writeBlob(to: string, bytes: Buffer): Blob {
  const digest = digestOf(bytes);
  writeFileSync(join(to, 'blobs', digest.replace(':', '/')), bytes);
  return { digest, size: bytes.length };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , to] = process.argv;
  if (to === undefined) throw new Error('say where the layout goes: node packaging/image-layout.ts DIR');
  process.stdout.write(`${writeImageLayout('.', to)}\n`);
}
