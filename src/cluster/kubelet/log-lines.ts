import { kindOfLine } from '../../facts/log-mentions.ts';
import { redact } from '../../facts/redaction.ts';
import type { LogQuery } from '../cluster.ts';

const DAY_MS = 86_400_000;
const HALF_A_YEAR_MS = 182 * DAY_MS;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Of a longer line only so much is looked at. */
const LONGEST_LINE = 20_000;
const MAX_LINE = 600;
/** Shown before the word that a line was found by, where the line has to be cut. */
const BEFORE = 200;

/** The newest line of each kind in a log that a query wants, redacted and cut around the word; kinds of lines are told apart by kindOfLine. */
export function matchingLines(text: string, query: LogQuery): readonly string[] {
  const found: string[] = [];
  const kinds = new Set<string>();
  for (const { line, at } of linesFromEnd(text, query.words)) {
    // The cheapest question first: most lines of a log are old.
    if (isOlder(line, query.since) || query.counts?.(line) === false) continue;
    const kind = kindOfLine(line);
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    found.push(shown(line, at));
    if (found.length >= query.most) break;
  }
  return found.reverse();
}

/** The lines that hold a word, in any case, and where; from the end, since the newest are wanted. A log may have megabytes, so it is not cut into lines. */
function* linesFromEnd(text: string, words: readonly string[]): Generator<{ readonly line: string; readonly at: number }> {
  const lower = text.toLowerCase();
  // A few letters are longer in lower case; then places in the one are not places in the other.
  const searched = lower.length === text.length ? lower : text;
  const last = new Map(words.filter((word) => word !== '').map((word) => [word.toLowerCase(), text.length]));
  for (let end = text.length; end >= 0; ) {
    for (const [word, place] of last) if (place >= end) last.set(word, end === 0 ? -1 : searched.lastIndexOf(word, end - 1));
    const place = Math.max(-1, ...last.values());
    if (place < 0) return;
    const start = text.lastIndexOf('\n', place) + 1;
    const newline = text.indexOf('\n', place);
    const stop = Math.min(newline < 0 ? text.length : newline, start + LONGEST_LINE);
    const places = [...last.keys()].map((word) => searched.slice(start, stop).indexOf(word)).filter((at) => at >= 0);
    if (places.length > 0) yield { line: text.slice(start, stop), at: Math.min(...places) };
    end = start;
  }
}

function shown(line: string, at: number): string {
  const start = at < MAX_LINE - BEFORE ? 0 : at - BEFORE;
  // Redacted before it is cut, so that no half of a secret is left; dumps of containers hold environment values and arguments.
  const clean = redact(line.replace(/&?(?:v1\.)?Container\{.*/s, '[container]'));
  return clean.slice(Math.min(start, Math.max(0, clean.length - MAX_LINE)), start + MAX_LINE).trimEnd();
}

/**
 * klog writes `E1122 22:04:48.620612`, without a year; containerd `time="2026-11-22T22:03:24Z"`; a journal puts `Nov 22 22:04:48.620612
 * node-1 kubelet[812]: ` before either. All are UTC. Lines without a time count as new.
 */
function isOlder(line: string, since: Date): boolean {
  const written = /^(?:time=")?([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,20}Z)/.exec(line)?.[1];
  if (written !== undefined) return Date.parse(written) < since.getTime();
  const klog = /^[IWEF]([0-9]{2})([0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})/.exec(line);
  const journal = /^([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})/.exec(line);
  const month = klog?.[1] ?? String(MONTHS.indexOf(journal?.[1] ?? '') + 1).padStart(2, '0');
  const [, , day, clock] = klog ?? journal ?? [];
  const time = Date.parse(`${since.getUTCFullYear()}-${month}-${day?.padStart(2, '0')}T${clock}Z`);
  if (Number.isNaN(time)) return false;
  // A date of months ahead was written before the turn of the year.
  return (time - since.getTime() > HALF_A_YEAR_MS ? time - 365 * DAY_MS : time) < since.getTime();
}
