import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { PATIENCE_MS } from './eventually.ts';
import { freePort, program } from './real-parts.ts';

/** A redis-server of a test's own, which keeps its data when it is killed and started again on the same port. */
export interface OwnRedis {
  readonly url: string;
  /** Stops it in mid-work, with its connections open; `thaw` lets it go on. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  startAgain(): Promise<void>;
  /** Kills it and starts it again with an empty disk. */
  startEmpty(): Promise<void>;
  /** Has it write all that it holds into one file, as an operator backs it up; answers with a copy of that. */
  backUp(): Promise<Buffer>;
  /** Kills it and starts it with nothing but a backup, and appending again, as docs/operations.md says. */
  restore(backup: Buffer): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts Debian's redis-server on a free loopback port, with a folder of its own; `settings` are further arguments. */
export async function startRedis(settings: readonly string[] = []): Promise<OwnRedis> {
  const binary = await program('redis-server', 'redis-server');
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const start = async (more: readonly string[] = []): Promise<ChildProcess> => {
    const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
    const child = spawn(binary, [...fixed, ...settings, ...more], { stdio: 'ignore' });
    await untilReady(child, url);
    return child;
  };
  let child = await start();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  async function empty(): Promise<void> {
    await kill();
    await rm(folder, { recursive: true });
    await mkdir(folder);
  }
  const password = settings[settings.indexOf('--requirepass') + 1];
  async function administer(work: (client: Redis) => Promise<unknown>): Promise<void> {
    const client = new Redis(url, settings.includes('--requirepass') && password !== undefined ? { password } : {});
    try {
      await work(client);
    } finally {
      client.disconnect();
    }
  }
  return {
    url,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill,
    async startAgain() {
      child = await start();
    },
    async startEmpty() {
      await empty();
      child = await start();
    },
    async backUp() {
      await administer(async (client) => {
        await client.bgsave();
        while (/rdb_bgsave_in_progress:1/.test(await client.info('persistence'))) await pause(20);
      });
      return readFile(join(folder, 'dump.rdb'));
    },
    async restore(backup) {
      await empty();
      await writeFile(join(folder, 'dump.rdb'), backup);
      // Where it is to append from the start, Redis looks at no such file.
      child = await start(['--appendonly', 'no']);
      await administer((client) => client.config('SET', 'appendonly', 'yes'));
    },
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined); // until it listens
  try {
    const answered = client.ping().then(
      () => 'ready',
      () => 'ready', // NOAUTH is an answer as well
    );
    const exited = once(child, 'exit').then(() => 'exited');
    const outcome = await Promise.race([answered, exited, pause(PATIENCE_MS, 'late', { ref: false })]);
    if (outcome === 'ready') return;
    child.kill('SIGKILL');
    throw new Error(`redis-server did not start: ${outcome}`);
  } finally {
    client.disconnect();
  }
}

/** A place on a Redis that other tests may use too. */
export interface RedisPlace {
  readonly url: string;
  /** A prefix of its own for each test. */
  prefix(): string;
}

/** The Redis that REDIS_URL names, else one of this file's own. Call it once, at the top of a test file or describe; it cleans up. */
export function sharedRedis(): RedisPlace {
  const mine = `imagepull-test-${randomUUID()}`;
  let own: OwnRedis | undefined;
  let url = process.env['REDIS_URL'];
  let count = 0;
  beforeAll(async () => {
    if (url !== undefined) return;
    own = await startRedis();
    url = own.url;
  });
  afterAll(async () => {
    if (own) return own.stop();
    const client = new Redis(url ?? '');
    for await (const keys of client.scanStream({ match: `${mine}*`, count: 1_000 })) if (keys.length > 0) await client.unlink(...keys);
    client.disconnect();
  });
  return {
    get url() {
      if (url === undefined) throw new Error('Redis is there from beforeAll on');
      return url;
    },
    prefix() {
      count += 1;
      return `${mine}-${count}:`;
    },
  };
}
