import type { RuntimeImage } from '../../src/node/cri/runtime.ts';
import type { ImagesDocument } from '../../src/node/document.ts';
import type { PlannedImage, PrunePlan } from '../../src/node/prune/plan.ts';

/** The id of a made image. */
export function imageId(number: number): string {
  return `sha256:${number.toString(16).padStart(64, '0')}`;
}

/** An image under names of its own. */
export function madeImage(number: number, given: Partial<RuntimeImage> = {}): RuntimeImage {
  return {
    id: imageId(number),
    tags: [`registry.example/shop/app-${number}:1`],
    digests: [`registry.example/shop/app-${number}@${imageId(number + 1_000_000)}`],
    bytes: 1_000,
    pinned: false,
    ...given,
  };
}

/** The image as a plan names it, seen long ago. */
export function planned({ id, tags, digests, bytes }: RuntimeImage, given: Partial<PlannedImage> = {}): PlannedImage {
  return {
    id,
    tags: [...tags],
    digests: [...digests],
    bytes,
    seenAt: '2026-01-01T00:00:00.000Z',
    because: 'no container uses it',
    ...given,
  };
}

/** A plan to remove some images, of which nothing is kept or awaited unless told. */
export function planOf(images: PrunePlan['images'], given: Partial<PrunePlan> = {}): PrunePlan {
  return { schemaVersion: 1, images, minimumAgeMs: 3_600_000, keep: [], awaited: [], ...given };
}

type ListedImage = ImagesDocument['images'][number];

/** The image as a node lists it: unused, and there for a day when `listingOf` was asked. */
export function listed({ id, tags, digests, bytes, pinned }: RuntimeImage, given: Partial<ListedImage> = {}): ListedImage {
  const names = { tags: [...tags], digests: [...digests] };
  return { id, ...names, bytes, pinned, sandbox: false, usedBy: [], since: '2026-01-01T00:00:00.000Z', ...given };
}

/** What a node lists whose disk of 10,000 bytes is full. */
export function listingOf(images: readonly ListedImage[], given: Partial<ImagesDocument> = {}): ImagesDocument {
  return {
    schemaVersion: 1,
    at: '2026-01-02T00:00:00.000Z',
    kind: 'images',
    runtime: { name: 'containerd', version: '2.1.9', socket: '/run/containerd/containerd.sock' },
    images: [...images],
    unresolved: [],
    filesystems: [
      { of: 'images', mountpoint: '/var/lib/images', room: { totalBytes: 10_000, freeBytes: 0, totalInodes: 1, freeInodes: 1 } },
    ],
    ...given,
  };
}
