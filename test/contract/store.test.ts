import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import type { CodedError } from '../../src/errors.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { Run } from '../../src/runbook/run.ts';
import { walk } from '../../src/store/collection.ts';
import { hasWorker } from '../../src/store/heartbeat.ts';
import { inNamespace, OPEN, runningIn, runsOf, UNSAID, unsaidOf } from '../../src/store/kinds.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { ALL } from '../../src/store/record-kind.ts';
import { checkRedis, redisHealth } from '../../src/store/redis/redis-check.ts';
import { openRedis, type RedisConnection } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import type { Store } from '../../src/store/store.ts';
import { eventually } from '../support/eventually.ts';
import { conclusionObject, incidentObject, requestObject, runObject } from '../support/incidents.ts';
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

const conclusion = conclusionObject(null);

const says = (text: string) => (before: Run) => ({ ...before, shortfalls: [...before.shortfalls, { stepId: 'read-node', says: text }] });

const incident = (id: string, minute: number) =>
  incidentObject({ id, pod: id, openedAt: `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z` });

const resolved = (before: Incident): Incident => ({
  ...before,
  life: { status: 'resolved', at: '2026-03-01T11:00:00Z', by: { kind: 'run', id: 'a' } },
});
const reopened = (before: Incident): Incident => ({ ...before, life: { status: 'reopened', at: '2026-03-01T12:00:00Z' } });

const ids = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id);
const list = async (store: Store, index: string, limit = 100) => ids((await store.incidents.list({ index, limit })).records);

describe.each(STORES)('a %s store', (_, open) => {
  it('gives back what was stored, and only that', async () => {
    const { store, other } = open();
    await store.runs.create(run('a'));
    expect(await other.runs.read('a')).toEqual(run('a'));
    await expect(store.runs.read('b')).rejects.toMatchObject({ code: 'store/not-found' });
    await expect(store.runs.update('b', says('x'))).rejects.toMatchObject({ code: 'store/not-found' });
    await expect(other.runs.create(run('a'))).rejects.toMatchObject({ code: 'store/exists' });
  });

  it('loses no change when fifty write at once from two sides', async () => {
    const { store, other } = open();
    await store.runs.create(run('a'));
    await Promise.all(Array.from({ length: 50 }, (__, index) => (index % 2 === 0 ? store : other).runs.update('a', says(String(index)))));
    const after = await store.runs.read('a');
    expect(new Set(after.shortfalls.map((shortfall) => shortfall.says)).size).toBe(50);
    expect(after.revision).toBe(50);
  });

  it('hands out the states before and after a change, and does not write what did not change', async () => {
    const { store, other } = open();
    await store.runs.create(run('a'));
    const { before, after } = await store.runs.update('a', says('x'));
    expect([before.revision, after.revision]).toEqual([0, 1]);
    const same = await other.runs.update('a', (old) => old);
    expect(same.after).toBe(same.before);
    expect((await store.runs.read('a')).revision).toBe(1);
  });

  it('lists runs until their end was said, the oldest first', async () => {
    const { store, other } = open();
    for (const [id, second] of [
      ['b', 1],
      ['a', 0],
      ['c', 2],
    ] as const)
      await store.runs.create({ ...run(id, `2026-03-01T10:00:0${second}Z`), incidentId: id });
    await other.runs.update('b', says('changes nothing here'));
    const unsaid = async (index: string) => ids((await other.runs.list({ index, order: 'oldest' })).records);
    expect(await unsaid(UNSAID)).toEqual(['a', 'b', 'c']);
    await other.runs.leave(run('b', '2026-03-01T10:00:01Z'), [UNSAID, unsaidOf('b')]);
    await other.runs.leave(run('b', '2026-03-01T10:00:01Z'), [UNSAID]);
    // What was left stays left, whatever is written later.
    await store.runs.update('b', says('nor here'));
    expect([await unsaid(UNSAID), await unsaid(unsaidOf('b')), await unsaid(runsOf('b'))]).toEqual([['a', 'c'], [], ['b']]);
  });

  it('lets one run at a time go on in an incident, of many that start at once', async () => {
    const { store, other } = open();
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, (__, index) => (index % 2 === 0 ? store : other).runs.create(run(`r${index}`))),
    );
    const begun = attempts.filter(({ status }) => status === 'fulfilled');
    expect(begun).toHaveLength(1);
    for (const attempt of attempts) if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ code: 'store/held' });
    const running = await other.runs.holder(runningIn('incident'));
    expect(running?.id).toMatch(/^r\d$/);
    await store.runs.update(running?.id ?? '', (before) => ({ ...before, conclusion }));
    expect(await other.runs.holder(runningIn('incident'))).toBeUndefined();
    await other.runs.create(run('later'));
    expect((await store.runs.holder(runningIn('incident')))?.id).toBe('later');
  });

  it('lists incidents with the newest first, those that are open, and those of a namespace', async () => {
    const { store, other } = open();
    await store.incidents.create(incident('old', 1));
    await store.incidents.create({ ...incident('db', 2), namespace: 'data' });
    await store.incidents.create(incident('new', 3));
    expect([await list(other, ALL), await list(other, ALL, 2)]).toEqual([
      ['new', 'db', 'old'],
      ['new', 'db'],
    ]);
    expect(await list(other, inNamespace('shop'))).toEqual(['new', 'old']);
    await other.incidents.update('new', resolved);
    expect([await list(store, OPEN), await list(store, ALL)]).toEqual([
      ['db', 'old'],
      ['new', 'db', 'old'],
    ]);
    await store.incidents.update('new', reopened);
    await store.incidents.update('old', (before) => ({ ...before, joined: 'new' }));
    expect(await list(other, OPEN)).toEqual(['new', 'db']);
    expect([await other.incidents.count(OPEN), await other.incidents.count(ALL)]).toEqual([2, 3]);
  });

  it('has one open incident for a key, and another one once that has ended', async () => {
    const { store, other } = open();
    const about = { ...incident('a', 0), identity: { provisional: 'k' } };
    await store.incidents.create(about);
    await expect(other.incidents.create({ ...about, id: 'b', pod: 'web-1' })).rejects.toMatchObject({ code: 'store/held' });
    await expect(other.incidents.create({ ...about, id: 'c', identity: {} })).rejects.toMatchObject({ code: 'store/held' });
    await other.incidents.create({ ...about, id: 'd', audience: { kind: 'channel', channel: 'C2' } });
    await store.incidents.update('a', resolved);
    await other.incidents.create({ ...about, id: 'e', pod: 'web-1' });
    await expect(store.incidents.update('a', reopened)).rejects.toMatchObject({ code: 'store/held' });
    expect((await store.incidents.read('a')).life.status).toBe('resolved');
  });

  it('walks thousands of records by cursor, each once, while others come and go', async () => {
    const { store, other } = open();
    const many = 2_500;
    const at = (index: number) => new Date(Math.floor(index / 10) * 1_000).toISOString(); // many of the same moment
    const create = (index: number) => store.incidents.create({ ...incident(`i${index}`, 0), pod: `p${index}`, openedAt: at(index) });
    for (let from = 0; from < many; from += 50) await Promise.all(Array.from({ length: 50 }, (__, index) => create(from + index)));
    const seen: string[] = [];
    for await (const { id } of walk(other.incidents, { index: OPEN, limit: 97 })) {
      seen.push(id);
      if (seen.length === 100) await store.incidents.update('i2499', resolved);
      if (seen.length === 200) await store.incidents.create({ ...incident('new', 0), pod: 'new', openedAt: at(99_990) });
    }
    expect([seen.length, new Set(seen).size, seen[0]?.startsWith('i249')]).toEqual([many, many, true]);
    const oldest: string[] = [];
    for await (const { id } of walk(other.incidents, { index: OPEN, order: 'oldest', limit: 1_000 })) oldest.push(id);
    expect([oldest.length, oldest.at(-1)]).toEqual([many, 'new']);
    expect(await store.incidents.count(OPEN)).toBe(many);
  });

  it('counts ten thousand members beside the incident, whose record stays as small as with one', async () => {
    const { store, other } = open();
    await store.incidents.create(incident('i', 0));
    const pods = Array.from({ length: 10_000 }, (__, index) => ({
      namespace: `shop-${index % 7}`,
      pod: `web-${index}`,
      workload: `Deployment/web-${index % 100}`,
      node: `node-${index % 50}`,
      uid: `u-${index}`,
      container: 'app',
    }));
    expect(await store.members.add('i', pods.slice(5))).toBe(9_995);
    expect(await other.members.add('i', pods.slice(0, 10))).toBe(5);
    const all = { pod: 10_000, workload: 700, node: 50, namespace: 7, failing: 10_000, pulled: 0 };
    expect(await other.members.count('i')).toEqual(all);
    expect(await other.members.count('j')).toEqual({ pod: 0, workload: 0, node: 0, namespace: 0, failing: 0, pulled: 0 });
    expect((await store.incidents.read('i')).revision).toBe(0);
    const first = await other.members.list('i', { kind: 'namespace', limit: 5 });
    const rest = await other.members.list('i', { kind: 'namespace', limit: 5, cursor: first.next });
    expect([...first.names, ...rest.names]).toEqual(Array.from({ length: 7 }, (__, index) => `shop-${index}`));
    const { names } = await store.members.list('i', { kind: 'failing', limit: 3 });
    await store.members.addNames('i', 'pulled', names);
    await other.members.removeNames('i', 'failing', names);
    await other.members.removeNames('i', 'failing', []);
    expect(await store.members.count('i')).toEqual({ ...all, failing: 9_997, pulled: 3 });
  });

  it('knows which processes live', async () => {
    const { store, other } = open();
    const beat = { id: 'p1', roles: ['worker'], clusters: ['prod'], versions: { run: 1 }, taskVersion: 1 };
    await store.heartbeats.write(beat);
    await other.heartbeats.write({ ...beat, id: 'p2', clusters: [] });
    const alive = await other.heartbeats.list();
    expect(alive.map(({ id }) => id).toSorted()).toEqual(['p1', 'p2']);
    expect([hasWorker(alive, 'prod'), hasWorker(alive, 'staging')]).toEqual([true, false]);
    await other.heartbeats.remove('p1');
    expect(hasWorker(await store.heartbeats.list(), 'prod')).toBe(false);
  });

  it('tells all alike since when it keeps anything', async () => {
    const before = Date.now();
    const { store, other } = open();
    const began = await store.began();
    expect(await Promise.all([store.began(), other.began()])).toEqual([began, began]);
    expect(began.getTime()).toBeGreaterThanOrEqual(before);
    expect(began.getTime()).toBeLessThanOrEqual(Date.now());
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
    expect(await store.posted.read('a')).toEqual({});
    await store.posted.write('a', 'card', { status: 'posting', since: '2026-03-01T10:00:00Z' });
    await other.posted.write('a', 'card', { status: 'posted', ts: '1', digest: 'y' });
    await store.posted.write('a', 'raw', { status: 'posting', since: '2026-03-01T10:00:00Z' });
    expect(await other.posted.read('a')).toEqual({
      card: { status: 'posted', ts: '1', digest: 'y' },
      raw: { status: 'posting', since: '2026-03-01T10:00:00Z' },
    });
    expect(await store.posted.read('b')).toEqual({});
  });

  it('keeps figures of nodes, each cluster for itself', async () => {
    const { store, other } = open();
    const figures = [
      { at: '2026-03-01T09:00:00Z', pulls: 5, pullErrors: 1 },
      { at: '2026-03-01T10:00:00Z', pulls: 9, pullErrors: 1 },
    ];
    expect(await store.figures.read('arn:aws:eks:eu:1:cluster/one', 'node-1')).toEqual([]);
    await store.figures.write('arn:aws:eks:eu:1:cluster/one', 'node-1', figures.slice(0, 1));
    await store.figures.write('arn:aws:eks:eu:1:cluster/one', 'node-1', figures);
    expect(await other.figures.read('arn:aws:eks:eu:1:cluster/one', 'node-1')).toEqual(figures);
    expect(await other.figures.read('arn:aws:eks:eu:1:cluster/one', 'node-2')).toEqual([]);
    expect(await other.figures.read('two', 'node-1')).toEqual([]);
  });
});

describe('the memory store', () => {
  it('keeps the newest thousand runs and incidents, and what is open or not said beyond them', async () => {
    const store = new MemoryStore();
    for (let index = 0; index <= 1_000; index += 1) {
      await store.runs.create({ ...run(`r${index}`), incidentId: `i${index}` });
      await store.incidents.create(incident(`i${index}`, 0));
    }
    expect([(await store.runs.read('r0')).id, (await store.incidents.read('i0')).id]).toEqual(['r0', 'i0']);
    for (const id of ['r0', 'r1']) await store.runs.leave(await store.runs.read(id), [UNSAID]);
    for (const id of ['i0', 'i1']) await store.incidents.update(id, resolved);
    await store.runs.create({ ...run('new'), incidentId: 'new' });
    await store.incidents.create(incident('new', 1));
    await expect(store.runs.read('r0')).rejects.toMatchObject({ code: 'store/not-found' });
    await expect(store.incidents.read('i0')).rejects.toMatchObject({ code: 'store/not-found' });
    expect([await store.runs.count(ALL), await store.incidents.count(ALL)]).toEqual([1_000, 1_000]);
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
    for (const id of ['a', 'b']) await store.runs.create({ ...run(id), incidentId: id });
    for (const id of ['i', 'j']) await store.incidents.create(incident(id, 0));
    await store.requests.create(requestObject({ id: 'q' }));
    await store.members.add('i', [{ namespace: 'shop', pod: 'web-0', uid: 'u', workload: 'Deployment/web', node: 'n', container: 'app' }]);
    await store.posted.write('i', 'card', { status: 'posted', ts: '1', digest: 'y' });
    const keys = await raw.keys(`${prefix}*`);
    expect(keys.length).toBeGreaterThan(20);
    for (const key of keys) expect(await raw.pttl(key), key).toBeGreaterThan(29 * 24 * 3_600_000);
    // A change keeps the lists for longer as well.
    await raw.pexpire(`${prefix}incident.list:open`, 60_000);
    await store.incidents.update('j', (before) => ({ ...before, silenced: 'x' }));
    expect(await raw.pttl(`${prefix}incident.list:open`)).toBeGreaterThan(29 * 24 * 3_600_000);
    await raw.del(`${prefix}run:a`, `${prefix}incident:i`);
    expect(ids((await store.runs.list({ index: UNSAID })).records)).toEqual(['b']);
    expect(await list(store, OPEN)).toEqual(['j']);
    expect([await raw.zcard(`${prefix}run.list:unsaid`), await raw.zcard(`${prefix}incident.list:open`)]).toEqual([1, 1]);
    // The key of what is gone is free.
    await store.incidents.create({ ...incident('k', 0), pod: 'i' });
  });

  it('sweeps lists that are only written of what has expired', async () => {
    const prefix = place.prefix();
    const store = createRedisStore({ redis: connect(place.url), prefix });
    const raw = new Redis(place.url);
    closers.push(async () => raw.disconnect());
    const create = (name: string) => store.incidents.create({ ...incident(name, 0), pod: name });
    for (let index = 0; index < 200; index += 1) await create(`old${index}`);
    await raw.del(...Array.from({ length: 200 }, (_, index) => `${prefix}incident:old${index}`));
    for (let index = 0; index < 400; index += 1) await create(`new${index}`);
    expect(await raw.zcard(`${prefix}incident.list:all`)).toBeLessThan(500);
  });

  it('forgets the figures of a node after seven days, and refuses what it does not understand', async () => {
    const prefix = place.prefix();
    const store = createRedisStore({ redis: connect(place.url), prefix });
    const raw = new Redis(place.url);
    closers.push(async () => raw.disconnect());
    await store.figures.write('one', 'node-1', [{ at: '2026-03-01T09:00:00Z', pulls: 5, pullErrors: 1 }]);
    const left = await raw.pttl(`${prefix}figures:one:node-1`);
    expect(left / 86_400_000).toBeGreaterThan(6.9);
    expect(left / 86_400_000).toBeLessThanOrEqual(7);
    await raw.set(`${prefix}figures:one:node-1`, '{"format":"2"}');
    await expect(store.figures.read('one', 'node-1')).rejects.toMatchObject({ code: 'store/unreadable' });
  });

  it('refuses a value of more than 1 MiB', async () => {
    const store = createRedisStore({ redis: connect(place.url), prefix: place.prefix() });
    await store.runs.create(run('a'));
    await expect(store.runs.update('a', says('x'.repeat(1024 * 1024)))).rejects.toMatchObject({ code: 'store/too-large' });
    expect((await store.runs.read('a')).revision).toBe(0);
  });

  it('looks for a message whose entry is damaged, and tells that', async () => {
    const prefix = place.prefix();
    const told: CodedError[] = [];
    const store = createRedisStore({ redis: connect(place.url), prefix, onUnreadable: (error) => told.push(error) });
    const raw = new Redis(place.url);
    closers.push(async () => raw.disconnect());
    await store.posted.write('i', 'card', { status: 'posted', ts: '1', digest: 'y' });
    await raw.hset(`${prefix}posted:i`, 'card', '{"status":"shouted"}');
    expect(await store.posted.read('i')).toEqual({ card: { status: 'posting', since: '1970-01-01T00:00:00.000Z' } });
    expect(told.map(({ code }) => code)).toEqual(['store/unreadable']);
  });

  it.each(['killed', 'frozen'] as const)(
    'fails while Redis is %s, without waiting for it, and works again when it is back',
    async (how) => {
      const own = await ownRedis();
      const errors: CodedError[] = [];
      const store = createRedisStore({ redis: connect(own.url, (error) => errors.push(error)) });
      await store.runs.create(run('a'));
      if (how === 'killed') await own.kill();
      else own.freeze();
      await expect(store.runs.update('a', says('lost'))).rejects.toMatchObject({ code: 'store/unavailable', retryable: true });
      await expect(store.claim('a', 10)).rejects.toMatchObject({ code: 'store/unavailable' });
      if (how === 'killed') await own.startAgain();
      else own.thaw();
      await eventually(async () =>
        expect((await store.runs.update('a', says('kept'))).after.shortfalls).toContainEqual({ stepId: 'read-node', says: 'kept' }),
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
    expect(await redisHealth(connect((await ownRedis()).url))).toEqual({ status: 'well', says: 'Redis answers.' });
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
    expect(await redisHealth(connect(replica.url))).toMatchObject({ status: 'ill', says: expect.stringContaining('a replica') });
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
