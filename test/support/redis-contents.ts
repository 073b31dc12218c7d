import { Redis } from 'ioredis';

/** Everything that clients send to a Redis while a test watches. */
export interface RedisWatch {
  /** The arguments of each command, except passwords, which Redis shows nobody. */
  readonly commands: readonly string[];
  stop(): void;
}

/** Starts to watch; goes on by itself after Redis was away. */
export async function watchRedis(url: string): Promise<RedisWatch> {
  const commands: string[] = [];
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined); // while Redis is away
  const monitor = await client.monitor();
  client.disconnect();
  monitor.on('monitor', (_: string, args: readonly string[]) => commands.push(args.join(' ')));
  monitor.on('error', () => undefined);
  return { commands, stop: () => monitor.disconnect() };
}

/** Every key with its whole value, as text. */
export async function dumpOf(url: string): Promise<string> {
  const client = new Redis(url);
  try {
    const lines: string[] = [];
    for (const key of await client.keys('*')) lines.push(`${key} ${JSON.stringify(await contentOf(client, key))}`);
    return lines.join('\n');
  } finally {
    client.disconnect();
  }
}

async function contentOf(client: Redis, key: string): Promise<unknown> {
  const type = await client.type(key);
  switch (type) {
    case 'string':
      return client.get(key);
    case 'hash':
      return client.hgetall(key);
    case 'list':
      return client.lrange(key, 0, -1);
    case 'set':
      return client.smembers(key);
    case 'zset':
      return client.zrange(key, '0', '-1');
    case 'stream':
      return client.xrange(key, '-', '+');
    case 'none': // it ended meanwhile
      return undefined;
    default:
      throw new Error(`nobody reads a ${type} here`);
  }
}
