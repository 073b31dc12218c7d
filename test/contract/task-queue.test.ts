import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.ts';
import { type BullmqQueue, createBullmqQueue } from '../../src/queue/bullmq-queue.ts';
import { InlineQueue } from '../../src/queue/inline-queue.ts';
import { type Question, TASK_VERSION, type Task, type TaskQueue, taskId } from '../../src/queue/task-queue.ts';
import type { Perform, TaskWorker } from '../../src/queue/task-worker.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { sharedRedis, startRedis } from '../support/redis.ts';

const place = sharedRedis();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const step = (stepId: string, delayMs = 0, cluster = 'test'): Extract<Task, { kind: 'step' }> => ({
  kind: 'step',
  cluster,
  runId: 'run',
  stepId,
  attempt: 1,
  delayMs,
});
const speak = (channel: string, delayMs = 0): Task => ({ kind: 'speak', channel, delayMs });
const scan = (id: string): Question => ({ kind: 'scan', cluster: 'test', id });
const begin = (requestId: string): Question => ({ kind: 'begin', cluster: 'test', requestId });

/** The queue of the cluster test as BullMQ has it, whatever is put into it. */
function rawQueue(prefix: string): Queue {
  const connection = new Redis(place.url, { maxRetriesPerRequest: null });
  const raw = new Queue('imagepull-cluster-test', { connection, prefix: `${prefix}queue` });
  closers.push(async () => {
    await raw.close();
    connection.disconnect();
  });
  return raw;
}

describe('task ids', () => {
  it('differ for different tasks and hold no colon', () => {
    const ids = [step('a'), step('b'), { ...step('a'), attempt: 2 }, speak('1'), speak('2'), scan('a'), begin('a')].map(taskId);
    expect(new Set(ids).size).toBe(7);
    expect(ids.join('')).not.toContain(':');
  });
});

/** A queue, and what performs its tasks. */
interface Subject {
  readonly queue: TaskQueue;
  readonly errors: readonly CodedError[];
  work(perform: Perform): TaskWorker;
}

function openBullmq(options: {
  url: string;
  prefix: string;
  lockMs?: number;
  checkMs?: number;
  backoffMs?: number;
  onError?: (error: CodedError) => void;
}): BullmqQueue {
  const redis = openRedis(options.url);
  const queue = createBullmqQueue({ onError: () => undefined, ...options, redis });
  closers.push(redis.close, queue.close);
  return queue;
}

const QUEUES: readonly (readonly [string, (backoffMs?: number) => Subject])[] = [
  [
    'inline',
    (backoffMs = 500) => {
      const queue = new InlineQueue();
      const errors: CodedError[] = [];
      return { queue, errors, work: (perform) => opened(queue.work({ perform, onError: (error) => errors.push(error), backoffMs })) };
    },
  ],
  [
    'BullMQ',
    (backoffMs = 500) => {
      const errors: CodedError[] = [];
      const queue = openBullmq({ url: place.url, prefix: place.prefix(), backoffMs, onError: (error) => errors.push(error) });
      const work = (perform: Perform) =>
        opened(queue.work({ clusters: ['test', 'prod:eu/1'], execute: ['test'], speak: true, concurrency: 10, perform }));
      return { queue, errors, work };
    },
  ],
];

function opened(worker: TaskWorker): TaskWorker {
  closers.push(() => worker.close(0));
  return worker;
}

describe.each(QUEUES)('the %s queue', (_, open) => {
  it('delivers every task as it was added, also those added by others', async () => {
    const { queue, work } = open();
    const seen: Task[] = [];
    await queue.add(step('a'));
    work(async (task) => {
      seen.push(task);
      if (taskId(task) === 'run.step.a.1') await queue.add(speak('1'));
    });
    await queue.add(step('b', 0, 'prod:eu/1'));
    await queue.add(begin('run'));
    await eventually(() => expect(seen).toHaveLength(4));
    expect(seen).toEqual(expect.arrayContaining([step('a'), step('b', 0, 'prod:eu/1'), speak('1'), begin('run')]));
  });

  it('delivers a task once that is added many times while it waits', async () => {
    const { queue, work } = open();
    for (let time = 0; time < 5; time += 1) await queue.add(step('a'));
    await queue.add(step('last'));
    const seen: string[] = [];
    work(async (task) => seen.push(taskId(task)));
    await eventually(() => expect(seen).toContain('run.step.last.1'));
    expect(seen.filter((id) => id === 'run.step.a.1')).toHaveLength(1);
  });

  it('performs a task once more, afterwards, that is added while it runs', async () => {
    const { queue, work } = open();
    const go = Promise.withResolvers<void>();
    let begun = 0;
    let inside = 0;
    let most = 0;
    work(async () => {
      begun += 1;
      inside += 1;
      most = Math.max(most, inside);
      await go.promise;
      inside -= 1;
    });
    await queue.add(speak('1'));
    await eventually(() => expect(begun).toBe(1));
    for (let time = 0; time < 3; time += 1) await queue.add(speak('1'));
    go.resolve();
    await eventually(() => expect(begun).toBe(2));
    await queue.add(speak('2'));
    await eventually(() => expect(begun).toBe(3));
    expect(most).toBe(1);
  });

  it.each<Question>([
    begin('1'),
    scan('1'),
    { kind: 'order', cluster: 'test', orderId: '1', order: { content: {}, signature: '' } },
    { kind: 'choices', cluster: 'test', id: '1', choice: {} },
  ])('answers whoever asks for $kind', async (question) => {
    const { queue, work } = open();
    work(async ({ kind }) => ({ kind }));
    expect(await queue.ask(question, PATIENCE_MS)).toEqual({ kind: question.kind });
  });

  it('performs a task again that ran before', async () => {
    const { queue, work } = open();
    let times = 0;
    work(async () => {
      times += 1;
    });
    for (let wanted = 1; wanted <= 3; wanted += 1) {
      await eventually(async () => {
        await queue.add(step('a'));
        expect(times).toBeGreaterThanOrEqual(wanted);
      });
    }
  });

  it('performs waiting tasks at the same time, so that a slow one does not hold up the others', async () => {
    const { queue, work } = open();
    const go = Promise.withResolvers<void>();
    const ended: string[] = [];
    await queue.add(step('slow'));
    await queue.add(step('fast'));
    work(async (task) => {
      if (taskId(task) === 'run.step.slow.1') await go.promise;
      else go.resolve();
      ended.push(taskId(task));
    });
    await eventually(() => expect(ended).toEqual(['run.step.fast.1', 'run.step.slow.1']));
  });

  it('waits as long as a task says', async () => {
    const { queue, work } = open();
    const seen: (readonly [string, number])[] = [];
    const since = performance.now();
    work(async (task) => seen.push([taskId(task), performance.now() - since]));
    await queue.add(speak('late', 1_000));
    await queue.add(step('later', 2_000));
    await queue.add(step('now'));
    await eventually(() => expect(seen).toHaveLength(3));
    expect(seen.map(([id]) => id)).toEqual(['run.step.now.1', 'late.speak', 'run.step.later.1']);
    const [, late, later] = seen.map(([, ms]) => ms);
    expect(late).toBeGreaterThanOrEqual(990);
    expect(later).toBeGreaterThanOrEqual(1_990);
  });

  it('tries a task again that threw, tells about it, and is not blocked by it', async () => {
    const { queue, work, errors } = open();
    const seen: string[] = [];
    work(async (task) => {
      seen.push(taskId(task));
      if (seen.length === 1) throw new Error('as planned');
    });
    await queue.add(step('bad'));
    await eventually(() => expect(seen).toHaveLength(1));
    await queue.add(step('good'));
    await eventually(() => expect(seen).toEqual(['run.step.bad.1', 'run.step.good.1', 'run.step.bad.1']));
    expect(errors).toEqual([
      expect.objectContaining({
        code: 'queue/task-failed',
        message: expect.stringContaining('attempt 1 of 8, it is tried again: as planned'),
      }),
    ]);
    await queue.add(step('bad'));
    await eventually(() => expect(seen).toHaveLength(4));
  });

  it('gives a task up that throws again and again, tells whoever asked, and performs it when it is added later', async () => {
    const { queue, work, errors } = open(1);
    let good = false;
    work(async () => {
      if (!good) throw new Error('as planned');
      return 'good';
    });
    await expect(queue.ask(scan('a'), PATIENCE_MS)).rejects.toMatchObject({
      code: 'queue/task-failed',
      message: expect.stringContaining('as planned'),
    });
    await eventually(() => expect(errors).toHaveLength(8));
    expect(errors.map(({ message }) => message.includes('it is given up'))).toEqual([...Array(7).fill(false), true]);
    good = true;
    expect(await queue.ask(scan('a'), PATIENCE_MS)).toBe('good');
  });

  it('hands what was returned to whoever asked, as JSON keeps it', async () => {
    const { queue, work } = open();
    work(async (task) => (task.kind === 'scan' ? { found: 3, at: new Date(0), nothing: undefined } : undefined));
    expect(await queue.ask(scan('a'), PATIENCE_MS)).toStrictEqual({ found: 3, at: '1970-01-01T00:00:00.000Z' });
    expect(await queue.ask(begin('b'), PATIENCE_MS)).toBeNull();
  });

  it('answers all who ask the same while it is found out, and finds it out anew for who asks later', async () => {
    const { queue, work } = open();
    const go = Promise.withResolvers<void>();
    let times = 0;
    work(async () => {
      times += 1;
      await go.promise;
      return times;
    });
    const first = queue.ask(scan('a'), PATIENCE_MS);
    await eventually(() => expect(times).toBe(1));
    const second = queue.ask(scan('a'), PATIENCE_MS);
    await queue.add(scan('a'));
    go.resolve();
    expect([await first, await second]).toEqual([1, 1]);
    // An answer is there a moment before its task is gone; who asks in that moment still shares it.
    await eventually(async () => expect(await queue.ask(scan('a'), PATIENCE_MS)).toBe(2));
  });

  it('says so when nobody answers in time, and keeps the question', async () => {
    const { queue, work } = open();
    await expect(queue.ask(begin('a'), 60)).rejects.toMatchObject({
      code: 'queue/no-answer',
      message: expect.stringContaining('cluster "test"'),
    });
    let performed = 0;
    work(async () => {
      performed += 1;
    });
    await eventually(() => expect(performed).toBe(1));
  });

  it('lets running tasks end before it closes, and starts no further ones', async () => {
    const { queue, work } = open();
    const go = Promise.withResolvers<void>();
    const begun: string[] = [];
    const ended: string[] = [];
    const worker = work(async (task) => {
      begun.push(taskId(task));
      await go.promise;
      ended.push(taskId(task));
    });
    await queue.add(step('a'));
    await eventually(() => expect(begun).toHaveLength(1));
    const closed = worker.close();
    go.resolve();
    expect(await closed).toEqual({ unfinished: 0 });
    await queue.add(step('b'));
    expect([begun, ended]).toEqual([['run.step.a.1'], ['run.step.a.1']]);
  });

  it('gives up waiting for running tasks when the time for closing is up', async () => {
    const { queue, work } = open();
    const go = Promise.withResolvers<void>();
    const begun: string[] = [];
    const worker = work(async (task) => {
      begun.push(taskId(task));
      await go.promise;
    });
    await queue.add(step('a'));
    await eventually(() => expect(begun).toHaveLength(1));
    expect(await worker.close(50)).toEqual({ unfinished: 1 });
    go.resolve();
  });
});

describe('the inline queue of the command line', () => {
  it('ends when nothing waits or runs any more, and answers questions meanwhile', async () => {
    const queue = new InlineQueue();
    const seen: string[] = [];
    const answer = queue.ask(begin('run'), PATIENCE_MS);
    await queue.drain(async (task) => {
      seen.push(taskId(task));
      if (task.kind === 'begin') await queue.add(step('a', 20));
      return seen.length;
    });
    expect([await answer, seen]).toEqual([1, ['run.begin', 'run.step.a.1']]);
  });

  it('throws what a task threw, after the others have ended', async () => {
    const queue = new InlineQueue();
    await queue.add(step('bad'));
    await queue.add(step('good'));
    await queue.add(step('never', 60_000));
    let good = false;
    const drained = queue.drain(async (task) => {
      if (taskId(task) === 'run.step.bad.1') throw new Error('as planned');
      await new Promise((done) => setImmediate(done));
      good = true;
    });
    await expect(drained).rejects.toThrow('as planned');
    expect(good).toBe(true);
  });
});

describe('the BullMQ queue', () => {
  it('keeps tasks of a cluster for the workers of that cluster, even one that is called outbox', async () => {
    const prefix = place.prefix();
    const queue = openBullmq({ url: place.url, prefix });
    const seen: Record<string, string[]> = { 'a:b': [], 'a/b': [], outbox: [] };
    for (const cluster of Object.keys(seen))
      opened(queue.work({ clusters: [cluster], speak: false, concurrency: 1, perform: async (task) => seen[cluster]?.push(taskId(task)) }));
    const said: string[] = [];
    opened(queue.work({ clusters: [], speak: true, concurrency: 1, perform: async (task) => said.push(taskId(task)) }));
    await Promise.all([
      queue.add(step('1', 0, 'a:b')),
      queue.add(step('2', 0, 'a/b')),
      queue.add(step('3', 0, 'outbox')),
      queue.add(speak('4')),
    ]);
    await eventually(() => {
      expect(seen).toEqual({ 'a:b': ['run.step.1.1'], 'a/b': ['run.step.2.1'], outbox: ['run.step.3.1'] });
      expect(said).toEqual(['4.speak']);
    });
  });

  it('fails a malformed job at once, tells about it, and goes on', async () => {
    const prefix = place.prefix();
    const errors: CodedError[] = [];
    const queue = openBullmq({ url: place.url, prefix, onError: (error) => errors.push(error) });
    const raw = rawQueue(prefix);
    await raw.add('step', { ...step('a'), attempt: 'one', version: 1 }, { attempts: 8 });
    const seen: string[] = [];
    opened(queue.work({ clusters: ['test'], speak: false, concurrency: 1, perform: async (task) => seen.push(taskId(task)) }));
    await queue.add(step('good'));
    await eventually(() => expect(seen).toEqual(['run.step.good.1']));
    await eventually(() => expect(errors.map(({ code }) => code)).toEqual(['queue/malformed-task']));
    expect(errors[0]?.message).toContain('attempt');
    expect(await raw.getJobCounts('failed', 'delayed', 'wait')).toMatchObject({ failed: 1, delayed: 0, wait: 0 });
  });

  it('puts back what only a newer program can do, until one does it, and tells nobody', async () => {
    const prefix = place.prefix();
    const errors: CodedError[] = [];
    const queue = openBullmq({ url: place.url, prefix, onError: (error) => errors.push(error) });
    const raw = rawQueue(prefix);
    await raw.add('dance', { kind: 'dance', version: TASK_VERSION + 1 });
    const seen: string[] = [];
    const newer = new CodedError('store/newer', 'The run was written by a newer imagepull.', { retryable: true });
    let reads = 0;
    const perform = async (task: Task) => {
      if (task.kind === 'step' && task.stepId === 'new' && reads++ === 0) throw newer;
      seen.push(taskId(task));
    };
    opened(queue.work({ clusters: ['test'], speak: false, concurrency: 1, perform }));
    await queue.add(step('new'));
    await queue.add(step('good'));
    await eventually(() => expect(seen).toEqual(['run.step.good.1', 'run.step.new.1']));
    await eventually(async () =>
      expect(await raw.getJobCounts('failed', 'delayed', 'wait', 'active')).toMatchObject({ failed: 0, delayed: 1 }),
    );
    expect(errors).toEqual([]);
  });

  it('leaves nothing of a task behind that was performed, and the answer to a question for a minute', async () => {
    const prefix = place.prefix();
    const queue = openBullmq({ url: place.url, prefix });
    const raw = new Redis(place.url);
    closers.push(async () => raw.disconnect());
    const worker = queue.work({ clusters: ['test'], speak: false, concurrency: 1, perform: async () => 'of no interest later' });
    await queue.ask(scan('a'), PATIENCE_MS);
    await queue.add(step('b'));
    await eventually(async () => expect(await raw.keys(`${prefix}queue:*run.step*`)).toEqual([]));
    await worker.close();
    const keys = await raw.keys(`${prefix}*`);
    const [answer, ...others] = keys.filter((key) => key.includes('scan'));
    expect(others).toEqual([]);
    const left = await raw.pttl(answer ?? '');
    expect([left > 50_000, left <= 60_000]).toEqual([true, true]);
    expect(JSON.stringify(await raw.xrange(`${prefix}queue:imagepull-cluster-test:events`, '-', '+'))).not.toContain('of no interest');
  });

  it('hands a task back at once when its worker has to go, so that another one takes it', async () => {
    const prefix = place.prefix();
    const queue = openBullmq({ url: place.url, prefix, lockMs: 600_000 });
    const go = Promise.withResolvers<void>();
    const begun: string[] = [];
    const work = (name: string) => ({
      clusters: ['test'],
      speak: false,
      concurrency: 1,
      perform: async () => {
        begun.push(name);
        if (name === 'first') await go.promise;
      },
    });
    const first = queue.work(work('first'));
    await queue.add(step('a'));
    await eventually(() => expect(begun).toEqual(['first']));
    expect(await first.close(10)).toEqual({ unfinished: 1 });
    const second = queue.work(work('second'));
    // Not by waiting for its lock to end, which nobody here lives to see.
    await eventually(() => expect(begun).toEqual(['first', 'second']));
    go.resolve();
    expect(await second.close()).toEqual({ unfinished: 0 });
    expect(begun).toEqual(['first', 'second']);
  });

  it('loses and holds up nothing when workers come and go', async () => {
    const prefix = place.prefix();
    const queue = openBullmq({ url: place.url, prefix, lockMs: 600_000 });
    const wanted = Array.from({ length: 300 }, (_, index) => step(String(index)));
    const seen = new Set<string>();
    const perform: Perform = async (task) => {
      await new Promise((done) => setImmediate(done));
      seen.add(taskId(task));
    };
    const work = () => queue.work({ clusters: ['test'], speak: false, concurrency: 3, perform });
    const adding = Promise.all(wanted.map((task) => queue.add(task)));
    for (let time = 0; time < 8; time += 1) {
      const worker = work();
      const before = seen.size;
      await eventually(() => expect(seen.size).toBeGreaterThan(Math.min(before + 20, wanted.length - 1)));
      expect(await worker.close()).toEqual({ unfinished: 0 });
    }
    opened(work());
    await adding;
    // Not by waiting for a lock to end, which nobody here lives to see.
    await eventually(() => expect(seen.size).toBe(wanted.length));
  });

  it('refuses while Redis is down, without waiting for it, and goes on when it is back, with what waited', async () => {
    const own = await startRedis();
    closers.push(own.stop);
    const queue = openBullmq({ url: own.url, prefix: 'imagepull:' });
    const seen: string[] = [];
    await queue.add(step('kept'));
    await queue.add(step('later', 1_500));
    await own.kill();
    await expect(queue.add(step('lost'))).rejects.toMatchObject({ code: 'queue/unavailable', retryable: true });
    await expect(queue.ask(begin('lost'), 1_000)).rejects.toMatchObject({ code: 'queue/unavailable' });
    // A worker that starts without Redis waits for it.
    opened(queue.work({ clusters: ['test'], speak: false, concurrency: 5, perform: async (task) => seen.push(taskId(task)) }));
    await own.startAgain();
    await eventually(() => queue.add(step('new')));
    await eventually(() => expect(seen).toEqual(expect.arrayContaining(['run.step.kept.1', 'run.step.new.1', 'run.step.later.1'])));
    await own.kill();
    await own.startAgain();
    await eventually(() => queue.add(step('newer')));
    await eventually(() => expect(seen).toContain('run.step.newer.1'));
    expect(seen).not.toContain('run.step.lost.1');
  });

  it('answers while Redis is frozen', async () => {
    const own = await startRedis();
    closers.push(own.stop);
    const queue = openBullmq({ url: own.url, prefix: 'imagepull:' });
    await queue.add(step('a'));
    own.freeze();
    await expect(queue.add(step('b'))).rejects.toMatchObject({ code: 'queue/unavailable' });
    // The first task of a cluster must not leave its queue broken for those after it.
    await expect(queue.add(step('b', 0, 'fresh'))).rejects.toMatchObject({ code: 'queue/unavailable' });
    own.thaw();
    await eventually(() => queue.add(step('c')));
    await eventually(() => queue.add(step('c', 0, 'fresh')));
  });

  it('closes while Redis is down and a task runs, without waiting for either', async () => {
    const own = await startRedis();
    closers.push(own.stop);
    const queue = openBullmq({ url: own.url, prefix: 'imagepull:' });
    const go = Promise.withResolvers<void>();
    let begun = 0;
    const perform = async () => {
      begun += 1;
      await go.promise;
    };
    const worker = queue.work({ clusters: ['test'], speak: true, concurrency: 1, perform });
    await queue.add(step('a'));
    await eventually(() => expect(begun).toBe(1));
    await own.kill();
    expect(await worker.close(100)).toEqual({ unfinished: 1 });
    go.resolve();
  });

  it('delivers a task again whose worker was killed, however often that happens', async () => {
    const prefix = place.prefix();
    const short = { lockMs: 400, checkMs: 200 };
    const queue = openBullmq({ url: place.url, prefix, ...short });
    await queue.add(step('a'));
    for (let time = 0; time < 3; time += 1) {
      const child = hangingWorker({ url: place.url, prefix, ...short });
      await once(child.stdout ?? child, 'data'); // it says that it began
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
    const seen: string[] = [];
    opened(queue.work({ clusters: ['test'], speak: false, concurrency: 1, perform: async (task) => seen.push(taskId(task)) }));
    await eventually(() => expect(seen).toEqual(['run.step.a.1']));
  });
});

/** A process with a worker that begins a task, says so, and never ends it. */
function hangingWorker(options: { url: string; prefix: string; lockMs: number; checkMs: number }): ChildProcess {
  const file = (path: string) => JSON.stringify(pathToFileURL(resolve(path)).href);
  const program = `
    import { createBullmqQueue } from ${file('src/queue/bullmq-queue.ts')};
    import { openRedis } from ${file('src/store/redis/redis-connection.ts')};
    const { url, ...options } = ${JSON.stringify(options)};
    const queue = createBullmqQueue({ ...options, redis: openRedis(url), onError: (error) => console.error(error.message) });
    const perform = (task) => new Promise(() => console.log(task.stepId));
    queue.work({ clusters: ['test'], speak: false, concurrency: 1, perform });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  closers.push(async () => child.kill('SIGKILL'));
  return child;
}
