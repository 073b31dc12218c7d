import { afterEach, describe, expect, it } from 'vitest';
import type { Line } from '../../src/store/line.ts';
import { MemoryLine } from '../../src/store/memory-line.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { createRedisLine } from '../../src/store/redis/redis-line.ts';
import { sharedRedis } from '../support/redis.ts';

const place = sharedRedis();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Every implementation, seen from two processes where it is shared. */
const LINES: readonly (readonly [string, () => readonly [Line, Line]])[] = [
  [
    'memory',
    () => {
      const line = new MemoryLine();
      return [line, line];
    },
  ],
  [
    'Redis',
    () => {
      const prefix = place.prefix();
      const open = () => {
        const redis = openRedis(place.url);
        closers.push(redis.close);
        return createRedisLine(redis, prefix, 60_000);
      };
      return [open(), open()];
    },
  ],
];

/** Everything in a line, in the order in which it comes. */
async function emptied(line: Line, name: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let waiting = await line.next(name); waiting; waiting = await line.next(name)) {
    ids.push(waiting.id);
    await line.drop(name, waiting);
  }
  return ids;
}

describe.each(LINES)('a line in %s', (_, open) => {
  it('gives the most urgent first, and among them who came first', async () => {
    const [line, other] = open();
    for (const [id, rank] of [
      ['a', 3],
      ['b', 1],
      ['c', 3],
      ['d', 0],
      ['e', 1],
    ] as const)
      await line.add('C1', id, rank);
    await line.add('C2', 'elsewhere', 0);
    expect(await emptied(other, 'C1')).toEqual(['d', 'b', 'e', 'a', 'c']);
    expect(await line.next('C1')).toBeUndefined();
    expect((await line.next('C2'))?.id).toBe('elsewhere');
  });

  it('keeps what waits at its place, unless it becomes more urgent', async () => {
    const [line, other] = open();
    expect(await line.add('C1', 'a', 2)).toBe(true);
    await line.add('C1', 'b', 2);
    expect(await other.add('C1', 'a', 4)).toBe(false);
    await other.add('C1', 'c', 2);
    await line.add('C1', 'c', 1);
    expect(await emptied(line, 'C1')).toEqual(['c', 'a', 'b']);
  });

  it('drops nothing that arrived anew since it was looked at', async () => {
    const [line, other] = open();
    await line.add('C1', 'a', 1);
    const waiting = await line.next('C1');
    if (!waiting) throw new Error('nothing waits');
    await other.add('C1', 'a', 4);
    await line.drop('C1', waiting);
    expect(await line.drop('C1', waiting, 3)).toMatchObject({ id: 'a' });
    const again = await line.next('C1');
    expect(again).toEqual({ id: 'a', arrival: expect.any(Number) });
    if (again) expect(await line.drop('C1', again)).toBeUndefined();
    expect(await line.next('C1')).toBeUndefined();
    // Nor does a number come twice, which would let an old look drop a new arrival.
    await line.add('C1', 'a', 1);
    await line.drop('C1', waiting);
    expect((await line.next('C1'))?.id).toBe('a');
  });

  it('puts further back what is less urgent now', async () => {
    const [line] = open();
    await line.add('C1', 'a', 0);
    await line.add('C1', 'b', 2);
    await line.add('C1', 'c', 4);
    const first = await line.next('C1');
    if (!first) throw new Error('nothing waits');
    expect((await line.drop('C1', first, 4))?.id).toBe('b');
    expect(await emptied(line, 'C1')).toEqual(['b', 'a', 'c']);
  });

  it('loses nobody of many who come at once', async () => {
    const [line, other] = open();
    const ids = Array.from({ length: 200 }, (_unused, n) => `i${n}`);
    await Promise.all(ids.flatMap((id, n) => [line.add('C1', id, n % 5), other.add('C1', id, 4)]));
    expect([...(await emptied(line, 'C1'))].sort()).toEqual([...ids].sort());
  });
});
