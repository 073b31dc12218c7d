import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/runbook/run.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';

/** Every store has to pass. */
const STORES: readonly (readonly [string, () => Store])[] = [['memory', () => new MemoryStore()]];

const run = (id: string): Run => ({
  id,
  runbook: 'image-pull@1',
  target: {
    cluster: 'test',
    namespace: 'shop',
    pod: 'web-0',
    uid: 'u',
    phase: 'Pending',
    serviceAccount: 'default',
    pullSecrets: [],
    images: [],
    createdAt: '2026-03-01T10:00:00Z',
  },
  trigger: { kind: 'cli' },
  startedAt: '2026-03-01T10:00:00Z',
  revision: 0,
  steps: {},
  findings: [],
  failures: [],
  shortfalls: [],
});

describe.each(STORES)('a %s store', (_, open) => {
  it('gives back what was stored, and only that', async () => {
    const store = open();
    await store.createRun(run('a'));
    expect(await store.readRun('a')).toEqual(run('a'));
    await expect(store.readRun('b')).rejects.toMatchObject({ code: 'store/not-found' });
    await expect(store.createRun(run('a'))).rejects.toMatchObject({ code: 'store/exists' });
  });

  it('loses no change when many write at once', async () => {
    const store = open();
    await store.createRun(run('a'));
    await Promise.all(
      Array.from({ length: 50 }, (__, index) =>
        store.updateRun('a', (before) => ({ ...before, shortfalls: [...before.shortfalls, { stepId: 'read-node', says: String(index) }] })),
      ),
    );
    const after = await store.readRun('a');
    expect(new Set(after.shortfalls.map(({ says }) => says)).size).toBe(50);
    expect(after.revision).toBe(50);
  });

  it('hands out the states before and after a change, and does not write what did not change', async () => {
    const store = open();
    await store.createRun(run('a'));
    const { before, after } = await store.updateRun('a', (old) => ({ ...old, shortfalls: [{ stepId: 'read-node', says: 'x' }] }));
    expect([before.revision, after.revision]).toEqual([0, 1]);
    const same = await store.updateRun('a', (old) => old);
    expect(same.after).toBe(same.before);
    expect((await store.readRun('a')).revision).toBe(1);
  });

  it('lets one caller at a time work on a run, and the next one after a failure', async () => {
    const store = open();
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      throw new Error('as planned');
    };
    const results = await Promise.allSettled([store.serialise('a', work), store.serialise('a', work), store.serialise('a', work)]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(most).toBe(1);
  });

  it('remembers what was said, by run and key', async () => {
    const store = open();
    expect(await store.readPosted('a')).toEqual({});
    await store.writePosted('a', 'card', { ts: '1', text: 'x' });
    await store.writePosted('a', 'card', { ts: '1', text: 'y' });
    expect(await store.readPosted('a')).toEqual({ card: { ts: '1', text: 'y' } });
    expect(await store.readPosted('b')).toEqual({});
  });
});
