import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import type { CodedError } from '../../src/errors.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { Run } from '../../src/runbook/run.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { checkRedis } from '../../src/store/redis-check.ts';
import { openRedis, type RedisConnection } from '../../src/store/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis-store.ts';
import type { Store } from '../../src/store/store.ts';
import { eventually } from '../support/eventually.ts';
import { incidentObject, runObject } from '../support/incidents.ts';
import { type OwnRedis, sharedRedis, startRedis } from '../support/redis.ts';

const place = sharedRedis();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function connect(url: string, onError?: (error: CodedError) => void): RedisConnection {
  const redis = openRedis(url, onError ? { onError } : {});
  closers.push(redis.close);
  return redis;
}

async function ownRedis(settings?: readonly string[]): Promise<OwnRedis> {
  const own = await startRedis(settings);
  closers.push(own.stop);
  return own;
}

/** Two ways to the same stored things, as two processes have them. */
interface Pair {
  readonly store: Store;
  readonly other: Store;
}

/** Every store has to pass. */
const STORES: readonly (readonly [string, () => Pair])[] = [
  [
    'memory',
    () => {
      const store = new MemoryStore();
      return { store, other: store };
    },
  ],
  [
    'Redis',
    () => {
      const prefix = place.prefix();
      const open = () => createRedisStore({ redis: connect(place.url), prefix });
      return { store: open(), other: open() };
    },
  ],
];

const run = (id: string, startedAt = '2026-03-01T10:00:00Z') => runObject({ id, startedAt });

const says = (text: string) => (before: Run) => ({ ...before, shortfalls: [...before.shortfalls, { stepId: 'read-node', says: text }] });

const incident = (id: string, minute: number) =>
  incidentObject({ id, openedAt: `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`, runIds: ['a'] });

const ended =
  (cause: string | null) =>
  (before: Incident): Incident => ({
    ...before,
    outcome: { runId: 'a', cause, title: 'x', confidence: 'likely', at: '2026-03-01T11:00:00Z' },
  });

const ids = (incidents: readonly Incident[]) => incidents.map(({ id }) => id);

describe.each(STORES)('a %s store', (_, open) => {
  it('gives back what was stored, and only that', async () => {
    const { store, other } = open();
    await store.createRun(run('a'));
    expect(await other.readRun('a')).toEqual(run('a'));
    await expect(store.readRun('b')).rejects.toMatchObject({ code: 'store/not-found' });
    await expect(store.updateRun('b', says('x'))).rejects.toMatchObject({ code: 'store/not-found' });
    await expect(other.createRun(run('a'))).rejects.toMatchObject({ code: 'store/exists' });
  });

  it('loses no change when fifty write at once from two sides', async () => {
    const { store, other } = open();
    await store.createRun(run('a'));
    await store.createIncident(incident('i', 0));
    await Promise.all(
      Array.from({ length: 50 }, (__, index) => {
        const side = index % 2 === 0 ? store : other;
        const runId = String(index);
        return Promise.all([
          side.updateRun('a', says(runId)),
          side.updateIncident('i', (before) => ({ ...before, runIds: [...before.runIds, runId] })),
        ]);
      }),
    );
    const after = await store.readRun('a');
    expect(new Set(after.shortfalls.map((shortfall) => shortfall.says)).size).toBe(50);
    expect(after.revision).toBe(50);
    const grown = await other.readIncident('i');
    expect([grown.runIds.length, grown.revision]).toEqual([51, 50]);
  });

  it('hands out the states before and after a change, and does not write what did not change', async () => {
    const { store, other } = open();
    await store.createRun(run('a'));
    const { before, after } = await store.updateRun('a', says('x'));
    expect([before.revision, after.revision]).toEqual([0, 1]);
    const same = await other.updateRun('a', (old) => old);
    expect(same.after).toBe(same.before);
    expect((await store.readRun('a')).revision).toBe(1);
  });

  it('lists runs until their end was said, the oldest first', async () => {
    const { store, other } = open();
    await store.createRun(run('a', '2026-03-01T10:00:00Z'));
    await store.createRun(run('b', '2026-03-01T10:00:01Z'));
    await store.createRun(run('c', '2026-03-01T10:00:02Z'));
    await other.updateRun('b', says('changes nothing here'));
    expect(await other.listUnsaidRuns()).toEqual(['a', 'b', 'c']);
    await other.markSaid('b');
    await other.markSaid('b');
    expect(await store.listUnsaidRuns()).toEqual(['a', 'c']);
  });

  it('lists incidents with the newest first, those that are open, and those of a namespace', async () => {
    const { store, other } = open();
    await store.createIncident(incident('old', 1));
    await store.createIncident({ ...incident('db', 2), namespace: 'data' });
    await store.createIncident(incident('new', 3));
    expect(ids(await other.listIncidents({ most: 10 }))).toEqual(['new', 'db', 'old']);
    expect(ids(await other.listIncidents({ most: 2 }))).toEqual(['new', 'db']);
    expect(ids(await other.listIncidents({ most: 10, namespace: 'shop' }))).toEqual(['new', 'old']);
    await other.updateIncident('new', ended(null));
    await other.updateIncident('db', ended('tag-not-found'));
    expect(ids(await store.listIncidents({ most: 10, open: true }))).toEqual(['db', 'old']);
    expect(ids(await store.listIncidents({ most: 10, open: true, namespace: 'shop' }))).toEqual(['old']);
    expect(ids(await store.listIncidents({ most: 10 }))).toEqual(['new', 'db', 'old']);
    await store.updateIncident('new', ended('tag-not-found'));
    expect(ids(await other.listIncidents({ most: 10, open: true }))).toEqual(['new', 'db', 'old']);
  });

  it('finds all that is asked for, however many others lie between', async () => {
    const { store } = open();
    for (let index = 0; index < 250; index += 1) {
      await store.createIncident({ ...incident(`i${index}`, 0), openedAt: new Date(index * 1_000).toISOString() });
      if (index > 0) await store.updateIncident(`i${index}`, ended(null));
    }
    expect(await store.listIncidents({ most: 500 })).toHaveLength(250);
    expect(ids(await store.listIncidents({ most: 10, namespace: 'shop' }))[0]).toBe('i249');
    expect(ids(await store.listIncidents({ most: 10, open: true }))).toEqual(['i0']);
  });

  it('lets one at a time do what is exclusive, another name beside it, and the next one after a failure', async () => {
    const { store, other } = open();
    const inside = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const first = store.exclusively('a', async () => {
      inside.resolve();
      await go.promise;
      return 1;
    });
    await inside.promise;
    expect(await other.exclusively('a', async () => 2)).toEqual({ status: 'busy' });
    expect(await other.exclusively('b', async () => 3)).toEqual({ status: 'done', value: 3 });
    go.resolve();
    expect(await first).toEqual({ status: 'done', value: 1 });
    await expect(other.exclusively('a', () => Promise.reject(new Error('as planned')))).rejects.toThrow('as planned');
    expect(await store.exclusively('a', async () => 4)).toEqual({ status: 'done', value: 4 });
  });

  it('gives a name to one of many for a while, and tells the others how long', async () => {
    const { store, other } = open();
    const claims = await Promise.all(Array.from({ length: 20 }, (__, index) => (index % 2 === 0 ? store : other).claim('turn', 60_000)));
    expect(claims.filter(({ status }) => status === 'taken')).toHaveLength(1);
    for (const claim of claims) if (claim.status === 'refused') expect(claim.freeInMs).toBeGreaterThan(50_000);
    await other.hold('turn', 90_000);
    expect(await store.claim('turn', 10)).toMatchObject({ status: 'refused', freeInMs: expect.toSatisfy((ms: number) => ms > 80_000) });
    expect(await store.claim('short', 20)).toEqual({ status: 'taken' });
    await eventually(async () => expect(await other.claim('short', 20)).toEqual({ status: 'taken' }));
  });

  it('remembers what was said, by incident and key', async () => {
    const { store, other } = open();
    expect(await store.readPosted('a')).toEqual({});
    await store.writePosted('a', 'card', { status: 'posting', since: '2026-03-01T10:00:00Z' });
    await other.writePosted('a', 'card', { status: 'posted', ts: '1', digest: 'y' });
    await store.writePosted('a', 'raw', { status: 'posting', since: '2026-03-01T10:00:00Z' });
    expect(await other.readPosted('a')).toEqual({
      card: { status: 'posted', ts: '1', digest: 'y' },
      raw: { status: 'posting', since: '2026-03-01T10:00:00Z' },
    });
    expect(await store.readPosted('b')).toEqual({});
  });

  it('keeps figures of nodes, each cluster for itself', async () => {
    const { store, other } = open();
    const figures = [
      { at: '2026-03-01T09:00:00Z', pulls: 5, pullErrors: 1 },
      { at: '2026-03-01T10:00:00Z', pulls: 9, pullErrors: 1 },
    ];
    expect(await store.readFigures('arn:aws:eks:eu:1:cluster/one', 'node-1')).toEqual([]);
    await store.writeFigures('arn:aws:eks:eu:1:cluster/one', 'node-1', figures.slice(0, 1));
    await store.writeFigures('arn:aws:eks:eu:1:cluster/one', 'node-1', figures);
    expect(await other.readFigures('arn:aws:eks:eu:1:cluster/one', 'node-1')).toEqual(figures);
    expect(await other.readFigures('arn:aws:eks:eu:1:cluster/one', 'node-2')).toEqual([]);
    expect(await other.readFigures('two', 'node-1')).toEqual([]);
  });
});

describe('the memory store', () => {
  it('keeps the newest thousand runs and incidents', async () => {
    const store = new MemoryStore();
    for (let index = 0; index <= 1_000; index += 1) {
      await store.createRun(run(`r${index}`));
      await store.createIncident(incident(`i${index}`, 0));
    }
    await expect(store.readRun('r0')).rejects.toMatchObject({ code: 'store/not-found' });
    await expect(store.readIncident('i0')).rejects.toMatchObject({ code: 'store/not-found' });
    expect([(await store.readRun('r1')).id, (await store.listUnsaidRuns()).length]).toEqual(['r1', 1_000]);
  });
});

describe('the Redis store', () => {
  it('lets somebody else in when the holder of a lease died, and not while the holder is at work', async () => {
    const prefix = place.prefix();
    const open = () => createRedisStore({ redis: connect(place.url), prefix, leaseMs: 1_500 });
    const raw = new Redis(place.url);
    closers.push(async () => raw.disconnect());
    await raw.set(`${prefix}lease:a`, 'of a process that died', 'PX', 1_500);
    const [store, other] = [open(), open()];
    expect(await store.exclusively('a', async () => 1)).toEqual({ status: 'busy' });
    const inside = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const work = async () => {
      inside.resolve();
      await go.promise;
    };
    const holding = eventually(async () => expect((await store.exclusively('a', work)).status).toBe('done'));
    await inside.promise;
    // Twice as long later it is still held: the key was extended, or it would be gone.
    const since = performance.now();
    await eventually(async () => {
      expect(await other.exclusively('a', async () => 2)).toEqual({ status: 'busy' });
      expect(performance.now() - since).toBeGreaterThan(3_000);
    });
    go.resolve();
    await holding;
    await eventually(async () => expect((await other.exclusively('a', async () => 2)).status).toBe('done'));
  });

  it('does not give back a lease that is somebody else’s by now', async () => {
    const prefix = place.prefix();
    const store = createRedisStore({ redis: connect(place.url), prefix, leaseMs: 60_000 });
    const raw = new Redis(place.url);
    closers.push(async () => raw.disconnect());
    await store.exclusively('a', () => raw.set(`${prefix}lease:a`, 'somebody else'));
    expect(await raw.get(`${prefix}lease:a`)).toBe('somebody else');
  });

  it('lets everything end after 30 days and takes what is gone out of its lists', async () => {
    const prefix = place.prefix();
    const store = createRedisStore({ redis: connect(place.url), prefix });
    const raw = new Redis(place.url);
    closers.push(async () => raw.disconnect());
    for (const id of ['a', 'b']) await store.createRun(run(id));
    for (const id of ['i', 'j']) await store.createIncident(incident(id, 0));
    await store.writePosted('i', 'card', { status: 'posted', ts: '1', digest: 'y' });
    const keys = await raw.keys(`${prefix}*`);
    expect(keys.length).toBe(9);
    for (const key of keys) expect(await raw.pttl(key), key).toBeGreaterThan(29 * 24 * 3_600_000);
    await raw.del(`${prefix}run:a`, `${prefix}incident:i`);
    expect(await store.listUnsaidRuns()).toEqual(['b']);
    expect(ids(await store.listIncidents({ most: 10, open: true }))).toEqual(['j']);
    expect([await raw.zcard(`${prefix}runs:unsaid`), await raw.zcard(`${prefix}incidents:open`)]).toEqual([1, 1]);
  });

  it('keeps only open incidents in the list of open ones, written together with the incident', async () => {
    const prefix = place.prefix();
    const store = createRedisStore({ redis: connect(place.url), prefix });
    const raw = new Redis(place.url);
    closers.push(async () => raw.disconnect());
    const open = () => raw.zrange(`${prefix}incidents:open`, 0, '-1');
    await store.createIncident(incident('i', 0));
    expect(await open()).toEqual(['i']);
    await store.updateIncident('i', ended(null));
    expect(await open()).toEqual([]);
    await store.updateIncident('i', ended('tag-not-found'));
    expect(await open()).toEqual(['i']);
  });

  it('keeps a bounded number of incidents of one namespace in its list', async () => {
    const store = createRedisStore({ redis: connect(place.url), prefix: place.prefix() });
    await Promise.all(
      Array.from({ length: 1_020 }, (__, index) =>
        store.createIncident({ ...incident(`i${index}`, 0), openedAt: new Date(index * 1_000).toISOString() }),
      ),
    );
    const listed = ids(await store.listIncidents({ most: 2_000, namespace: 'shop' }));
    expect([listed.length, listed[0]]).toEqual([1_000, 'i1019']);
  });

  it('forgets the figures of a node after seven days, and refuses what it does not understand', async () => {
    const prefix = place.prefix();
    const store = createRedisStore({ redis: connect(place.url), prefix });
    const raw = new Redis(place.url);
    closers.push(async () => raw.disconnect());
    await store.writeFigures('one', 'node-1', [{ at: '2026-03-01T09:00:00Z', pulls: 5, pullErrors: 1 }]);
    const left = await raw.pttl(`${prefix}figures:one:node-1`);
    expect(left / 86_400_000).toBeGreaterThan(6.9);
    expect(left / 86_400_000).toBeLessThanOrEqual(7);
    await raw.set(`${prefix}figures:one:node-1`, '{"format":"2"}');
    await expect(store.readFigures('one', 'node-1')).rejects.toMatchObject({ code: 'store/unreadable' });
  });

  it('refuses a value of more than 1 MiB, and stored things it does not understand', async () => {
    const prefix = place.prefix();
    const store = createRedisStore({ redis: connect(place.url), prefix });
    const raw = new Redis(place.url);
    closers.push(async () => raw.disconnect());
    await store.createRun(run('a'));
    await expect(store.updateRun('a', says('x'.repeat(1024 * 1024)))).rejects.toMatchObject({ code: 'store/too-large' });
    expect((await store.readRun('a')).revision).toBe(0);
    await raw.hset(`${prefix}run:a`, 'format', '2');
    await expect(store.readRun('a')).rejects.toMatchObject({ code: 'store/unknown-format' });
    await raw.hset(`${prefix}run:a`, 'format', '1', 'json', '{"id":"a"}');
    await expect(store.readRun('a')).rejects.toMatchObject({ code: 'store/unreadable' });
    await raw.hset(`${prefix}run:a`, 'json', '{');
    await expect(store.readRun('a')).rejects.toMatchObject({ code: 'store/unreadable' });
  });

  it.each(['killed', 'frozen'] as const)(
    'fails while Redis is %s, without waiting for it, and works again when it is back',
    async (how) => {
      const own = await ownRedis();
      const errors: CodedError[] = [];
      const store = createRedisStore({ redis: connect(own.url, (error) => errors.push(error)) });
      await store.createRun(run('a'));
      if (how === 'killed') await own.kill();
      else own.freeze();
      await expect(store.updateRun('a', says('lost'))).rejects.toMatchObject({ code: 'store/unavailable', retryable: true });
      await expect(store.claim('a', 10)).rejects.toMatchObject({ code: 'store/unavailable' });
      if (how === 'killed') await own.startAgain();
      else own.thaw();
      await eventually(async () =>
        expect((await store.updateRun('a', says('kept'))).after.shortfalls).toContainEqual({ stepId: 'read-node', says: 'kept' }),
      );
      if (how === 'killed') expect(errors.map(({ code }) => code)).toEqual(['store/unavailable']);
    },
  );

  it('tells when a lease could not be given back, and still hands out what the work returned', async () => {
    const own = await ownRedis();
    const errors: CodedError[] = [];
    const store = createRedisStore({ redis: connect(own.url), onError: (error) => errors.push(error) });
    const outcome = await store.exclusively('a', async () => {
      await own.kill();
      return 'done all the same';
    });
    expect(outcome).toEqual({ status: 'done', value: 'done all the same' });
    expect(errors.map(({ code }) => code)).toEqual(['store/unavailable']);
  });
});

describe('the check of Redis at start', () => {
  it('accepts one that persists, and warns of one that does not', async () => {
    expect(await checkRedis(connect((await ownRedis()).url))).toEqual({ warnings: [] });
    const forgetful = await ownRedis(['--appendonly', 'no']);
    const { warnings } = await checkRedis(connect(forgetful.url));
    expect(warnings).toEqual([expect.stringContaining('does not persist')]);
  });

  it('refuses one that drops keys when memory runs out', async () => {
    const own = await ownRedis(['--maxmemory-policy', 'allkeys-lru']);
    await expect(checkRedis(connect(own.url))).rejects.toMatchObject({
      code: 'config/redis',
      message: expect.stringContaining('noeviction'),
    });
  });

  it('refuses a replica and a cluster', async () => {
    const replica = await ownRedis(['--replicaof', '127.0.0.1', '1']);
    await expect(checkRedis(connect(replica.url))).rejects.toMatchObject({
      code: 'config/redis',
      message: expect.stringContaining('replica'),
    });
    const cluster = await ownRedis(['--cluster-enabled', 'yes']);
    await expect(checkRedis(connect(cluster.url))).rejects.toMatchObject({
      code: 'config/redis',
      message: expect.stringContaining('Cluster'),
    });
  });

  it('warns where CONFIG is refused, as managed services do', async () => {
    const own = await ownRedis(['--appendonly', 'no', '--rename-command', 'CONFIG', '']);
    const { warnings } = await checkRedis(connect(own.url));
    expect(warnings).toEqual([expect.stringContaining('does not tell whether it persists')]);
  });

  it('refuses an old version, and takes any Valkey', async () => {
    const answering = (info: string): RedisConnection => ({ ...connect(place.url), ask: async <T>() => info as T });
    await expect(checkRedis(answering('redis_version:6.0.16\r\n'))).rejects.toMatchObject({ message: expect.stringContaining('6.0.16') });
    const valkey = 'redis_version:7.2.4\r\nvalkey_version:8.0.1\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n';
    expect(await checkRedis(answering(valkey))).toEqual({ warnings: [] });
  });

  it('never tells the password', async () => {
    const secret = `p%40${randomUUID()}`;
    const own = await ownRedis(['--requirepass', 'another']);
    const errors: CodedError[] = [];
    const redis = connect(own.url.replace('://', `://user:${secret}@`), (error) => errors.push(error));
    const refused: unknown = await checkRedis(redis).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'config/redis', message: expect.stringContaining('WRONGPASS') });
    expect(() => openRedis(`http://user:${secret}@host`)).toThrow(expect.objectContaining({ code: 'config/redis' }));
    expect(() => openRedis(`redis:/user:${secret}@ho st`)).toThrow(expect.objectContaining({ code: 'config/redis' }));
    const all = [refused, ...errors]
      .map((error) => (error instanceof Error ? `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}` : ''))
      .join();
    expect(all).not.toContain(secret);
    expect(all).not.toContain(decodeURIComponent(secret));
  });
});
