import { kindOfLine } from '../diagnosis/log-mentions.ts';
import { redact } from '../diagnosis/redaction.ts';
import type { LogQuery } from './cluster.ts';

const DAY_MS = 86_400_000;
const HALF_A_YEAR_MS = 182 * DAY_MS;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MAX_LINE = 600;
/** Shown before the word that a line was found by, where the line has to be cut. */
const BEFORE = 200;

/** The newest line of each kind in a log that a query wants, redacted and cut around the word; kinds of lines are told apart by kindOfLine. */
export function matchingLines(text: string, query: LogQuery): readonly string[] {
  const words = query.words.map((word) => word.toLowerCase()).filter((word) => word !== '');
  const found: string[] = [];
  const kinds = new Set<string>();
  // From the end, since the newest lines are wanted and a log may have megabytes.
  for (let end = text.length; end > 0 && found.length < query.most; ) {
    const newline = text.lastIndexOf('\n', end - 1);
    const line = text.slice(newline + 1, Math.min(end, newline + 1 + 20_000));
    const lower = line.toLowerCase();
    const at = Math.min(...words.map((word) => lower.indexOf(word)).filter((index) => index >= 0));
    if (Number.isFinite(at) && query.counts?.(line) !== false && !isOlder(line, query.since) && !kinds.has(kindOfLine(line))) {
      kinds.add(kindOfLine(line));
      found.push(shown(line, at));
    }
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
