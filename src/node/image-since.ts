import { dirname, join } from 'node:path';
import type { Host } from './host.ts';
import { bareId } from './image-use.ts';

/** What runtimes write to a disk when an image comes, from the folder that ImageFsInfo names and the id, which is the digest of the image's configuration. */
const WRITTEN: readonly ((mountpoint: string, id: string) => string)[] = [
  // containerd names the folder of its snapshotter, beside which it has its content. A blob gets its time once it is whole.
  (mountpoint, id) => join(dirname(mountpoint), 'io.containerd.content.v1.content/blobs/sha256', id),
  // CRI-O names overlay-images, with a folder for each image.
  (mountpoint, id) => join(mountpoint, id),
  // cri-dockerd names Docker's root.
  (mountpoint, id) => join(mountpoint, 'image/overlay2/imagedb/content/sha256', id),
];

/**
 * Since when an image is on the node, by the times of its files and the clock of the node, as RFC 3339; undefined where they are not found. CRI does
 * not say it. Content that is there already is not written again when another pull asks for it, so what this tells may be long before that pull.
 */
export function imageSince(
  { id }: { readonly id: string },
  mountpoints: readonly string[],
  host: Pick<Host, 'modified'>,
): string | undefined {
  const bare = bareId(id);
  // Nothing else may become a part of a path.
  if (!/^[0-9a-f]{64}$/.test(bare)) return undefined;
  const times = mountpoints
    .filter((mountpoint) => mountpoint.startsWith('/'))
    .flatMap((mountpoint) => WRITTEN.flatMap((place) => host.modified(place(mountpoint, bare))?.getTime() ?? []));
  return times.length === 0 ? undefined : new Date(Math.max(...times)).toISOString();
}
