import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rememberReads } from '../src/cluster/remembering-cluster.ts';
import { createRecordedSources } from '../src/recording/recorded-world.ts';
import { readRecordingFolder } from '../src/recording/recording-folder.ts';
import { catalogue } from './support/rules.ts';
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
  it('reach every cause there is', async () => {
    const reached = new Set<unknown>();
    for (const name of names)
      reached.add(JSON.parse(await readFile(join(CASES, name, 'stages', '4-conclusion.json'), 'utf8')).verdict.cause);
    expect(catalogue.causes.map(({ id }) => id).filter((id) => !reached.has(id))).toEqual([]);
    expect(reached).toContain('undetermined');
    expect(reached).toContain(null);
  });

  it('hold no canary of the worlds they were made of, in any spelling', async () => {
    for (const name of names) {
      for (const file of ['secrets.json', 'answers.json', 'pod.json', 'events.json', 'stages/2-findings.json', 'stages/5-report.txt']) {
        const text = await readFile(join(CASES, name, file), 'utf8');
        const decoded = [...text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)].map(([token]) => Buffer.from(token, 'base64').toString('latin1'));
        for (const spelling of [text, ...decoded]) expect(spelling, `${name}/${file}`).not.toMatch(/canary|correct-horse|wrong-donkey/);
      }
    }
  });

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
    // Every case is diagnosed, which a busy machine takes its time for.
  }, 120_000);
});
