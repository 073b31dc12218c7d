import { CodedError } from '../../errors.ts';
import { type Health, healthOf } from '../../health.ts';
import type { RedisConnection } from './redis-connection.ts';

/** What may be wrong with a Redis that can be used all the same, a sentence each. */
export interface RedisVerdict {
  readonly warnings: readonly string[];
}

export const OLDEST_REDIS = [6, 2] as const;

/**
 * Whether this Redis can hold runs and queues. Throws `config/redis` for one that would lose or refuse them, and
 * `store/unavailable` when it does not answer.
 */
export async function checkRedis(redis: RedisConnection): Promise<RedisVerdict> {
  const info = fieldsOf(await redis.ask('store', (client) => client.info()));
  checkVersion(info);
  if (info.get('redis_mode') === 'cluster')
    throw new CodedError(
      'config/redis',
      'REDIS_URL leads to a Redis Cluster, which imagepull does not support. Use a single Redis, or a primary with replicas.',
    );
  if (info.get('role') === 'slave')
    throw new CodedError('config/redis', 'REDIS_URL leads to a replica, which takes no writes. Use the address of the primary.');
  const warnings: string[] = [];
  const policy = info.get('maxmemory_policy') ?? (await setting(redis, 'maxmemory-policy'));
  if (policy === undefined)
    warnings.push('Redis does not tell its maxmemory-policy. It has to be noeviction, or queued work is lost when memory runs out.');
  else if (policy !== 'noeviction')
    throw new CodedError(
      'config/redis',
      `Redis has maxmemory-policy ${policy}, with which it drops queued work when memory runs out. Set it to noeviction, in redis.conf or the service's parameters.`,
    );
  const persistence = info.get('aof_enabled') === '1' ? 'appendonly' : await setting(redis, 'save');
  if (persistence === undefined)
    warnings.push('Redis does not tell whether it persists. Without persistence its restart loses running diagnoses and the history.');
  else if (persistence === '')
    warnings.push(
      'Redis does not persist: its restart loses running diagnoses and the history. Turn on appendonly (or save) if that matters.',
    );
  return { warnings };
}

/** How a Redis is that is in use. */
export function redisHealth(redis: RedisConnection): Promise<Health> {
  return healthOf(async () => ['Redis answers.', ...(await checkRedis(redis)).warnings].join(' '));
}

/** What a Redis tells of itself: bytes in use, the most that it may use where it sets that, and its time where it tells it. */
export interface RedisFigures {
  readonly used: number;
  readonly limit: number | undefined;
  readonly at: Date | undefined;
}

/** Asks for the figures by INFO, which every user of Redis may that the program makes. Throws `store/unavailable`. */
export async function figuresOf(redis: RedisConnection): Promise<RedisFigures> {
  const info = fieldsOf(await redis.ask('store', (client) => client.info()));
  const [limit, micros] = [Number(info.get('maxmemory') ?? 0), Number(info.get('server_time_usec') ?? 0)];
  return {
    used: Number(info.get('used_memory') ?? 0),
    limit: limit > 0 ? limit : undefined,
    at: micros > 0 ? new Date(micros / 1_000) : undefined,
  };
}

function checkVersion(info: ReadonlyMap<string, string>): void {
  if (info.has('valkey_version')) return; // each Valkey is newer than Redis 6.2
  const version = info.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_REDIS[0] || (major === OLDEST_REDIS[0] && minor >= OLDEST_REDIS[1])) return;
  throw new CodedError('config/redis', `Redis has version ${version}, imagepull needs ${OLDEST_REDIS.join('.')} or newer, or Valkey.`);
}

/** A setting of the server; undefined where CONFIG is refused, as managed services do. */
async function setting(redis: RedisConnection, name: string): Promise<string | undefined> {
  try {
    const reply: unknown = await redis.ask('store', (client) => client.config('GET', name));
    return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : undefined;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'store/refused') return undefined;
    throw error;
  }
}

function fieldsOf(info: string): ReadonlyMap<string, string> {
  return new Map(
    info.split(/\r?\n/).flatMap((line): [string, string][] => {
      const [, name, value] = /^([^#:][^:]*):(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}
