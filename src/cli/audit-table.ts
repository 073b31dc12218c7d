import { shortDigest } from '../approval/plan.ts';
import type { Who } from '../audit/commitment.ts';
import type { Disclosed, DisclosedEntry } from '../audit/log/read-audit.ts';
import { hanging, type Paint } from '../report/layout.ts';
import { printable } from '../text/printable.ts';
import { shortened } from '../text/wording.ts';

const COLUMNS = ['TIME', 'ENTRY', 'KIND', 'WHAT', 'WHO', 'PLAN', 'FROM', 'RESULT'] as const;
/** What is longer is cut; `-o jsonl` has all of it. */
const MOST = 60;

const UNKNOWN: Readonly<Record<Exclude<Disclosed<unknown>['status'], 'known'>, string>> = {
  erased: 'erased',
  gone: 'no longer kept',
  changed: 'changed since',
};

/** Entries as a table, with the reasons below them. What people and clusters wrote cannot move the cursor nor look like another row. */
export function auditTable(entries: readonly DisclosedEntry[], paint: Paint, width: number): string {
  if (entries.length === 0) return 'Nothing was written down.\n';
  const rows = entries.map(({ entry, who }) => cellsOf(entry, who).map(oneLine));
  const widths = COLUMNS.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${[
    paint.strong(line(COLUMNS)),
    ...entries.flatMap(({ why }, at) => [
      line(rows[at] ?? []),
      ...(why === undefined ? [] : hanging('    why: ', oneLine(why.status === 'known' ? why.says : UNKNOWN[why.status]), width)),
    ]),
  ].join('\n')}\n`;
}

/** An entry as it is stored, with what its commitments stand for: one JSON object a line, which says everything and moves no cursor. */
export function auditLine({ entry, who, why }: DisclosedEntry): string {
  return JSON.stringify({ entry, who: who ?? null, why: why ?? null }).replace(HARMFUL, escaped);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is escaped
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function cellsOf({ cluster, sequence, event }: DisclosedEntry['entry'], who: Disclosed<Who> | undefined): readonly string[] {
  const { at, kind, what, digest, from, result = '' } = event;
  return [
    `${at.slice(0, 19).replace('T', ' ')}`,
    `${cluster}.${sequence}`,
    kind,
    shortened(what, MOST),
    whoWords(who),
    digest === undefined ? '' : shortDigest(digest),
    from,
    shortened(result, MOST),
  ];
}

function whoWords(who: Disclosed<Who> | undefined): string {
  if (who === undefined) return '';
  if (who.status !== 'known') return UNKNOWN[who.status];
  const { name, person, clusterUser } = who.says;
  return `${shortened(name, MOST)} (${person.user}${clusterUser === undefined ? '' : `, ${shortened(clusterUser, MOST)} in the cluster`})`;
}

/** Two blanks part columns, so no text may hold them. */
function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ');
}
