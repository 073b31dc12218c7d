import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { INVITATION_MS, VISIT_MS } from '../../src/passes/pass.ts';
import { createPasses } from '../../src/passes/passes.ts';
import { KINDS } from '../../src/store/kinds.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { ALL } from '../../src/store/record-kind.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import type { Store } from '../../src/store/store.ts';
import { sharedRedis } from '../support/redis.ts';

const place = sharedRedis();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const STORES: readonly (readonly [string, () => Store])[] = [
  ['memory', () => new MemoryStore()],
  [
    'Redis',
    () => {
      const redis = openRedis(place.url);
      closers.push(redis.close);
      return createRedisStore({ redis, prefix: place.prefix() });
    },
  ],
];
const ANN = { incidentId: 'i1', user: 'U0ANN', channel: 'C1' };

describe.each(STORES)('passes in %s', (_, open) => {
  function opened() {
    const store = open();
    const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
    return { store, clock, passes: createPasses({ store, now: () => new Date(clock.now), randomBytes }) };
  }

  it('are opened once, and then good for a visit of the same person to the same incident', async () => {
    const { passes } = opened();
    const { key } = await passes.invite(ANN);
    expect(await passes.invitation(key, 'i1')).toMatchObject(ANN);
    const first = await passes.open(key, 'i1');
    expect(first?.visit).toMatchObject({ ...ANN, kind: 'visit' });
    expect(await passes.open(key, 'i1')).toBeUndefined();
    expect(await passes.invitation(key, 'i1')).toBeUndefined();
    expect(await passes.visit(first?.key ?? '', 'i1')).toMatchObject(ANN);
  });

  it('are given to one of many who open an invitation at the same time', async () => {
    const { passes } = opened();
    const { key } = await passes.invite(ANN);
    const all = await Promise.all(Array.from({ length: 8 }, () => passes.open(key, 'i1')));
    expect(all.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it('hold for their incident alone, and are not each other', async () => {
    const { passes } = opened();
    const { key } = await passes.invite(ANN);
    expect(await passes.invitation(key, 'i2')).toBeUndefined();
    expect(await passes.open(key, 'i2')).toBeUndefined();
    expect(await passes.visit(key, 'i1')).toBeUndefined();
    const visit = (await passes.open(key, 'i1'))?.key ?? '';
    expect(await passes.invitation(visit, 'i1')).toBeUndefined();
    expect(await passes.open(visit, 'i1')).toBeUndefined();
    expect(await passes.visit(visit, 'i2')).toBeUndefined();
  });

  it('end with their time', async () => {
    const { passes, clock } = opened();
    const { key, until } = await passes.invite(ANN);
    expect(until).toEqual(new Date(clock.now + INVITATION_MS));
    clock.now += INVITATION_MS - 1;
    const visit = (await passes.open(key, 'i1'))?.key ?? '';
    const late = await passes.invite(ANN);
    clock.now += INVITATION_MS;
    expect(await passes.open(late.key, 'i1')).toBeUndefined();
    clock.now += VISIT_MS - INVITATION_MS - 1;
    expect(await passes.visit(visit, 'i1')).toBeDefined();
    clock.now += 1;
    expect(await passes.visit(visit, 'i1')).toBeUndefined();
  });

  it('end when they are withdrawn', async () => {
    const { passes } = opened();
    const opening = await passes.open((await passes.invite(ANN)).key, 'i1');
    if (!opening) throw new Error('it was not opened');
    await passes.end(opening.visit);
    expect(await passes.visit(opening.key, 'i1')).toBeUndefined();
  });

  it('are known by the whole of their secret', async () => {
    const { passes } = opened();
    const { key } = await passes.invite(ANN);
    const bytes = Buffer.from(key, 'base64url');
    expect(bytes).toHaveLength(48);
    for (const at of [16, 47]) {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ 1;
      expect(await passes.open(other.toString('base64url'), 'i1')).toBeUndefined();
    }
    for (const none of ['', key.slice(0, -1), `${key}A`, `${key.slice(0, -1)}!`, '../../etc/passwd', 'A'.repeat(64)])
      expect(await passes.open(none, 'i1')).toBeUndefined();
    expect(await passes.open(key, 'i1')).toBeDefined();
  });

  it('leave nothing in the store that opens a page', async () => {
    const { passes, store } = opened();
    const { key } = await passes.invite(ANN);
    const secret = Buffer.from(key, 'base64url').subarray(16);
    const { records } = await store.collection(KINDS.passes).list({ index: ALL });
    expect(records).toHaveLength(1);
    for (const form of ['hex', 'base64url', 'base64'] as const) expect(JSON.stringify(records)).not.toContain(secret.toString(form));
  });
});

describe('a pass in Redis', () => {
  it('is gone by itself', async () => {
    const prefix = place.prefix();
    const redis = openRedis(place.url);
    closers.push(redis.close);
    const passes = createPasses({ store: createRedisStore({ redis, prefix }), now: () => new Date(), randomBytes });
    const { key } = await passes.invite(ANN);
    const raw = new Redis(place.url);
    const left = await raw.pttl(`${prefix}pass:${Buffer.from(key, 'base64url').subarray(0, 16).toString('hex')}`);
    raw.disconnect();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(VISIT_MS);
  });
});
