import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { digestOf, type PushTarget, pushBlob, putManifest, TYPES } from './push-image.ts';

/** The architecture of this machine, as images name it. */
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

/** Pushes an image that a runtime can unpack: one layer with one file of so many bytes, which differ from those of any other seed. */
export async function pushUnpackable(
  target: PushTarget,
  tag: string,
  given: { readonly seed: string; readonly bytes?: number; readonly broken?: boolean },
): Promise<string> {
  const archive = tarOf('content', noise(given.seed, given.bytes ?? 1_000));
  // A broken one has the right digest, and inside it what is no archive.
  const layer = gzipSync(given.broken ? noise(given.seed, 2_000) : archive, { level: 1 });
  const config = Buffer.from(
    JSON.stringify({
      architecture: ARCHITECTURE,
      os: 'linux',
      config: { Labels: { seed: given.seed } },
      rootfs: { type: 'layers', diff_ids: [digestOf(archive)] },
      history: [{ created_by: 'test' }],
    }),
  );
  const [layerDigest, configDigest] = [await pushBlob(target, layer), await pushBlob(target, config)];
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: { mediaType: TYPES.config, size: config.length, digest: configDigest },
    layers: [{ mediaType: TYPES.layer, size: layer.length, digest: layerDigest }],
  });
  await putManifest(target, tag, TYPES.manifest, manifest);
  return configDigest;
}

/** Bytes that do not compress. */
function noise(seed: string, bytes: number): Buffer {
  const blocks: Buffer[] = [];
  for (let block = 0; block * 64 < bytes; block++) blocks.push(createHash('sha512').update(`${seed} ${block}`).digest());
  return Buffer.concat(blocks).subarray(0, bytes);
}

const BLOCK = 512;

/** A tar archive with one file, in the ustar format. */
function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * BLOCK)]);
}
