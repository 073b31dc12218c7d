import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rememberReads } from '../src/cluster/remembering-cluster.ts';
import { createRecordedSources } from '../src/recording/recorded-world.ts';
import { readRecordingFolder } from '../src/recording/recording-folder.ts';
import { stagesOf } from './support/stages.ts';

const CASES = 'test/cases';
const names = readdirSync(CASES);

/** Each case is a recording of a real pod with what every stage made of it. `npm run cases` writes the stages anew. */
describe.each(names)('case %s', (name) => {
  it('goes through every stage as it did when it was accepted', async () => {
    const recording = await readRecordingFolder(join(CASES, name));
    const stages = await stagesOf(createRecordedSources(recording), recording);
    for (const [file, text] of Object.entries(stages)) expect(text, file).toBe(await readFile(join(CASES, name, 'stages', file), 'utf8'));
  });
});

describe('the cases together', () => {
  it('are recordings of at least thirty pods', () => {
    expect(names.length).toBeGreaterThanOrEqual(30);
  });

  it('need at most twelve requests each', async () => {
    for (const name of names) {
      const recording = await readRecordingFolder(join(CASES, name));
      const recorded = createRecordedSources(recording);
      const sources = { ...recorded, cluster: rememberReads(recorded.cluster, () => 0) };
      await stagesOf(sources, recording);
      expect(sources.cluster.requests(), name).toBeLessThanOrEqual(12);
    }
  });
});
