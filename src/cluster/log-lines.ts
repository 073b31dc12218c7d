import { redact } from '../diagnosis/redaction.ts';

const MAX_LINE = 600;
/** Shown before the word that a line was found by, where the line has to be cut. */
const BEFORE = 200;

/** The newest lines of a log since a time that hold one of the words (in any case), redacted and cut around the word; at most `most`. */
export function matchingLines(
  text: string,
  query: { readonly words: readonly string[]; readonly most: number; readonly since: Date },
): readonly string[] {
  const words = query.words.map((word) => word.toLowerCase()).filter((word) => word !== '');
  const found: string[] = [];
  // From the end, since the newest lines are wanted and a log may have megabytes.
  for (let end = text.length; end > 0 && found.length < query.most; ) {
    const newline = text.lastIndexOf('\n', end - 1);
    const line = text.slice(newline + 1, Math.min(end, newline + 1 + 20_000));
    const lower = line.toLowerCase();
    const at = Math.min(...words.map((word) => lower.indexOf(word)).filter((index) => index >= 0));
    if (Number.isFinite(at) && !isOlder(line, query.since)) found.push(shown(line, at));
    end = newline;
  }
  return found.reverse();
}

function shown(line: string, at: number): string {
  const start = at < MAX_LINE - BEFORE ? 0 : at - BEFORE;
  // Redacted before it is cut, so that no half of a secret is left; dumps of containers hold environment values and arguments.
  const clean = redact(line.replace(/&?(?:v1\.)?Container\{.*/s, '[container]'));
  return clean.slice(Math.min(start, Math.max(0, clean.length - MAX_LINE)), start + MAX_LINE).trimEnd();
}

/** klog writes `E1122 22:04:48.620612`, without a year; containerd `time="2026-11-22T22:03:24Z"`. Lines without a time count as new. */
function isOlder(line: string, since: Date): boolean {
  const klog = /^[IWEF]([0-9]{2})([0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})/.exec(line);
  const year = since.getUTCFullYear();
  const written = klog
    ? `${year}-${klog[1]}-${klog[2]}T${klog[3]}Z`
    : /^(?:time=")?([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,20}Z)/.exec(line)?.[1];
  const time = written === undefined ? Number.NaN : Date.parse(written);
  if (Number.isNaN(time)) return false;
  // A date of months ahead was written before the turn of the year.
  const month = 31 * 86_400_000;
  const at = klog && time - since.getTime() > 6 * month ? time - 365 * 86_400_000 : time;
  return at < since.getTime();
}
