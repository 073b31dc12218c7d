import { distinctFindings, MARKS } from './evidence.ts';
import { openItems } from './open-items.ts';
import type { Report } from './report.ts';

/** What each mark of a report means. */
export const MARK_MEANINGS: readonly (readonly [mark: string, means: string])[] = [
  ['+', 'supports the cause'],
  ['-', 'speaks against it'],
  ['·', 'worth knowing beside it'],
  ['?', 'would settle it'],
  ['!', 'could not be read'],
];

/** The marks that a report holds, explained in one line; undefined where there is none. */
export function legendLine(report: Report): string | undefined {
  const { shortfalls, questions, tried } = openItems(report);
  const evidence =
    report.verdict.cause === null ? [] : MARKS.filter(([, sentencesOf]) => distinctFindings(report, sentencesOf(report)).length > 0);
  const used = new Set([
    ...evidence.map(([mark]) => mark),
    ...(tried.length > 0 ? ['·'] : []),
    ...(questions.length > 0 ? ['?'] : []),
    ...(shortfalls.length > 0 ? ['!'] : []),
  ]);
  const explained = MARK_MEANINGS.filter(([mark]) => used.has(mark)).map(([mark, means]) => `${mark} ${means}`);
  return explained.length === 0 ? undefined : `Marks: ${explained.join(', ')}.`;
}
