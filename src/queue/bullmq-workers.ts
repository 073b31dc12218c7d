import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { asCodedError, CodedError } from '../errors.ts';
import { endsWithin } from '../timing/deadline.ts';
import { readTask } from './task-payload.ts';
import type { Task } from './task-queue.ts';
import { ATTEMPTS, CLOSE_LIMIT_MS, isQuestion, type Perform, type TaskWorker, taskFailed } from './task-worker.ts';

/** What the workers of one process are made of. */
export interface WorkersOptions {
  /** Is not used itself: workers wait for Redis however long it takes. */
  readonly client: Redis;
  /** Names of BullMQ queues. */
  readonly names: readonly string[];
  readonly bullmq: {
    readonly prefix: string;
    readonly concurrency: number;
    readonly lockDuration: number;
    readonly stalledInterval: number;
  };
  readonly answerKey: (queue: string, jobId: string) => string;
  readonly perform: Perform;
  readonly onError: (error: CodedError, task?: Task) => void;
}

/** A job may lose its worker so often; killing workers is what clusters do, and a task that kills them all ends some time. */
const STALLED_MOST = 100;
/** An answer to a question stays for so long, ms. */
export const ANSWER_KEPT_MS = 60_000;
/** A socket that leaves a command without an answer for so long is replaced; longer than any command blocks. */
const SOCKET_LIMIT_MS = 20_000;
/** Time to hand jobs back and say goodbye, when Redis may be gone. */
const GOODBYE_LIMIT_MS = 2_000;
/** After so long somebody looks again at what only a newer program can do. */
const FOR_NEWER_MS = 2_000;

/** Starts one BullMQ worker for each queue; they share a connection for what does not block. */
export function startWorkers(options: WorkersOptions): TaskWorker {
  const { names, perform, onError } = options;
  const connection = options.client.duplicate({
    connectionName: 'imagepull-worker',
    commandTimeout: undefined,
    socketTimeout: SOCKET_LIMIT_MS,
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    autoResendUnfulfilledCommands: true,
  });
  // The connection given to this process reports outages; BullMQ repeats them for each worker.
  connection.on('error', () => undefined);
  const running = new Map<Job, { readonly token: string | undefined; readonly ended: Promise<void> }>();
  let closing = false;

  async function deliver(job: Job, token?: string): Promise<void> {
    if (closing) {
      // Taken in the moment the worker was told to stop.
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const read = readTask(job.data);
    if (read.status === 'newer') return putBack(job, token);
    if (read.status === 'malformed') throw new UnrecoverableError(read.because);
    const { task } = read;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    running.set(job, { token, ended });
    try {
      const answer = await perform(task);
      // Not as BullMQ's return value: that would stay in its stream of events.
      const key = options.answerKey(job.queueName, job.id ?? '');
      if (isQuestion(task)) await connection.set(key, JSON.stringify(answer ?? null), 'PX', ANSWER_KEPT_MS);
    } catch (cause) {
      if (asCodedError(cause).code === 'store/newer') return await putBack(job, token);
      throw cause;
    } finally {
      running.delete(job);
      resolve();
    }
  }

  const workers = names.map((name) => {
    const worker = new Worker(name, deliver, { ...options.bullmq, connection, maxStalledCount: STALLED_MOST });
    worker.on('error', (error) => {
      if (!isConnectionError(error)) onError(new CodedError('queue/worker', `The worker of ${name} reports: ${error.message}`));
    });
    worker.on('failed', (job, error) => onError(...failureOf(job, error)));
    return worker;
  });

  async function close(limitMs = CLOSE_LIMIT_MS): Promise<{ readonly unfinished: number }> {
    closing = true;
    await Promise.all(workers.map((worker) => worker.pause(true)));
    await endsWithin(limitMs, Promise.all([...running.values()].map(({ ended }) => ended)));
    const left = [...running];
    if (left.length > 0) await endsWithin(GOODBYE_LIMIT_MS, Promise.all(left.map(([job, { token }]) => job.moveToWait(token))));
    // Closed by force where something still runs: it must not report the end of a job that is another worker's by now.
    await endsWithin(GOODBYE_LIMIT_MS, Promise.all(workers.map((worker) => worker.close(left.length > 0))));
    connection.disconnect();
    return { unfinished: left.length };
  }

  return { close };
}

/** Leaves a job to a newer program, which may or may not run yet. It counts as no attempt, and nobody is told. */
async function putBack(job: Job, token: string | undefined): Promise<never> {
  await job.moveToDelayed(Date.now() + FOR_NEWER_MS, token);
  throw new DelayedError();
}

function failureOf(job: Job | undefined, error: Error): readonly [error: CodedError, task?: Task] {
  const read = readTask(job?.data);
  if (job && read.status === 'readable') {
    // BullMQ gives a job up by itself that lost its worker too often.
    const last = job.attemptsMade >= ATTEMPTS || error instanceof UnrecoverableError;
    return [taskFailed({ task: read.task, attempt: job.attemptsMade, last, cause: error }), read.task];
  }
  const says = `A queued job is no task of this imagepull and is not tried again (${job?.id}): ${error.message}`;
  return [new CodedError('queue/malformed-task', says)];
}

function isConnectionError(error: Error): boolean {
  return asCodedError(error).message.includes('Connection is closed') || ('code' in error && /^E[A-Z]+$/.test(String(error.code)));
}
