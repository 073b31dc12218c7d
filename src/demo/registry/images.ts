import { createHash } from 'node:crypto';

/** Media types of what is served. */
const TYPES = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

/** Something that has a digest. */
export interface Content {
  readonly type: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

/** A small image for linux/amd64, the same each time for the same name. */
export interface Image {
  readonly manifest: Content;
  /** Configuration and layer. */
  readonly blobs: readonly Content[];
}

/** Makes the image that a tag stands for. */
export function imageCalled(name: string): Image {
  const layer = contentOf(TYPES.layer, Buffer.from(`layer of ${name}`));
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = contentOf(TYPES.config, jsonOf({ architecture: 'amd64', os: 'linux', rootfs, config: {} }));
  const described = ({ type, bytes, digest }: Content) => ({ mediaType: type, size: bytes.length, digest });
  const manifest = { schemaVersion: 2, mediaType: TYPES.manifest, config: described(config), layers: [described(layer)] };
  return { manifest: contentOf(TYPES.manifest, jsonOf(manifest)), blobs: [config, layer] };
}

function jsonOf(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function contentOf(type: string, bytes: Buffer): Content {
  return { type, bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}
