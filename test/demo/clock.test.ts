import { describe, expect, it } from 'vitest';
import { Clock } from '../../src/demo/clock.ts';
import { eventually } from '../support/eventually.ts';

const START = new Date('2026-03-01T10:00:00Z');

function makeClock() {
  const thrown: unknown[] = [];
  const clock = new Clock(START, (cause) => thrown.push(cause));
  return { clock, thrown, since: () => clock.now().getTime() - START.getTime() };
}

describe('the clock of the demo', () => {
  it('stands still until it is stepped, and then does what is due at its own time, in order', async () => {
    const { clock, since } = makeClock();
    const done: (readonly [what: string, at: number])[] = [];
    const note = (what: string) => void done.push([what, since()]);
    clock.after(3_000, () => note('third'));
    clock.after(1_000, () => {
      note('first');
      clock.after(1_000, () => note('second'));
    });
    clock.after(3_000, () => note('fourth'));
    clock.after(9_000, () => note('later'));
    expect([since(), done]).toEqual([0, []]);
    await clock.step(5_000);
    expect(done).toEqual([
      ['first', 1_000],
      ['second', 2_000],
      ['third', 3_000],
      ['fourth', 3_000],
    ]);
    expect(since()).toBe(5_000);
  });

  it('waits, while it is stepped, for what takes a while, and tells what goes wrong', async () => {
    const { clock, thrown } = makeClock();
    const done: string[] = [];
    clock.after(1_000, async () => {
      await Promise.resolve();
      done.push('slow');
    });
    clock.after(1_001, () => void done.push('next'));
    clock.after(2_000, () => Promise.reject(new Error('broken')));
    await expect(clock.step(3_000)).rejects.toThrow('broken');
    expect(done).toEqual(['slow', 'next']);
    expect(thrown).toEqual([]);
  });

  it('forgets what was taken back', async () => {
    const { clock } = makeClock();
    const done: string[] = [];
    const takeBack = clock.after(1_000, () => void done.push('never'));
    clock.after(1_000, () => void done.push('still'));
    takeBack();
    await clock.step(2_000);
    expect(done).toEqual(['still']);
  });

  it('runs faster than the world, until it is paused, and hands errors on', async () => {
    const { clock, thrown, since } = makeClock();
    const done: number[] = [];
    clock.after(3_600_000, () => {
      done.push(since());
      throw new Error('broken');
    });
    clock.run(1_000_000);
    await eventually(() => expect(thrown).toHaveLength(1));
    expect(done[0]).toBeGreaterThanOrEqual(3_600_000);
    clock.pause();
    const paused = since();
    clock.after(1, () => void done.push(0));
    await new Promise((resolve) => setImmediate(resolve));
    expect(since()).toBe(paused);
    expect(done).toHaveLength(1);
    expect(() => clock.run(0)).toThrow(RangeError);
  });
});
