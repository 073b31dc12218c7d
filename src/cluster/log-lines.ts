import { redact } from '../diagnosis/redaction.ts';

const MAX_LINE = 600;

/** The newest lines of a log that hold one of the words (in any case), redacted and cut; at most `most`. */
export function matchingLines(text: string, query: { readonly words: readonly string[]; readonly most: number }): readonly string[] {
  const words = query.words.map((word) => word.toLowerCase()).filter((word) => word !== '');
  const found: string[] = [];
  // From the end, since the newest lines are wanted and a log may have megabytes.
  for (let end = text.length; end > 0 && found.length < query.most; ) {
    const newline = text.lastIndexOf('\n', end - 1);
    const line = text.slice(newline + 1, end);
    const lower = line.slice(0, 10_000).toLowerCase();
    if (words.some((word) => lower.includes(word))) found.push(redact(line.slice(0, 4 * MAX_LINE)).slice(0, MAX_LINE));
    end = newline;
  }
  return found.reverse();
}
