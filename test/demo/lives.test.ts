import { expect, it } from 'vitest';
import { createLives } from '../../src/demo/player/lives.ts';
import type { Task } from '../../src/queue/task-queue.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { runObject } from '../support/incidents.ts';

const TASK: Task = { kind: 'notice', requestId: 'one', delayMs: 0 };
const WORK = { clusters: [], execute: [], speak: true } as const;
const DEAD = { code: 'store/unavailable', message: 'This process is dead.' };

it('a life that has ended writes nothing down and queues nothing; the next one has what it left, and its task again', async () => {
  const lives = createLives();
  const first = lives.begin(SILENT);
  const began = Promise.withResolvers<void>();
  const [store, queue] = [first.backend.store, first.backend.queue];
  await store.runs.create(runObject({ id: 'one' }));
  const tried: unknown[] = [];
  first.backend.work({
    ...WORK,
    async perform() {
      began.resolve();
      await died.promise;
      await store.runs
        .update('one', (run) => ({ ...run, phase: 'ended' }))
        .catch((cause: unknown) => {
          tried.push(cause);
          throw cause;
        });
    },
  });
  const died = Promise.withResolvers<void>();
  await queue.add(TASK);
  await began.promise;
  first.die();
  died.resolve();
  for (const refused of [store.runs.read('one'), store.began(), store.members.count('one'), queue.add(TASK)])
    await expect(refused).rejects.toMatchObject(DEAD);

  const second = lives.begin(SILENT);
  expect(await second.backend.store.runs.read('one')).toMatchObject({ id: 'one', revision: 0 });
  const again = Promise.withResolvers<Task>();
  const worker = second.backend.work({ ...WORK, perform: async (task) => again.resolve(task) });
  expect(await again.promise).toEqual(TASK);
  expect(tried).toMatchObject([DEAD]);
  await worker.close();
});
