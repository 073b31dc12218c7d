import type { Check, Seen } from '../../doctor/check.ts';
import { asCodedError } from '../../errors.ts';
import { installedVersion } from '../../installed.ts';
import type { Heartbeat } from '../../store/heartbeat.ts';
import { KINDS, versionsOf } from '../../store/kinds.ts';
import { byteWords, count, duration, list } from '../../text/wording.ts';
import { type Config, keyPrefix } from '../config.ts';

/** A Redis that takes longer for a PING slows every step, ms; of several the middle one counts. */
const SLOW_MS = 20;
const PINGS = 7;
/** Less memory than this share is little. */
const LITTLE = 0.2;
/** Clocks that differ by more keep executors from taking grants, ms. */
const SKEW_MS = 5_000;

/** The checks of Redis, and of the processes that give signs of life in it. `close` ends the connection. */
export async function redisChecks(
  config: Config,
  url: string,
  now: () => Date,
): Promise<{ readonly checks: readonly Check[]; close(): Promise<void> }> {
  const [{ openRedis }, { checkRedis, figuresOf }, { createRedisStore }] = await Promise.all([
    import('../../store/redis/redis-connection.ts'),
    import('../../store/redis/redis-check.ts'),
    import('../../store/redis/redis-store.ts'),
  ]);
  const redis = openRedis(url, { onError: () => undefined });
  const store = createRedisStore({ redis, prefix: keyPrefix(config), leaseMs: config.redis.leaseMs });
  const common = { category: 'redis', needs: ['redis-reachable'] } as const;

  async function answers(): Promise<Seen> {
    await redis.ask('store', (client) => client.ping());
    return { status: 'ok', says: 'It answers.' };
  }

  async function settings(): Promise<Seen> {
    const { warnings } = await checkRedis(redis);
    const [first] = warnings;
    return first === undefined
      ? { status: 'ok', says: 'Version, eviction and persistence are as they have to be.' }
      : { status: 'warning', says: warnings.join(' '), hint: 'docs/operations.md says what each is for.' };
  }

  async function latency(): Promise<Seen> {
    const taken: number[] = [];
    for (let ping = 0; ping < PINGS; ping++) {
      const from = performance.now();
      await redis.ask('store', (client) => client.ping());
      taken.push(performance.now() - from);
    }
    const middle = taken.sort((one, other) => one - other)[Math.floor(PINGS / 2)] ?? 0;
    const says = `A PING takes ${middle < 1 ? 'less than 1' : Math.round(middle)} ms.`;
    return middle < SLOW_MS
      ? { status: 'ok', says }
      : { status: 'warning', says, hint: 'Put it near to where the bot runs: each step of a diagnosis asks it some times.' };
  }

  async function memory(): Promise<Seen> {
    const { used, limit } = await figuresOf(redis);
    if (limit === undefined) return { status: 'ok', says: `${byteWords(used)} are used, and Redis sets no limit (maxmemory).` };
    const says = `${byteWords(used)} of ${byteWords(limit)} are used.`;
    if (limit - used >= LITTLE * limit) return { status: 'ok', says };
    return { status: 'warning', says, hint: 'With noeviction a full Redis takes no work. docs/operations.md has sizes.' };
  }

  async function clock(): Promise<Seen> {
    const { at } = await figuresOf(redis);
    if (at === undefined) return { status: 'skipped', says: 'Redis does not tell its time.' };
    const ahead = now().getTime() - at.getTime();
    if (Math.abs(ahead) <= SKEW_MS) return { status: 'ok', says: 'It agrees with that of Redis.' };
    const how = `${duration(Math.abs(Math.round(ahead)))} ${ahead > 0 ? 'ahead of' : 'behind'}`;
    return { status: 'warning', says: `The clock here is ${how} that of Redis.`, hint: 'Let both be set by NTP.' };
  }

  return {
    checks: [
      {
        category: 'redis',
        id: 'redis-reachable',
        needs: [],
        look: answers,
        ifThrown: 'Nothing of the service starts without it.',
      },
      { ...common, id: 'redis-settings', look: orRefused(settings) },
      { ...common, id: 'redis-latency', look: orRefused(latency) },
      { ...common, id: 'redis-memory', look: orRefused(memory) },
      { ...common, id: 'redis-clock', look: orRefused(clock) },
      { ...common, category: 'replicas', id: 'replicas', look: orRefused(async () => replicasSeen(await store.heartbeats.list(), config)) },
    ],
    close: () => redis.close(),
  };
}

/** A user of Redis with few rights may not ask everything; that is nothing that does not work. */
function orRefused(look: () => Promise<Seen>): () => Promise<Seen> {
  return async () => {
    try {
      return await look();
    } catch (cause) {
      if (asCodedError(cause).code !== 'store/refused') throw cause;
      return { status: 'skipped', says: 'This user of Redis may not ask for that.' };
    }
  };
}

/** Who lives, whether they read the same records, and whether somebody works for each cluster. */
export function replicasSeen(alive: readonly Heartbeat[], { clusters, remedies }: Pick<Config, 'clusters' | 'remedies'>): Seen {
  if (alive.length === 0) return { status: 'skipped', says: 'No process of the service gives signs of life in this Redis.' };
  const does = (role: string, cluster?: string) =>
    alive.some((one) => one.roles.includes(role) && (cluster === undefined || one.clusters.includes(cluster) || role === 'executor'));
  const alone = clusters.map(({ name }) => name).filter((name) => !does('worker', name));
  if (!does('gateway'))
    return { status: 'broken', says: 'No gateway lives: nobody listens to Slack.', hint: 'Start a process with --roles gateway.' };
  if (alone.length > 0)
    return { status: 'broken', says: `No worker lives for ${list(alone)}.`, hint: 'Start one with --roles worker --clusters.' };
  if (remedies.policy !== undefined && clusters.some(({ executor }) => executor !== undefined) && !does('executor'))
    return {
      status: 'broken',
      says: 'No executor lives: remedies are neither planned nor carried out.',
      hint: 'Start a process with --roles executor.',
    };
  const releases = [...new Set([installedVersion(), ...alive.flatMap(({ release }) => release ?? [])])];
  const own = JSON.stringify(versionsOf(KINDS));
  const others = alive.filter(({ versions }) => JSON.stringify(versions) !== own).length;
  if (others > 0)
    return {
      status: 'warning',
      says: `${others} of ${count(alive.length, 'process', 'processes')} read other versions of records than this program (releases: ${list(releases)}).`,
      hint: 'That is so during an upgrade. If it stays, one was left behind: end it.',
    };
  return {
    status: 'ok',
    says: `${count(alive.length, 'process', 'processes')} ${alive.length === 1 ? 'lives' : 'live'}, all of this program's versions of records.`,
  };
}
