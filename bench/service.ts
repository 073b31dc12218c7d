/** The service's own speed and memory: what the engine, the store and the queue cost when cluster, registry and chat answer at once. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createRecordedSources, knowledge } from '../src/app/app.ts';
import type { Chat } from '../src/chat/chat.ts';
import { createEngine, type Engine } from '../src/engine/engine.ts';
import { type BullmqQueue, createBullmqQueue } from '../src/queue/bullmq-queue.ts';
import { InlineQueue } from '../src/queue/inline-queue.ts';
import type { Task, TaskQueue } from '../src/queue/task-queue.ts';
import { readRecordingFolder } from '../src/recording/recording-folder.ts';
import { MemoryStore } from '../src/store/memory-store.ts';
import { openRedis } from '../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../src/store/redis/redis-store.ts';
import type { Store } from '../src/store/store.ts';
import { SILENT } from '../src/telemetry/log.ts';
import { startRedis } from '../test/support/redis.ts';

/** How many jobs a round had, and how many seconds they took: as tasks of runs, as empty tasks, and with BullMQ alone. */
interface Round {
  readonly jobs: number;
  readonly runs: number;
  readonly empty: number;
  readonly bare: number;
}

type Say = (name: string, value: string) => void;

const RUNS_AT_ONCE = 300;
const ROUNDS = 5;
const CONCURRENCY = 20;
const MANY_RUNS = 10_000;
const recording = await readRecordingFolder('test/cases/made-tag-not-found');

/** A chat that answers at once, and counts the runs whose evidence was shown: the last that is said of each without commands. */
let told = 0;
const quiet: Chat = {
  async post(_, { key }) {
    if (key.startsWith('evidence.')) told += 1;
    return { ts: String(told) };
  },
  update: async () => undefined,
  find: async () => undefined,
  findForgotten: async () => undefined,
  notify: async () => undefined,
  link: async () => undefined,
};

/** Runs and tasks a second on Redis, beside BullMQ alone with as many empty jobs; then memory after many runs. */
export async function service(say: Say): Promise<void> {
  const redis = await startRedis();
  const fail = (error: Error) => {
    throw error;
  };
  const connection = openRedis(redis.url, { onError: fail });
  const queue = createBullmqQueue({ redis: connection, onError: fail });
  const store = createRedisStore({ redis: connection, onError: fail });
  let tasks = 0;
  const engine = engineWith(store, queue);
  const worker = queue.work({
    clusters: [recording.cluster],
    speak: true,
    concurrency: CONCURRENCY,
    perform(task) {
      tasks += 1;
      return engine.perform(task);
    },
  });
  await runAll(50, store, queue);

  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    tasks = 0;
    const runs = await secondsOf(() => runAll(RUNS_AT_ONCE, store, queue));
    const jobs = tasks;
    const bare = await secondsOf(() => emptyJobs(redis.url, jobs));
    const empty = await secondsOf(() => emptyTasks(queue, jobs));
    rounds.push({ jobs, runs, bare, empty });
  }
  const rate = (of: keyof Round) => medianOf(rounds.map((round) => round.jobs / round[of])).toFixed(0);
  const ratio = (of: keyof Round) => medianOf(rounds.map((round) => round.bare / round[of])).toFixed(2);
  say('jobs a second of bare BullMQ, empty', rate('bare'));
  say('tasks a second through our queue, empty', `${rate('empty')}, ${ratio('empty')} x bare`);
  say('tasks a second of whole runs on Redis', `${rate('runs')}, ${ratio('runs')} x bare`);
  say('runs a second on Redis, one process', medianOf(rounds.map((round) => RUNS_AT_ONCE / round.runs)).toFixed(0));

  const client = new Redis(redis.url);
  await runAll(MANY_RUNS / 10, store, queue);
  const early = memory();
  await runAll(MANY_RUNS, store, queue);
  say(`heap after ${MANY_RUNS} runs on Redis`, `${memory()} MiB, ${early} MiB before them`);
  say('Redis for one run, its incident and messages', `${await bytesOfRun(client)} kB`);
  client.disconnect();
  await worker.close();
  await queue.close();
  await connection.close();
  await redis.stop();
  await inMemory(say);
}

async function inMemory(say: Say): Promise<void> {
  const queue = new InlineQueue();
  const store = new MemoryStore();
  const engine = engineWith(store, queue);
  const run = async (count: number) => {
    for (let n = 0; n < count; n++) {
      await begin(store, queue);
      await queue.drain(engine.perform);
      await turn(); // as between requests; what has ended is let go then
    }
  };
  await run(MANY_RUNS / 10);
  const early = memory();
  const seconds = await secondsOf(() => run(MANY_RUNS));
  say('runs a second in memory', (MANY_RUNS / seconds).toFixed(0));
  say(`heap after ${MANY_RUNS} runs in memory`, `${memory()} MiB, ${early} MiB before them`);
}

function engineWith(store: Store, queue: TaskQueue): Engine {
  const clusters = { [recording.cluster]: { sources: createRecordedSources(recording), unwanted: {}, mayReadSecrets: true } };
  const now = () => new Date(recording.capturedAt);
  return createEngine({ ...knowledge(), clusters, store, queue, chat: quiet, paceMs: 0, log: SILENT, now });
}

/** An audience each, or all would meet in one incident of that pod. */
async function begin(store: Store, queue: TaskQueue): Promise<void> {
  const { cluster, namespace, pod } = recording;
  const id = randomUUID();
  const at = new Date().toISOString();
  await store.requests.create({
    id,
    revision: 0,
    askedAt: at,
    trigger: { kind: 'command', user: 'U0' },
    asker: { user: 'U0' },
    place: { channel: 'C0' },
    audience: { kind: 'channel', channel: id },
    cluster,
    namespace,
    pod,
    state: { status: 'accepted' },
    awaitedUntil: at,
    seen: 'nothing',
  });
  await queue.add({ kind: 'begin', cluster, requestId: id });
}

/** Starts runs at once and waits until all are told. */
async function runAll(count: number, store: Store, queue: TaskQueue): Promise<void> {
  const goal = told + count;
  await Promise.all(Array.from({ length: count }, () => begin(store, queue)));
  while (told < goal) await pause(2);
}

/** What our queue needs: the same number of tasks, whose performing does nothing. */
async function emptyTasks(queue: BullmqQueue, count: number): Promise<void> {
  let left = count;
  const done = Promise.withResolvers<void>();
  const perform = async (): Promise<void> => {
    left -= 1;
    if (left === 0) done.resolve();
  };
  const worker = queue.work({ clusters: ['empty'], speak: false, concurrency: CONCURRENCY, perform });
  const step = (runId: string): Task => ({ kind: 'step', cluster: 'empty', runId, stepId: 'empty', attempt: 1, delayMs: 0 });
  await Promise.all(Array.from({ length: count }, (_, n) => queue.add(step(`run-${n}`))));
  await done.promise;
  await worker.close();
}

/** What BullMQ alone needs: the same number of jobs, which do nothing and are removed alike. */
async function emptyJobs(url: string, count: number): Promise<void> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue('empty', { connection });
  const done = Promise.withResolvers<void>();
  let left = count;
  const worker = new Worker('empty', async () => undefined, { connection, concurrency: CONCURRENCY });
  worker.on('completed', () => {
    left -= 1;
    if (left === 0) done.resolve();
  });
  await Promise.all(Array.from({ length: count }, (_, n) => queue.add('empty', { n }, { removeOnComplete: true })));
  await done.promise;
  await worker.close();
  await queue.close();
  connection.disconnect();
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

/** MiB in use after a collection. */
function memory(): number {
  if (!global.gc) throw new Error('start node with --expose-gc');
  global.gc();
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
}

/** kB that the keys of one run use in Redis. */
async function bytesOfRun(client: Redis): Promise<number> {
  let bytes = 0;
  for (const kind of ['run', 'incident', 'request', 'posted']) {
    const [, [key] = []] = await client.scan('0', 'MATCH', `imagepull:v2:${kind}:*`, 'COUNT', 10_000);
    if (key !== undefined) bytes += Number(await client.memory('USAGE', key));
  }
  return Math.round(bytes / 1_000);
}
