import { describe, expect, it } from 'vitest';
import { createAnswerCache } from '../../src/timing/answer-cache.ts';
import { createExpiringMap } from '../../src/timing/expiring-map.ts';

/** A map and its clock. */
function world(max = 3) {
  const clock = { now: 0 };
  return { clock, map: createExpiringMap<{ id: number }>({ now: () => clock.now, ttlMs: 1_000, max }) };
}

describe('a map whose entries end', () => {
  it('holds an entry until its time, also one that was set at 0, and one for a time of its own', () => {
    const { clock, map } = world();
    map.set('a', { id: 1 });
    map.set('b', { id: 2 }, 5_000);
    clock.now = 999;
    expect(map.get('a')).toEqual({ id: 1 });
    clock.now = 1_000;
    expect(map.get('a')).toBeUndefined();
    clock.now = 4_999;
    expect(map.get('b')).toEqual({ id: 2 });
    clock.now = 5_000;
    expect(map.get('b')).toBeUndefined();
  });

  it('does not live longer for being read', () => {
    const { clock, map } = world();
    map.set('a', { id: 1 });
    clock.now = 600;
    map.get('a');
    clock.now = 1_100;
    expect(map.get('a')).toBeUndefined();
  });

  it('lets go of what was used longest ago when it is full', () => {
    const { map } = world();
    for (const key of ['a', 'b', 'c']) map.set(key, { id: 1 });
    map.get('a');
    map.set('d', { id: 1 });
    expect(['a', 'b', 'c', 'd'].filter((key) => map.get(key))).toEqual(['a', 'c', 'd']);
  });
});

describe('a cache of answers', () => {
  it('shares a failure with those who wait and asks again afterwards', async () => {
    const cached = createAnswerCache({ now: () => 0, keepMs: 1_000, max: 10 });
    let asked = 0;
    const ask = async () => {
      asked += 1;
      throw new Error('no answer');
    };
    const both = await Promise.allSettled([cached({ key: 'x', ask }), cached({ key: 'x', ask })]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(asked).toBe(1);
    await expect(cached({ key: 'x', ask })).rejects.toThrow('no answer');
    expect(asked).toBe(2);
  });

  it("ends a caller's waiting and nobody else's", async () => {
    const cached = createAnswerCache({ now: () => 0, keepMs: 1_000, max: 10 });
    const { promise, resolve } = Promise.withResolvers<string>();
    const impatient = new AbortController();
    const waits = cached({ key: 'x', ask: () => promise, signal: impatient.signal });
    const stays = cached({ key: 'x', ask: () => promise });
    impatient.abort(new Error('enough'));
    await expect(waits).rejects.toThrow('enough');
    resolve('late');
    expect(await stays).toEqual({ answer: 'late', asked: false });
  });
});
