import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { CodedError } from '../errors.ts';
import { startWorkers } from './bullmq-workers.ts';
import { answerKey, queueName, queuePrefix } from './queue-keys.ts';
import { writtenTask } from './task-payload.ts';
import { type Backlog, type Measured, ownerOf, type Question, type Task, type TaskQueue, taskId } from './task-queue.ts';
import { ATTEMPTS, BACKOFF_MS, isQuestion, lostQuestion, noAnswer, type Perform, type TaskWorker } from './task-worker.ts';

/** The connection this queue shares with the store, whose commands fail soon instead of waiting for Redis. */
export interface QueueConnection {
  readonly client: Redis;
  ask<T>(user: 'queue', commands: (client: Redis) => Promise<T>): Promise<T>;
}

/** How a queue on Redis is set up. The reasons for what is fixed are in docs/decisions/0010-redis-and-bullmq.md. */
export interface BullmqQueueOptions {
  readonly redis: QueueConnection;
  /** Before every key; `imagepull:v2:` unless told. */
  readonly prefix?: string;
  /** Hears of failed attempts, malformed tasks and lost connections; nothing is thrown at anybody else. */
  readonly onError: (error: CodedError, task?: Task) => void;
  /** How long a job stays a dead worker's: its lock, renewed at half time, and how often workers look for ended locks. */
  readonly lockMs?: number;
  readonly checkMs?: number;
  /** Before the second attempt at a task that threw; it doubles with each. */
  readonly backoffMs?: number;
}

/** Which tasks a process performs. */
export interface WorkOptions {
  /** Clusters whose steps, scans and beginnings it performs; one BullMQ queue each. */
  readonly clusters: readonly string[];
  /** Clusters whose plans it makes and carries out; one queue each, too. */
  readonly execute?: readonly string[];
  /** Whether it performs what goes out to the chat. */
  readonly speak: boolean;
  /** Tasks at the same time, for each cluster and for the outbox. */
  readonly concurrency: number;
  readonly perform: Perform;
}

/** A task queue on Redis, shared by any number of processes. */
export interface BullmqQueue extends TaskQueue, Measured {
  /** Starts to perform tasks; Redis need not answer yet. */
  work(options: WorkOptions): TaskWorker;
  /** Ends what adding tasks needs, after the workers and before the connection. */
  close(): Promise<void>;
}

/** Failed jobs stay for a look with redis-cli or a BullMQ dashboard; they keep no id taken. */
export const FAILED_KEPT: { readonly age: number; readonly count: number } = { age: 24 * 3_600, count: 1_000 };
/** Events serve dashboards only. */
const EVENTS_KEPT = 1_000;
/** How often somebody who waits looks for the answer, at first and later. */
const LOOK_MS = { first: 10, longest: 100 } as const;

/** Creates a queue that is connected when its first task is added. */
export function createBullmqQueue(options: BullmqQueueOptions): BullmqQueue {
  const { redis, prefix = 'imagepull:v2:', onError, lockMs = 15_000, checkMs = 10_000, backoffMs = BACKOFF_MS } = options;
  const queues = new Map<string, Queue>();

  function queueFor(task: Task): Queue {
    return queueCalled(queueName(ownerOf(task)));
  }

  function queueCalled(name: string): Queue {
    const known = queues.get(name);
    if (known) return known;
    const queue = new Queue(name, {
      connection: redis.client,
      prefix: queuePrefix(prefix),
      // Both would leave the queue broken for good if Redis were down just now; redis-check.ts looks at the version.
      skipVersionCheck: true,
      skipWaitingForReady: true,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    queue.on('error', (error) => onError(new CodedError('queue/connection', `The queue ${name} reports: ${error.message}`)));
    queues.set(name, queue);
    return queue;
  }

  /** Of several queues together: how many tasks, and since when the oldest waits. */
  async function backlogOf(queue: Backlog['queue'], names: readonly string[]): Promise<Backlog> {
    const all = await redis.ask('queue', () =>
      Promise.all(
        names.map(async (name) => {
          const [counts, [oldest]] = await Promise.all([
            queueCalled(name).getJobCounts('waiting', 'active', 'delayed'),
            queueCalled(name).getJobs(['waiting'], 0, 0, true),
          ]);
          return { tasks: Object.values(counts).reduce((sum, count) => sum + count, 0), since: oldest?.timestamp };
        }),
      ),
    );
    const since = all.flatMap(({ since: one }) => one ?? []);
    return {
      queue,
      tasks: all.reduce((sum, { tasks }) => sum + tasks, 0),
      oldestSeconds: since.length === 0 ? 0 : Math.max(0, (Date.now() - Math.min(...since)) / 1_000),
    };
  }

  /** The id of the job that performs the task: a new one, or one that waits already. */
  async function enqueue(task: Task): Promise<string> {
    const job = await redis.ask('queue', () => queueFor(task).add(task.kind, writtenTask(task), jobOptions(task, backoffMs)));
    if (job.id === undefined) throw new CodedError('queue/refused', `BullMQ gave no id to task ${taskId(task)}.`);
    return job.id;
  }

  async function ask(question: Question, waitMs: number, onAdded?: () => void): Promise<unknown> {
    const giveUp = performance.now() + waitMs;
    const id = await enqueue(question);
    onAdded?.();
    const answer = () => redis.ask('queue', (client) => client.get(answerKey(prefix, queueName(ownerOf(question)), id)));
    for (let look: number = LOOK_MS.first; ; look = Math.min(look * 1.5, LOOK_MS.longest)) {
      const job = await redis.ask('queue', () => queueFor(question).getJob(id));
      if (job?.finishedOn !== undefined)
        throw new CodedError('queue/task-failed', `The question could not be answered: ${job.failedReason}`);
      // The answer is written before the job goes, so that one of both is there unless the question was lost.
      const json = await answer();
      if (json !== null) return JSON.parse(json);
      if (!job) throw lostQuestion();
      if (performance.now() + look > giveUp) throw noAnswer(question, waitMs);
      await pause(look);
    }
  }

  return {
    async add(task) {
      await enqueue(task);
    },
    ask,
    backlog: (clusters) =>
      Promise.all([
        backlogOf(
          'work',
          clusters.map((cluster) => queueName({ work: cluster })),
        ),
        backlogOf('outbox', [queueName('outbox')]),
      ]),
    work: ({ clusters, execute = [], speak, concurrency, perform }) =>
      startWorkers({
        client: redis.client,
        names: [
          ...clusters.map((work) => queueName({ work })),
          ...execute.map((cluster) => queueName({ execute: cluster })),
          ...(speak ? [queueName('outbox')] : []),
        ],
        bullmq: { prefix: queuePrefix(prefix), concurrency, lockDuration: lockMs, stalledInterval: checkMs },
        answerKey: (queue, jobId) => answerKey(prefix, queue, jobId),
        perform,
        onError,
      }),
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      queues.clear();
    },
  };
}

/**
 * A new job each time, so that neither a running nor a failed one takes the place of a later one; the deduplication by
 * task id lasts while a job waits. A task added while it runs is performed once more afterwards; a question is not,
 * because the answer that is being found out serves whoever asks.
 */
function jobOptions(task: Task, backoffMs: number): JobsOptions {
  const id = taskId(task);
  return {
    jobId: `${id}.${randomUUID()}`,
    deduplication: { id, keepLastIfActive: !isQuestion(task) },
    delay: 'delayMs' in task ? task.delayMs : 0,
    attempts: ATTEMPTS,
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.2 },
    removeOnComplete: true,
    removeOnFail: FAILED_KEPT,
    stackTraceLimit: 1,
  };
}
