import { createHash } from 'node:crypto';

/** Media types of what is pushed. */
export const TYPES = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

/** Where a test pushes to; `authorization` is the header's value. */
export interface PushTarget {
  /** `http://127.0.0.1:5000` */
  readonly origin: string;
  readonly repository: string;
  readonly authorization?: string;
}

/** What was pushed. */
export interface Pushed {
  readonly digest: string;
  readonly layerDigest: string;
  /** Configuration and layer. */
  readonly bytes: number;
}

/** Pushes a small image by plain PUTs; the tag is left out for a member of an index. */
export async function pushImage(
  target: PushTarget,
  given: { readonly tag?: string; readonly architecture?: string } = {},
): Promise<Pushed> {
  const architecture = given.architecture ?? 'amd64';
  const layer = Buffer.from(`layer of ${target.repository} for ${architecture}`);
  const config = Buffer.from(JSON.stringify({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, config: {} }));
  const [layerDigest, configDigest] = await Promise.all([pushBlob(target, layer), pushBlob(target, config)]);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: { mediaType: TYPES.config, size: config.length, digest: configDigest },
    layers: [{ mediaType: TYPES.layer, size: layer.length, digest: layerDigest }],
  });
  const digest = await putManifest(target, given.tag, TYPES.manifest, manifest);
  return { digest, layerDigest, bytes: layer.length + config.length };
}

/** Pushes an index over images for these architectures. */
export async function pushIndex(target: PushTarget, tag: string, architectures: readonly string[]): Promise<string> {
  const manifests = [];
  for (const architecture of architectures) {
    const { digest } = await pushImage(target, { architecture });
    manifests.push({ mediaType: TYPES.manifest, digest, size: 500, platform: { os: 'linux', architecture } });
  }
  return putManifest(target, tag, TYPES.index, JSON.stringify({ schemaVersion: 2, mediaType: TYPES.index, manifests }));
}

/** Puts a manifest under a tag, or under its digest alone; answers with the digest. */
export async function putManifest(target: PushTarget, tag: string | undefined, type: string, manifest: string): Promise<string> {
  const digest = digestOf(Buffer.from(manifest));
  await send(target, 'PUT', `/v2/${target.repository}/manifests/${tag ?? digest}`, { 'content-type': type }, Buffer.from(manifest));
  return digest;
}

/** Pushes bytes; answers with their digest. */
export async function pushBlob(target: PushTarget, bytes: Buffer): Promise<string> {
  const digest = digestOf(bytes);
  const started = await send(target, 'POST', `/v2/${target.repository}/blobs/uploads/`, {});
  const upload = new URL(started.headers.get('location') ?? '', target.origin);
  upload.searchParams.set('digest', digest);
  await send(target, 'PUT', upload.pathname + upload.search, { 'content-type': 'application/octet-stream' }, bytes);
  return digest;
}

async function send(target: PushTarget, method: string, path: string, headers: Record<string, string>, body?: Buffer): Promise<Response> {
  const login = target.authorization === undefined ? {} : { authorization: target.authorization };
  const response = await fetch(new URL(path, target.origin), {
    method,
    headers: { ...headers, ...login },
    body: body ? new Uint8Array(body) : null,
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** The SHA-256 of bytes, as registries write it. */
export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
