import type { ContainerRuntime, RuntimeFilesystem } from './cri/runtime.ts';
import type { ImagesDocument } from './document.ts';
import type { Host } from './host.ts';
import { imageSince } from './image-since.ts';
import { readUsedImages } from './image-use.ts';
import { isSandboxImage, sandboxNames } from './sandbox-image.ts';

type Filesystem = ImagesDocument['filesystems'][number];

/** The folder of the kubelet, on the node's own file system. */
const KUBELET_FOLDER = '/var/lib/kubelet';

/** Every image of the node with what uses it and since when it is there, and the room there is. */
export async function listImages(
  runtime: ContainerRuntime,
  host: Host,
): Promise<Pick<ImagesDocument, 'images' | 'unresolved' | 'filesystems'>> {
  const [{ configuration }, { images, unresolved }, filesystems] = await Promise.all([
    runtime.status(),
    readUsedImages(runtime),
    measureFilesystems(runtime, host),
  ]);
  const sandboxes = sandboxNames(configuration);
  const mountpoints = filesystems.filter(({ of }) => of === 'images').map(({ mountpoint }) => mountpoint);
  return {
    images: images.map(({ id, tags, digests, bytes, pinned, usedBy }) => {
      const since = imageSince({ id }, mountpoints, host);
      return {
        id,
        tags: [...tags],
        digests: [...digests],
        bytes,
        pinned,
        sandbox: isSandboxImage({ tags, digests }, sandboxes),
        ...(since === undefined ? {} : { since }),
        usedBy: [...usedBy],
      };
    }),
    unresolved: [...unresolved],
    filesystems,
  };
}

/** What the runtime says of its file systems, with the room on them where it can be measured, and the node's own. */
export async function measureFilesystems(runtime: ContainerRuntime, host: Host): Promise<Filesystem[]> {
  const { images, containers } = await runtime.filesystems();
  const asked = [
    ...images.map(named('images')),
    ...containers.map(named('containers')),
    { of: 'node' as const, mountpoint: KUBELET_FOLDER },
  ];
  const measured = await Promise.all(
    asked.map(async (filesystem) => {
      const room = await host.room(filesystem.mountpoint);
      return room === undefined ? filesystem : { ...filesystem, room };
    }),
  );
  // Without its room, nothing is known of the node's own.
  return measured.filter((filesystem) => filesystem.of !== 'node' || 'room' in filesystem);
}

function named(of: 'images' | 'containers') {
  return ({ mountpoint, usedBytes, usedInodes }: RuntimeFilesystem): Filesystem => ({ of, mountpoint, usedBytes, usedInodes });
}
