import { readdirSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { surerFirst } from '../../src/diagnosis/verdict.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { type Diagnosed, diagnosed } from './stages.ts';
import { WORLDS, withoutShared, writeWorlds } from './worlds.ts';

/** Where the cases are, a folder each. */
export const CASES = 'test/cases';
/** Where the reports are, one for each cause that a case has. */
export const REPORTS = 'test/reports';

/** The file of a case that people write. */
const BY_HAND = 'expected.yaml';

export function caseNames(folder = CASES): readonly string[] {
  return readdirSync(folder).sort();
}

/** Makes a case of a recording, or makes it anew; what was written by hand stays as it is. */
async function writeCase(folder: string, recording: Recording, worlds: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) if (name !== BY_HAND) await rm(join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(withoutShared(folder, recording, worlds))) await writeFile(join(folder, name), text);
}

/** Adds cases or replaces them, and writes anew what all of them share. */
export async function writeCases(made: ReadonlyMap<string, Recording>, folder = CASES, worlds = WORLDS): Promise<void> {
  const all = new Map(made);
  for (const name of caseNames(folder)) if (!all.has(name)) all.set(name, await readRecordingFolder(join(folder, name)));
  const sorted = [...all].sort(([one], [other]) => (one < other ? -1 : 1));
  await writeWorlds(
    sorted.map(([, recording]) => recording),
    worlds,
  );
  for (const [name, recording] of sorted) await writeCase(join(folder, name), recording, worlds);
}

/** Writes the stages of every case anew, out of their recordings, and the reports. */
export async function renewCases(folder = CASES, reports = REPORTS): Promise<void> {
  const all = new Map<string, Diagnosed>();
  for (const name of caseNames(folder)) {
    const done = await diagnosed(await readRecordingFolder(join(folder, name)));
    all.set(name, done);
    await mkdir(join(folder, name, 'stages'), { recursive: true });
    for (const [file, text] of Object.entries(done.stages)) await writeFile(join(folder, name, 'stages', file), text);
  }
  await rm(reports, { recursive: true, force: true });
  await mkdir(reports, { recursive: true });
  for (const [file, text] of Object.entries(reportsOf(all))) await writeFile(join(reports, file), text);
}

/** A report for each cause, as the text of a file each: that of the case named after it or, without one, of the surest and first. */
export function reportsOf(all: ReadonlyMap<string, Diagnosed>): Readonly<Record<string, string>> {
  const confidenceOf = ({ conclusion }: Diagnosed) => conclusion.verdict.confidence;
  const surest = [...all].sort(([, one], [, other]) => surerFirst(confidenceOf(one), confidenceOf(other)));
  const byCause = Map.groupBy(surest, ([, { conclusion }]) => conclusion.verdict.cause ?? 'nothing-wrong');
  return Object.fromEntries(
    [...byCause].map(([cause, cases]) => {
      const [, { report }] = cases.find(([name]) => name === `made-${cause}`) ?? cases[0] ?? ['', { report: '' }];
      return [`${cause}.txt`, report];
    }),
  );
}
