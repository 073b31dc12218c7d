import type { Finding } from './finding.ts';
import { byteWords } from './wording.ts';

/** What an image takes up besides its compressed layers once it is unpacked, as a multiple of them: a rough average. */
const UNPACKED = 3;

/** How much must be pulled for a container, in compressed bytes. */
export interface ImageSize {
  readonly container: string;
  readonly image: string;
  readonly bytes: number;
}

/** Images that are too large for what is free on the node. One step knows the size and another the space, so neither can tell. */
export function fitFindings(sizes: readonly ImageSize[], freeBytes: number | undefined, node: string, at: string): readonly Finding[] {
  if (freeBytes === undefined) return [];
  return sizes
    .filter(({ bytes }) => bytes * (1 + UNPACKED) > freeBytes)
    .map(({ container, image, bytes }) => ({
      code: 'node/image-does-not-fit',
      says: `${image} may not fit: it is ${byteWords(bytes)} compressed, about ${byteWords(bytes * (1 + UNPACKED))} with its unpacked layers, if none of them is there already, and ${node} has ${byteWords(freeBytes)} free for images.`,
      container,
      evidence: [{ source: 'node', vantage: 'node', observedAt: at, text: `${bytes} bytes to pull, ${freeBytes} bytes free` }],
    }));
}
