import { readdirSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recording } from '../../src/recording/recording.ts';
import { readRecordingFolder, writeRecordingFolder } from '../../src/recording/recording-folder.ts';
import { diagnosed } from './stages.ts';

/** Where the cases are, a folder each. */
export const CASES = 'test/cases';

/** The file of a case that people write. */
const BY_HAND = 'expected.yaml';

export function caseNames(folder = CASES): readonly string[] {
  return readdirSync(folder).sort();
}

/** Makes a case of a recording, or makes it anew; what was written by hand stays as it is. */
export async function writeCase(folder: string, recording: Recording): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) if (name !== BY_HAND) await rm(join(folder, name), { recursive: true });
  await writeRecordingFolder(folder, recording);
}

/** Writes the stages of every case anew, out of their recordings. */
export async function renewCases(folder = CASES): Promise<void> {
  for (const name of caseNames(folder)) {
    const { stages } = await diagnosed(await readRecordingFolder(join(folder, name)));
    await mkdir(join(folder, name, 'stages'), { recursive: true });
    for (const [file, text] of Object.entries(stages)) await writeFile(join(folder, name, 'stages', file), text);
  }
}
