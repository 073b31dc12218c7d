import { z } from 'zod';
import type { Scan } from '../scan/grouping.ts';
import { shortened } from '../text/wording.ts';
import { plain } from './layout.ts';
import { scanText } from './scan-report.ts';

/** What a gateway needs of a scan: a text to show, and the pods to choose from. Small, since the queue keeps it for a while. */
export const Scanned = z.object({
  status: z.literal('scanned'),
  text: z.string(),
  pods: z.array(z.object({ namespace: z.string(), pod: z.string(), says: z.string() })),
});
export type Scanned = z.infer<typeof Scanned>;

const MOST_TEXT = 9_000;
/** More pods than this are found by typing more of their name, which asks for their namespace. */
const MOST_PODS = 500;

/** The answer to a scan. */
export function scanned(scan: Scan): Scanned {
  const pods = scan.groups.flatMap(({ title, containers }) =>
    containers.map(({ namespace, pod }) => [`${namespace}/${pod}`, { namespace, pod, says: shortened(title, 200) }] as const),
  );
  return {
    status: 'scanned',
    text: shortened(scanText(scan, plain, 90), MOST_TEXT),
    pods: [...new Map(pods).values()].slice(0, MOST_PODS),
  };
}
