import { type Finding, PROVEN_NAMES, provenNames, sightingsOf } from '../diagnosis/finding.ts';
import { type Combination, type Confidence, holds } from '../diagnosis/verdict.ts';
import type { PlaceholderValues } from './placeholders.ts';

/** A more telling title for a cause, where certain findings are there. */
export interface TitleRow {
  /** All of these have to be found; what they prove by name fills the title. */
  readonly when: Combination;
  /** Only for a verdict this sure. */
  readonly confidence?: Confidence | undefined;
  /** Says what the findings prove, so it is true however sure the cause is. */
  readonly title: string;
  /** What it means then, where the cause's own words do not fit. */
  readonly means?: string | undefined;
}

/** What a row of causes.yaml says to people. */
export interface Wording {
  /** May hold placeholders such as {image}. */
  readonly title: string;
  /** The first row that holds, and whose names are all proven, is said instead of the title. */
  readonly titles: readonly TitleRow[];
  /** What the cause means, for somebody who has not met it before. */
  readonly means: string;
}

/** What a headline is chosen by. */
interface Seen {
  readonly confidence: Confidence;
  /** The findings about the image. */
  readonly findings: readonly Finding[];
  readonly values: PlaceholderValues;
}

/** One line that says what is wrong, and what that means. */
export interface Headline {
  readonly title: string;
  readonly means: string;
}

/** The most telling title that the findings allow; `undetermined` is said where there is no cause. The plain title of a cause that is merely possible says so. */
export function headlineOf(cause: Wording | undefined, undetermined: Wording, seen: Seen): Headline {
  const wording = cause ?? undetermined;
  for (const row of wording.titles) {
    const title = titleOf(row, seen);
    if (title !== undefined) return { title, means: fill(row.means ?? wording.means, seen.values) };
  }
  const title = fill(wording.title, seen.values);
  return { title: cause && seen.confidence === 'possible' ? `Perhaps: ${title}` : title, means: fill(wording.means, seen.values) };
}

function titleOf(row: TitleRow, { confidence, findings, values }: Seen): string | undefined {
  if (row.confidence !== undefined && row.confidence !== confidence) return undefined;
  const wanted = new Set(row.when.flat());
  const backing = findings.filter((finding) => wanted.has(finding.code));
  if (!holds(row.when, sightingsOf(backing))) return undefined;
  const names = provenNames(backing);
  const unproven = PROVEN_NAMES.some((name) => row.title.includes(`{${name}}`) && names[name] === undefined);
  return unproven ? undefined : fill(row.title, { ...values, ...names });
}

/** In one pass, so that a name that looks like a placeholder stays a name. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{([a-zA-Z]{1,40})\}/g, (whole, name: string) => values[name] ?? whole);
}
