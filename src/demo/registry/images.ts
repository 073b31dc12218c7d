import { createHash } from 'node:crypto';

/** Media types of what is served. */
const TYPES = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

/** Something that has a digest. */
export interface Content {
  readonly type: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

/** A small image, the same each time for the same name. */
export interface Image {
  /** What the tag stands for: a manifest, or the index of several. */
  readonly manifest: Content;
  /** Manifests of an index, configurations and layers. */
  readonly parts: readonly Content[];
}

/** Makes the image that a tag stands for: for linux/amd64, or an index for these architectures. */
export function imageCalled(name: string, architectures?: readonly string[]): Image {
  if (architectures === undefined) return imageFor(name, 'amd64');
  const images = architectures.map((architecture) => ({ architecture, image: imageFor(`${name} for ${architecture}`, architecture) }));
  const manifests = images.map(({ architecture, image: { manifest } }) => ({
    mediaType: manifest.type,
    size: manifest.bytes.length,
    digest: manifest.digest,
    platform: { os: 'linux', architecture },
  }));
  const index = contentOf(TYPES.index, jsonOf({ schemaVersion: 2, mediaType: TYPES.index, manifests }));
  return { manifest: index, parts: images.flatMap(({ image: { manifest, parts } }) => [manifest, ...parts]) };
}

function imageFor(name: string, architecture: string): Image {
  const layer = contentOf(TYPES.layer, Buffer.from(`layer of ${name}`));
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = contentOf(TYPES.config, jsonOf({ architecture, os: 'linux', rootfs, config: {} }));
  const described = ({ type, bytes, digest }: Content) => ({ mediaType: type, size: bytes.length, digest });
  const manifest = { schemaVersion: 2, mediaType: TYPES.manifest, config: described(config), layers: [described(layer)] };
  return { manifest: contentOf(TYPES.manifest, jsonOf(manifest)), parts: [config, layer] };
}

function jsonOf(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function contentOf(type: string, bytes: Buffer): Content {
  return { type, bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}
