import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A script of Redis, with the digest that it goes by. */
export interface RedisScript {
  readonly text: string;
  /** SHA-1, hexadecimal. */
  readonly digest: string;
}

/** Runs a script by its digest, and by its text where Redis does not know it yet or any more. */
export async function runScript(client: Redis, script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
  try {
    return await client.evalsha(script.digest, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.eval(script.text, keys.length, ...keys, ...args);
  }
}

/**
 * Writes a value and its memberships of indexes, if the stored revision is still the one that was read.
 * KEYS: the value, then indexes. ARGV: the revision that was read, or '' for a new value; format; revision; json; life in ms;
 * member; score; then for each index `add` or `remove` and how many entries it keeps.
 */
export const WRITE = scriptOf(`
local stored = redis.call('HGET', KEYS[1], 'revision')
if ARGV[1] == '' then
  if stored then return 'exists' end
else
  if not stored then return 'not-found' end
  if stored ~= ARGV[1] then return 'conflict' end
end
redis.call('HSET', KEYS[1], 'format', ARGV[2], 'revision', ARGV[3], 'json', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
for i = 2, #KEYS do
  local act, most = ARGV[4 + 2 * i], tonumber(ARGV[5 + 2 * i])
  if act == 'add' then
    redis.call('ZADD', KEYS[i], ARGV[7], ARGV[6])
    redis.call('ZREMRANGEBYRANK', KEYS[i], 0, -most - 1)
    redis.call('PEXPIRE', KEYS[i], ARGV[5])
  else
    redis.call('ZREM', KEYS[i], ARGV[6])
  end
end
return 'written'
`);

/** Writes one field of a hash and keeps the hash for longer. KEYS: the hash. ARGV: field, value, ms. */
export const POST = scriptOf(`
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return redis.call('PEXPIRE', KEYS[1], ARGV[3])
`);

/** Gives a lease back, if it is still held with this token. KEYS: the lease. ARGV: token. */
export const RELEASE = scriptOf(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);

/** Keeps a lease for longer, if it is still held with this token. KEYS: the lease. ARGV: token, ms. */
export const EXTEND = scriptOf(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
`);

/** Takes a name; 0, or after how many ms it is free again. KEYS: the claim. ARGV: ms. */
export const CLAIM = scriptOf(`
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 0 end
return math.max(1, redis.call('PTTL', KEYS[1]))
`);

function scriptOf(text: string): RedisScript {
  return { text, digest: createHash('sha1').update(text).digest('hex') };
}
