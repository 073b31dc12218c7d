import { byteWords } from '../../text/wording.ts';
import type { Finding } from '../finding.ts';

/** What an image takes up besides its compressed layers once it is unpacked, as a multiple of them: a rough average. */
const UNPACKED = 3;

/** How much must be pulled for a container, in compressed bytes. */
export interface ImageSize {
  readonly container: string;
  readonly image: string;
  readonly bytes: number;
}

/** Where a node stores images, as far as its kubelet knows. */
export interface ImageSpace {
  readonly node: string;
  readonly freeBytes: number | undefined;
  readonly capacityBytes: number | undefined;
}

/**
 * Images that are too large for the node: for the whole of its disk, which is certain, or for what is free on it now, which is an estimate.
 * One step knows the size and another the space, so neither can tell.
 */
export function fitFindings(sizes: readonly ImageSize[], space: ImageSpace, at: string): readonly Finding[] {
  return sizes.flatMap((size) => fitFinding(size, space, at) ?? []);
}

function fitFinding(
  { container, image, bytes }: ImageSize,
  { node, freeBytes, capacityBytes }: ImageSpace,
  at: string,
): Finding | undefined {
  const found = (code: Finding['code'], says: string, text: string): Finding => ({
    code,
    says,
    container,
    evidence: [{ source: 'node', vantage: 'node', observedAt: at, text: `${bytes} bytes to pull, ${text}` }],
  });
  // Unpacked layers take no less than compressed ones.
  if (capacityBytes !== undefined && capacityBytes > 0 && bytes > capacityBytes)
    return found(
      'node/image-exceeds-disk',
      `${image} cannot fit: it is ${byteWords(bytes)} compressed, and the whole disk on which ${node} stores images has ${byteWords(capacityBytes)}.`,
      `${capacityBytes} bytes in all`,
    );
  const needed = bytes * (1 + UNPACKED);
  if (freeBytes === undefined || needed <= freeBytes) return undefined;
  return found(
    'node/image-does-not-fit',
    `${image} may not fit: it is ${byteWords(bytes)} compressed, about ${byteWords(needed)} with its unpacked layers, if none of them is there already, and ${node} has ${byteWords(freeBytes)} free for images.`,
    `${freeBytes} bytes free`,
  );
}
