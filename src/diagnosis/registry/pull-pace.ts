import { byteWords, duration } from '../../text/wording.ts';
import type { Finding } from '../finding.ts';
import type { ImageSize } from './image-fit.ts';

/** A link this slow is rare among nodes; what takes longer hangs more likely than it moves. Bytes a second. */
const SLOW_LINK = 1_000_000;
/** Unpacking may take as long again. */
const UNPACKING = 2;

/**
 * Pulls that have lasted longer than the image's size explains: at a megabyte a second, and as long again to unpack. One
 * step knows how long a pull lasts and another the size, so neither can tell. `at` (RFC 3339) is now.
 */
export function paceFindings(findings: readonly Finding[], sizes: readonly ImageSize[], at: string): readonly Finding[] {
  return findings.flatMap(({ code, container, evidence }) => {
    const size = sizes.find((candidate) => candidate.container === container);
    if (code !== 'pod/pull-no-progress' || !size) return [];
    const lasting = Date.parse(at) - Math.max(...evidence.map(({ observedAt }) => Date.parse(observedAt)));
    const enough = (size.bytes / SLOW_LINK) * UNPACKING * 1_000;
    if (!Number.isFinite(lasting) || lasting <= enough) return [];
    const found: Finding = {
      code: 'pod/pull-outlasts-size',
      says: `The size does not explain it: ${size.image} is ${byteWords(size.bytes)} compressed, for which ${duration(enough)} are enough even on a link of ${byteWords(SLOW_LINK)}/s.`,
      container: size.container,
      evidence,
    };
    return [found];
  });
}
