import { afterEach, describe, expect, it } from 'vitest';
import type { Chat } from '../../src/chat/chat.ts';
import { createOutbox, type Outbox } from '../../src/outbox/outbox.ts';
import { createBullmqQueue } from '../../src/queue/bullmq-queue.ts';
import { InlineQueue } from '../../src/queue/inline-queue.ts';
import type { TaskQueue } from '../../src/queue/task-queue.ts';
import type { Perform, TaskWorker } from '../../src/queue/task-worker.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import type { Store } from '../../src/store/store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { concludedRun, incidentObject } from '../support/incidents.ts';
import { MemoryChat } from '../support/memory-chat.ts';
import { sharedRedis } from '../support/redis.ts';

const place = sharedRedis();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A process: its way to what is shared, and how it performs tasks. */
interface Process {
  readonly store: Store;
  readonly queue: TaskQueue;
  work(perform: Perform): TaskWorker;
}

const onError = (error: Error) => {
  throw error;
};

/** One process in memory, two on Redis. */
const BACKENDS: readonly (readonly [string, () => readonly Process[]])[] = [
  [
    'memory',
    () => {
      const queue = new InlineQueue();
      return [{ store: new MemoryStore(), queue, work: (perform) => queue.work({ perform, onError }) }];
    },
  ],
  [
    'Redis',
    () => {
      const prefix = place.prefix();
      return [1, 2].map(() => {
        const redis = openRedis(place.url);
        const queue = createBullmqQueue({ redis, prefix, onError });
        closers.push(redis.close, queue.close);
        return {
          store: createRedisStore({ redis, prefix }),
          queue,
          work: (perform) => queue.work({ clusters: [], speak: true, concurrency: 5, perform }),
        };
      });
    },
  ],
];

/** A channel in which many incidents are announced before anybody speaks: every second one says that nothing is wrong. */
async function crowd(processes: readonly Process[], incidents: number) {
  const chat = new MemoryChat();
  let speaking = 0;
  let most = 0;
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    speaking += 1;
    most = Math.max(most, speaking);
    await new Promise(setImmediate);
    speaking -= 1;
    return work();
  };
  const watched: Chat = {
    post: (about, message) => alone(() => chat.post(about, message)),
    update: (about, ts, message) => alone(() => chat.update(about, ts, message)),
    find: (about, key) => chat.find(about, key),
    findForgotten: async () => undefined,
    notify: (to, message) => chat.notify(to, message),
    link: (place, ts) => chat.link(place, ts),
  };
  const runbook = { name: 'test', version: 1, steps: [] };
  const outboxes = processes.map(
    ({ store, queue }): Outbox => createOutbox({ store, queue, chat: watched, runbook, paceMs: 2, log: SILENT, now: () => new Date() }),
  );
  for (let n = 0; n < incidents; n++) {
    const process = processes[n % processes.length];
    const id = `i${n}`;
    const run = concludedRun({ id: `run-${id}`, incidentId: id }, n % 2 === 0 ? 'tag-not-found' : null);
    await process?.store.incidents.create(incidentObject({ id, pod: `web-${n}` }));
    await process?.store.runs.create(run);
    await outboxes[n % outboxes.length]?.announce(run);
  }
  const done = Promise.withResolvers<void>();
  let tasks = 0;
  const isDone = async () => (await processes[0]?.store.line.next('C1')) === undefined;
  processes.forEach(({ work }, at) => {
    const worker = work(async (task) => {
      tasks += 1;
      if (task.kind === 'speak') await outboxes[at]?.perform(task);
      if (await isDone()) done.resolve();
    });
    closers.push(() => worker.close());
  });
  await done.promise;
  return { said: chat.said, tasks, most };
}

describe.each(BACKENDS)('a channel with 200 incidents, in %s', (_, open) => {
  it('is spoken to by one at a time, the most urgent first, with about a task a message', { timeout: 600_000 }, async () => {
    const { said, tasks, most } = await crowd(open(), 200);
    const keys = said.map(({ key, about }) => `${about.incidentId} ${key.split('.')[0]}`);
    expect(new Set(keys).size).toBe(keys.length);
    // 200 cards, 200 times evidence; those that say what is wrong first, then the other cards, then what is behind them.
    const wrong = Array.from({ length: 100 }, (_unused, n) => `i${2 * n} card`);
    const fine = Array.from({ length: 100 }, (_unused, n) => `i${2 * n + 1} card`);
    expect(keys.slice(0, 200)).toEqual([...wrong, ...fine]);
    expect(keys.slice(200).filter((key) => key.endsWith('card'))).toEqual([]);
    expect(keys).toHaveLength(400);
    expect(most).toBe(1);
    expect(tasks).toBeLessThanOrEqual(keys.length * 1.1 + 20);
  });
});
