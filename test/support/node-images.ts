import type { RuntimeImage } from '../../src/node/cri/runtime.ts';
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
