import type { CodedError } from '../../errors.ts';
import type { Checkable, Health } from '../../health.ts';
import { type Measured, subjectOf, type Task, type TaskQueue } from '../../queue/task-queue.ts';
import type { Perform, TaskWorker } from '../../queue/task-worker.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import { type Config, keyPrefix } from '../config.ts';

/** Where runs and tasks are kept, and who performs them. */
export interface Backend extends Checkable {
  readonly store: Store;
  readonly queue: TaskQueue & Measured;
  /** Starts to perform the tasks of these clusters, and what goes out to the chat if `speak`. */
  work(options: {
    readonly clusters: readonly string[];
    readonly execute: readonly string[];
    readonly speak: boolean;
    readonly perform: Perform;
  }): TaskWorker;
  close(): Promise<void>;
}

/** In memory without REDIS_URL, else on Redis. Throws `config/redis` and `store/unavailable`. */
export async function openBackend(config: Config, log: Log): Promise<Backend> {
  const onError: OnError = ({ code, message }, task) =>
    log.warn('store or queue reports', { ...(task && subjectOf(task)), code, because: message });
  return config.redisUrl === undefined ? openMemory(log, onError) : openRedisBackend({ config, url: config.redisUrl, log, onError });
}

const IN_MEMORY: Health = { status: 'well', says: 'Everything is kept in memory; a restart forgets what was under way.' };

/** Hears what went wrong; where that was at a task, at which. */
type OnError = (error: CodedError, task?: Task) => void;

async function openMemory(log: Log, onError: OnError): Promise<Backend> {
  const [{ MemoryStore }, { InlineQueue }] = await Promise.all([
    import('../../store/memory-store.ts'),
    import('../../queue/inline-queue.ts'),
  ]);
  log.info('REDIS_URL is not set: everything is kept in memory, so run one replica; a restart forgets what was under way');
  const queue = new InlineQueue();
  return {
    store: new MemoryStore(),
    queue,
    work: ({ perform }) => queue.work({ perform, onError }),
    close: async () => undefined,
    check: async () => IN_MEMORY,
  };
}

/** Loaded on demand: a command line needs neither BullMQ nor ioredis. */
async function openRedisBackend(given: {
  readonly config: Config;
  readonly url: string;
  readonly log: Log;
  readonly onError: OnError;
}): Promise<Backend> {
  const { config, url, log, onError } = given;
  const [{ openRedis }, { checkRedis, redisHealth }, { createRedisStore }, { createBullmqQueue }] = await Promise.all([
    import('../../store/redis/redis-connection.ts'),
    import('../../store/redis/redis-check.ts'),
    import('../../store/redis/redis-store.ts'),
    import('../../queue/bullmq-queue.ts'),
  ]);
  // Until it serves, what goes wrong ends the process, which says so.
  let serving = false;
  const redis = openRedis(url, { onError: (error) => serving && onError(error) });
  try {
    for (const warning of (await checkRedis(redis)).warnings) log.warn(warning);
  } catch (cause) {
    await redis.close();
    throw cause;
  }
  serving = true;
  const { leaseMs, checkMs } = config.redis;
  const prefix = keyPrefix(config);
  const queue = createBullmqQueue({ redis, prefix, onError, lockMs: leaseMs, checkMs });
  return {
    store: createRedisStore({
      redis,
      prefix,
      leaseMs,
      onError,
      onUnreadable: (error, about) => log.warn('a record is left out', { ...about, code: error.code, because: error.message }),
    }),
    queue,
    check: () => redisHealth(redis),
    work: (options) => queue.work({ ...options, concurrency: config.concurrency }),
    async close() {
      await queue.close();
      await redis.close();
    },
  };
}
