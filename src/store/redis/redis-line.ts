import { z } from 'zod';
import type { Line, Waiting } from '../line.ts';
import type { RedisConnection } from './redis-connection.ts';
import { type RedisScript, runScript, scriptOf } from './redis-scripts.ts';

const First = z.union([z.tuple([z.string(), z.coerce.number().int()]), z.null()]);

/** Lines on Redis. A line nobody joins for `lifeMs` is forgotten. */
export function createRedisLine(redis: RedisConnection, prefix: string, lifeMs: number): Line {
  const keysOf = (name: string) => [`${prefix}line:${name}`, `${prefix}line:${name}:arrivals`];

  async function first(script: RedisScript, name: string, args: readonly string[]): Promise<Waiting | undefined> {
    const reply = First.parse(await redis.ask('store', (client) => runScript(client, script, keysOf(name), args)));
    return reply === null ? undefined : { id: reply[0], arrival: reply[1] };
  }

  return {
    async add(name, id, rank) {
      return (await redis.ask('store', (client) => runScript(client, ADD, keysOf(name), [id, String(rank), String(lifeMs)]))) === 1;
    },
    next: (name) => first(NEXT, name, []),
    drop: (name, { id, arrival }, rank) => first(DROP, name, [id, String(arrival), rank === undefined ? '' : String(rank)]),
  };
}

/*
 * A line is a sorted set of ids by rank and arrival, and a hash of each id's last arrival. The arrivals are counted in the
 * field `#`, which stays when the line is empty: an arrival is never given out twice.
 */

/** KEYS: line, arrivals. ARGV: id, rank, life in ms. Answers 1 for an id that did not wait yet. */
const ADD = scriptOf(`
local arrival = redis.call('HINCRBY', KEYS[2], '#', 1)
redis.call('HSET', KEYS[2], ARGV[1], arrival)
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(ARGV[2]) < math.floor(tonumber(score) / 1e12) then
  redis.call('ZADD', KEYS[1], string.format('%.0f', tonumber(ARGV[2]) * 1e12 + arrival), ARGV[1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return score and 0 or 1
`);

/** Answers id and arrival of the first, or nothing. */
const ANSWER_FIRST = `
local first = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
if not first then return false end
return {first, redis.call('HGET', KEYS[2], first) or '0'}
`;

/** KEYS: line, arrivals. */
const NEXT = scriptOf(ANSWER_FIRST);

/** KEYS: line, arrivals. ARGV: id, arrival, rank or ''. */
const DROP = scriptOf(`
if (redis.call('HGET', KEYS[2], ARGV[1]) or '0') == ARGV[2] then
  if ARGV[3] ~= '' then
    redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', tonumber(ARGV[3]) * 1e12 + tonumber(ARGV[2])), ARGV[1])
  else
    redis.call('HDEL', KEYS[2], ARGV[1])
    redis.call('ZREM', KEYS[1], ARGV[1])
  end
end
${ANSWER_FIRST}`);
