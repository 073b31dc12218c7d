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
 * Writes a record with its places in lists and its keys, if the stored revision is still the one that was read.
 * KEYS: the record. ARGV: the revision that was read, or '' for a new record; version; revision; json; life of the record and of
 * its places in ms, '' for ever; the plan, as JSON: `id`, `member` (its place in lists), `records` (what comes before the id in the key of a record), and the keys
 * of Redis to `enter`, `stay` in and `leave` (lists), to `hold` and to `release`.
 * Returns what came of it; for `held` also who holds the key. Each list that grows is rid of two members at most whose
 * records have expired, drawn at random, so that lists need no other housekeeping.
 */
export const WRITE = scriptOf(`
local function keep(key, ms)
  if ms == '' then redis.call('PERSIST', key) else redis.call('PEXPIRE', key, ms) end
end
local stored = redis.call('HGET', KEYS[1], 'revision')
if ARGV[1] == '' then
  if stored then return {'exists'} end
else
  if not stored then return {'not-found'} end
  if stored ~= ARGV[1] then return {'conflict'} end
end
local plan = cjson.decode(ARGV[7])
for _, key in ipairs(plan.hold) do
  local holder = redis.call('GET', key)
  if holder and holder ~= plan.id and redis.call('EXISTS', plan.records .. holder) == 1 then return {'held', holder} end
end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'revision', ARGV[3], 'json', ARGV[4])
keep(KEYS[1], ARGV[5])
for _, key in ipairs(plan.release) do
  if redis.call('GET', key) == plan.id then redis.call('DEL', key) end
end
for _, key in ipairs(plan.hold) do
  redis.call('SET', key, plan.id)
  keep(key, ARGV[6])
end
for _, list in ipairs(plan.enter) do
  redis.call('ZADD', list, 0, plan.member)
  keep(list, ARGV[6])
  for _, member in ipairs(redis.call('ZRANDMEMBER', list, 2)) do
    if redis.call('EXISTS', plan.records .. string.sub(member, plan.idAt)) == 0 then redis.call('ZREM', list, member) end
  end
end
for _, list in ipairs(plan.stay) do keep(list, ARGV[6]) end
for _, list in ipairs(plan.leave) do redis.call('ZREM', list, plan.member) end
return {'written'}
`);

/** Takes a record away if the stored revision is still the one that was read. KEYS: the record. ARGV: revision; the plan, as for WRITE: `leave`, `release`, `member`, `id`. */
export const REMOVE = scriptOf(`
local stored = redis.call('HGET', KEYS[1], 'revision')
if not stored then return 'gone' end
if stored ~= ARGV[1] then return 'conflict' end
local plan = cjson.decode(ARGV[2])
for _, list in ipairs(plan.leave) do redis.call('ZREM', list, plan.member) end
for _, key in ipairs(plan.release) do
  if redis.call('GET', key) == plan.id then redis.call('DEL', key) end
end
redis.call('DEL', KEYS[1])
return 'removed'
`);

/**
 * Adds names to sets, all with the score 0, and keeps those for longer. KEYS: the sets. ARGV: ms; the names for each set, as
 * JSON. Returns how many names are new in the first set.
 */
export const ADD_NAMES = scriptOf(`
local names = cjson.decode(ARGV[2])
local added = 0
for i, key in ipairs(KEYS) do
  for _, name in ipairs(names[i]) do
    local new = redis.call('ZADD', key, 0, name)
    if i == 1 then added = added + new end
  end
  redis.call('PEXPIRE', key, ARGV[1])
end
return added
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

export function scriptOf(text: string): RedisScript {
  return { text, digest: createHash('sha1').update(text).digest('hex') };
}
