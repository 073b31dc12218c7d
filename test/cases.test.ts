import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Recording } from '../src/recording/recording.ts';
import { readRecordingFolder } from '../src/recording/recording-folder.ts';
import type { Conclusion } from '../src/runbook/run.ts';
import { CASES, caseNames, REPORTS, renewCases, reportsOf, writeCases } from './support/cases.ts';
import { differences, readExpected } from './support/expected.ts';
import { catalogue } from './support/rules.ts';
import { type Diagnosed, diagnosed } from './support/stages.ts';
import { WORLDS } from './support/worlds.ts';

const names = caseNames();
const done = new Map<string, Promise<Diagnosed>>();

/** Diagnoses a case once for all tests. */
function caseOf(name: string): Promise<Diagnosed> {
  const known = done.get(name) ?? readRecordingFolder(join(CASES, name)).then(diagnosed);
  done.set(name, known);
  return known;
}

async function allCases(): Promise<ReadonlyMap<string, Diagnosed>> {
  return new Map(await Promise.all(names.map(async (name): Promise<[string, Diagnosed]> => [name, await caseOf(name)])));
}

/** Every file below a folder, by its path there. */
async function textsIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = files.map(async ({ parentPath, name }): Promise<[string, string]> => {
    const path = join(parentPath, name);
    return [relative(folder, path), await readFile(path, 'utf8')];
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** Each case is a recording of a real or made pod, the truth about it, and what every stage made of it: `npm run cases` writes the stages anew. */
describe.each(names)('case %s', (name) => {
  it('comes to the truth, as it is known from elsewhere', async () => {
    expect(differences(await readExpected(join(CASES, name)), (await caseOf(name)).conclusion)).toEqual([]);
  });

  it('goes through every stage as it did when it was accepted', async () => {
    const { stages } = await caseOf(name);
    expect(await textsIn(join(CASES, name, 'stages'))).toEqual(stages);
  });

  it('needs at most twelve requests', async () => {
    expect((await caseOf(name)).requests).toBeLessThanOrEqual(12);
  });
});

describe('the cases together', () => {
  it('reach every cause there is', async () => {
    const reached = new Set<unknown>();
    for (const name of names) reached.add((await caseOf(name)).conclusion.verdict.cause);
    expect(catalogue.causes.map(({ id }) => id).filter((id) => !reached.has(id))).toEqual([]);
    expect(reached).toContain('undetermined');
    expect(reached).toContain(null);
  });

  it('hold no canary of the worlds they were made of, in any spelling', async () => {
    for (const folder of [CASES, WORLDS, REPORTS]) {
      for (const [file, text] of Object.entries(await textsIn(folder))) {
        const decoded = [...text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)].map(([token]) => Buffer.from(token, 'base64').toString('latin1'));
        for (const spelling of [text, ...decoded]) expect(spelling, file).not.toMatch(/canary|correct-horse|wrong-donkey/);
      }
    }
  });

  it('have a report for each cause, which reads as it did when it was accepted', async () => {
    expect(await textsIn(REPORTS)).toEqual(reportsOf(await allCases()));
  });

  it('are recordings of at least thirty pods', () => {
    expect(names.length).toBeGreaterThanOrEqual(30);
  });
});

describe('the truth about a case', () => {
  const truth = 'broken: The tag is not there.\ncause: tag-not-found\nleastConfidence: likely\nscope: pod\nfirstAction: set-image\n';
  const said = (given: Partial<Conclusion['verdict']> = {}, scope = 'pod', action = 'set-image') =>
    ({
      title: '',
      verdict: { cause: 'tag-not-found', confidence: 'likely', alternatives: [], ...given },
      scope: { level: scope },
      remediation: [{ action }],
      unanswered: [],
    }) as unknown as Conclusion;

  async function written<T>(text: string | undefined, use: (folder: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'case-'));
    try {
      if (text !== undefined) await writeFile(join(folder, 'expected.yaml'), text);
      return await use(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  const compared = (text: string, conclusion: Conclusion) =>
    written(text, async (folder) => differences(await readExpected(folder), conclusion));

  it('has to be written by hand; without it a case fails and says what to write', async () => {
    await expect(written(undefined, readExpected)).rejects.toThrow(
      /expected\.yaml is missing\. Write it by hand, from what is known of the pod and not from the report: broken .*, cause .*leastConfidence .*scope .*firstAction /,
    );
    await expect(written('broken: x\ncause: no-such-cause\n', readExpected)).rejects.toThrow(/expected\.yaml is no truth about a case/);
  });

  it('finds a wrong cause, a weaker confidence, another scope and another first action', async () => {
    expect(await compared(truth, said())).toEqual([]);
    expect(await compared(truth, said({ confidence: 'confirmed' }))).toEqual([]);
    expect(await compared(truth, said({ cause: 'disk-full' }))).toEqual(['cause: it is tag-not-found, and the report says disk-full']);
    expect(await compared(truth, said({ confidence: 'possible' }))).toEqual([
      'confidence: it is likely or surer, and the report says possible',
    ]);
    expect(await compared(truth, said({}, 'cluster'))).toEqual(['scope: it is pod, and the report says cluster']);
    expect(await compared(truth, said({}, 'pod', 'wait'))).toEqual(['firstAction: it is set-image, and the report says wait']);
    expect(await compared('broken: Nothing.\ncause: null\n', said())).toHaveLength(1);
  });

  it('accepts another cause only where that is said, and the true one is named beside it', async () => {
    const accepting = `${truth}alsoAccepted: [repository-not-found]\n`;
    const other = { cause: 'repository-not-found', alternatives: [{ cause: 'tag-not-found', confidence: 'possible' as const }] };
    expect(await compared(accepting, said(other))).toEqual([]);
    expect(await compared(accepting, said({ ...other, alternatives: [] }))).toHaveLength(1);
    expect(await compared(truth, said(other))).toHaveLength(1);
  });

  it('stays the truth where the report is wrong, which is then said beside it for as long as that is so', async () => {
    const known = `${truth}disagrees: { scope: cluster }\n`;
    expect(await compared(known, said({}, 'cluster'))).toEqual([]);
    expect(await compared(known, said({}, 'node'))).toHaveLength(1);
    expect(await compared(known, said())).toEqual(['scope: the report is right now; take it out of disagrees']);
  });

  it('is written by no tool', async () => {
    await written(undefined, async (folder) => {
      const [cases, worlds, reports] = [join(folder, 'cases'), join(folder, 'worlds'), join(folder, 'reports')];
      const [one, other] = [join(cases, 'made-tag-not-found'), join(cases, 'made-disk-full')];
      const recordings = new Map<string, Recording>();
      for (const name of ['made-tag-not-found', 'made-disk-full']) {
        await cp(join(CASES, name), join(cases, name), { recursive: true });
        recordings.set(name, await readRecordingFolder(join(CASES, name)));
      }
      await writeFile(join(one, 'expected.yaml'), '# mine\n');
      await rm(join(other, 'expected.yaml'));
      await writeCases(recordings, cases, worlds);
      await renewCases(cases, reports);
      expect(await textsIn(join(one, 'stages'))).toEqual(await textsIn(join(CASES, 'made-tag-not-found/stages')));
      expect(await readFile(join(one, 'expected.yaml'), 'utf8')).toBe('# mine\n');
      await expect(readExpected(other)).rejects.toThrow('is missing');
    });
  });
});
