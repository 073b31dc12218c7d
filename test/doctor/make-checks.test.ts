import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Check, Seen } from '../../src/doctor/check.ts';
import { makeChecks } from '../../src/doctor/make-checks.ts';
import { EXECUTOR, PROVER, READER } from '../../src/doctor/rights.ts';
import { CodedError } from '../../src/errors.ts';

const check = (id: string, look: Check['look'], needs: readonly string[] = []): Check => ({ id, category: 'redis', needs, look });
const fine = async (): Promise<Seen> => ({ status: 'ok', says: 'Fine.' });

describe('checks', () => {
  it('are made at the same time, and answered in their order', async () => {
    let others = 0;
    const meet = async (): Promise<Seen> => {
      others += 1;
      await new Promise<void>((resolve) => {
        const look = () => (others === 2 ? resolve() : setImmediate(look));
        look();
      });
      return { status: 'ok', says: 'Both.' };
    };
    expect((await makeChecks([check('a', meet), check('b', meet)])).map(({ id, says }) => [id, says])).toEqual([
      ['a', 'Both.'],
      ['b', 'Both.'],
    ]);
  });

  it('are left out where what they rest on is broken, and so is what rests on them', async () => {
    const broken = async (): Promise<Seen> => ({ status: 'broken', says: 'No.', hint: 'Do.' });
    const made = await makeChecks([check('a', broken), check('b', fine, ['a']), check('c', fine, ['b']), check('d', fine)]);
    expect(made.map(({ id, status, says }) => [id, status, says])).toEqual([
      ['a', 'broken', 'No.'],
      ['b', 'skipped', 'a has to be fine first.'],
      ['c', 'skipped', 'b has to be fine first.'],
      ['d', 'ok', 'Fine.'],
    ]);
  });

  it('are broken where they do not answer, and where they throw, in words without secrets and control codes', async () => {
    const never = () => new Promise<Seen>(() => undefined);
    const throws = async () => Promise.reject(new CodedError('config/redis', 'redis://user:canary-password@host \u001b[31mis wrong'));
    const bug = async () => Promise.reject(new TypeError('x is not a function'));
    const made = await makeChecks([check('never', never), check('throws', throws), check('bug', bug)], { limitMs: 20 });
    expect(made.map(({ status }) => status)).toEqual(['broken', 'broken', 'broken']);
    expect(made[0]?.says).toBe('It did not answer within 0.02 s.');
    expect(made[2]).toMatchObject({ hint: expect.stringContaining('a bug of imagepull') });
    expect(JSON.stringify(made)).not.toMatch(/canary|\\u001b/);
  });
});

describe('docs/doctor.md', () => {
  it('explains each check once', () => {
    const anchors = [...readFileSync('docs/doctor.md', 'utf8').matchAll(/<a id="([a-z-]+)">/g)].map(([, id]) => id);
    const sources = ['cluster-checks', 'redis-checks', 'slack-checks', 'doctor'].map((name) =>
      readFileSync(`src/app/doctor/${name}.ts`, 'utf8'),
    );
    const ids = [...sources.join('\n').matchAll(/\bid: '([a-z-]+)'/g)].map(([, id]) => id);
    const all = new Set([...ids, ...[...READER, ...PROVER, ...EXECUTOR].map(({ id }) => id)]);
    expect([...anchors].sort()).toEqual([...all].sort());
  });
});
