/** What a user of Redis may do: patterns of keys, each whole and after the prefix. */
export interface RedisRights {
  /** Read and write. */
  readonly full: readonly string[];
  /** Read only. */
  readonly read: readonly string[];
  /** What comes before the colon in the keys of BullMQ queues to which tasks may be added, and from which none may be taken or removed. */
  readonly add: readonly string[];
  /** Records that may be written and not removed. */
  readonly append: readonly string[];
}

/** What a client sends when it connects, and what checkRedis asks. CONFIG is not among them: it would tell passwords. */
const CONNECTION = ['ping', 'select', 'info', 'client|setname'];
/** All that store and queues do with keys, within scripts as well. */
const DATA = [
  ...['eval', 'evalsha', 'exists', 'del', 'pexpire', 'pttl', 'persist', 'get', 'set', 'mget', 'incr'],
  ...['hget', 'hmget', 'hgetall', 'hexists', 'hset', 'hmset', 'hincrby', 'hdel'],
  ...['sadd', 'srem', 'smembers', 'scard'],
  ...['llen', 'lindex', 'lrange', 'lpos', 'lpush', 'rpush', 'rpop', 'lrem', 'ltrim', 'rpoplpush'],
  ...[
    'zadd',
    'zrem',
    'zcard',
    'zcount',
    'zscore',
    'zrange',
    'zrangebyscore',
    'zrevrange',
    'zrevrangebyscore',
    'zrangebylex',
    'zrandmember',
  ],
  ...['zpopmin', 'bzpopmin', 'zremrangebyrank', 'zremrangebyscore', 'xadd', 'xtrim'],
];
/** What adding a task, looking for its answer and counting what waits do with the keys of a queue: nothing that removes. */
const ADDING = [
  ...[
    'eval',
    'evalsha',
    'exists',
    'incr',
    'hget',
    'hmget',
    'hgetall',
    'hset',
    'hmset',
    'llen',
    'lindex',
    'lrange',
    'lpos',
    'lpush',
    'rpush',
  ],
  ...['zadd', 'zcard', 'zcount', 'zscore', 'zrange', 'zrevrange', 'zrevrangebyscore', 'xadd'],
];
/** What adding does besides with the keys by which BullMQ knows that a task waits already. */
const DEDUPLICATING = ['exists', 'get', 'set', 'del', 'pttl', 'persist', 'hset'];

/** What the script does with a record that it writes. */
const APPENDING = ['eval', 'evalsha', 'exists', 'hget', 'hmget', 'hset', 'persist'];

/** The rules of a user, as ACL SETUSER and an ACL file take them. Selectors and `%R~` need Redis 7.0 or Valkey. */
export function aclRules({ full, read, add, append }: RedisRights): readonly string[] {
  const may = (commands: readonly string[]) => commands.map((command) => `+${command}`);
  const only = (patterns: readonly string[], commands: readonly string[]) =>
    patterns.length === 0 ? [] : [`(${[...patterns.map((pattern) => `~${pattern}`), ...may(commands)].join(' ')})`];
  const queues = (part: string) => add.map((queue) => `${queue}:${part}*`);
  return [
    'resetchannels',
    '-@all',
    ...may([...CONNECTION, ...DATA]),
    ...full.map((pattern) => `~${pattern}`),
    ...read.map((pattern) => `%R~${pattern}`),
    ...only(append, APPENDING),
    ...only(queues(''), ADDING),
    ...only([...queues('de:'), ...queues('dn:')], DEDUPLICATING),
  ];
}

/** A text within a pattern of keys: it stands for itself alone, or, where an ACL cannot hold a character, for any one in its place. */
export function literally(text: string): string {
  return text.replaceAll(/[*?[\]\\]/g, '\\$&').replaceAll(/[\s\p{Cc}"'()]/gu, '?');
}
