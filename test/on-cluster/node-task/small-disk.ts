/**
 * A node whose images are on a small disk of their own, for tests that fill it. `TEST_SMALL_DISK=NODE=FOLDER` names the node, and a folder on this
 * machine that is on the file system of that node's images.
 *
 * Such a node can be had wherever the root of its runtime is a folder of this machine, DATA: where nodes are processes here, or containers into which
 * DATA is mounted as /var/lib/containerd. Before the runtime starts, as root:
 *
 *     truncate -s 900M small.img && mkfs.ext4 -q -m 0 small.img && mount -o loop small.img DATA
 *
 * `TEST_SMALL_DISK=NODE=DATA` is it then. The kubelet has to find the kubelet's own folder on another disk, or that one fills as well. 900 MB hold this
 * program twice and what other tests pull.
 *
 * What the kubelet (1.36.2, defaults) does with it: below 15 % free it reports DiskPressure within half a minute, the node gets the taint
 * node.kubernetes.io/disk-pressure, images that no container uses and that it has known for two minutes are removed in the same second, and new pods that are
 * not critical are refused. Once there is room, DiskPressure stays for five minutes more.
 */
import { statSync } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The disk of one node's images. */
export interface SmallDisk {
  readonly node: string;
  /** Does something while at most that share of the disk is free, from 0 to 1, and empties the disk again whatever comes of that. */
  filledTo<T>(freeShare: number, work: () => Promise<T>): Promise<T>;
}

/** A larger one is not meant to be filled. */
const MAX_BYTES = 4 * 1024 ** 3;
const CHUNK = Buffer.alloc(1024 * 1024);

/** The disk that TEST_SMALL_DISK names, and undefined where it is not set. Throws a sentence where it cannot be meant. */
export function smallDisk(): SmallDisk | undefined {
  const named = process.env['TEST_SMALL_DISK'];
  if (named === undefined) return undefined;
  const [, node, folder] = /^([^=]+)=(\/.*)$/.exec(named) ?? [];
  if (node === undefined || folder === undefined)
    throw new Error('Write TEST_SMALL_DISK as NODE=FOLDER, with the folder from the root on.');
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`${folder}, which TEST_SMALL_DISK names, is not there.`);
  if ([tmpdir(), '/'].some((other) => statSync(other).dev === found.dev))
    throw new Error(`${folder} is on a disk of this machine, which is not to be filled. Mount a small one there.`);
  const file = join(folder, 'imagepull-test-filling');
  return {
    node,
    async filledTo(freeShare, work) {
      try {
        await fill(file, folder, freeShare);
        return await work();
      } finally {
        await rm(file, { force: true });
      }
    },
  };
}

/** Fills the disk with a file, whose blocks are all written. A test that was killed may have left one. */
async function fill(file: string, folder: string, freeShare: number): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (;;) {
      const { bsize, blocks, bavail } = await statfs(folder);
      if (bsize * blocks > MAX_BYTES) throw new Error(`The disk of ${folder} is larger than ${MAX_BYTES} bytes.`);
      const excess = Math.floor(bsize * (bavail - blocks * freeShare));
      if (excess < bsize) break;
      await handle.write(CHUNK, 0, Math.min(excess, CHUNK.length));
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
