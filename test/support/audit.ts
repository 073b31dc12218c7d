import { Redis } from 'ioredis';
import type { AuditEvent } from '../../src/audit/audit-log.ts';
import { MemoryContent, MemoryStore } from '../../src/store/memory-store.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { RedisPlace } from './redis.ts';

/** Opens any number of stores on the same things, and touches what they keep as no program of ours would. */
export interface AuditBench {
  open(): Store;
  /** The record of a kind as it is stored; undefined where there is none. */
  stored(kind: string, id: string): Promise<unknown>;
  /** Puts something else in the place of a record, or nothing. */
  replace(kind: string, id: string, value: unknown): Promise<void>;
}

function onMemory(): AuditBench {
  const content = new MemoryContent();
  const recordsOf = (kind: string) => content.collections.get(kind)?.records;
  return {
    open: () => new MemoryStore({ content }),
    stored: async (kind, id) => recordsOf(kind)?.get(id)?.value,
    async replace(kind, id, value) {
      const known = recordsOf(kind)?.get(id);
      if (value === undefined) recordsOf(kind)?.delete(id);
      else recordsOf(kind)?.set(id, { id, version: known?.version ?? 1, lists: known?.lists ?? [], keys: known?.keys ?? [], value });
    },
  };
}

function onRedis(place: RedisPlace, closers: (() => Promise<void>)[]): AuditBench {
  const prefix = place.prefix();
  const raw = async <T>(work: (client: Redis) => Promise<T>): Promise<T> => {
    const client = new Redis(place.url);
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  };
  return {
    open() {
      const redis = openRedis(place.url);
      closers.push(redis.close);
      return createRedisStore({ redis, prefix });
    },
    async stored(kind, id) {
      const json = await raw((client) => client.hget(`${prefix}${kind}:${id}`, 'json'));
      return json === null ? undefined : JSON.parse(json);
    },
    async replace(kind, id, value) {
      const key = `${prefix}${kind}:${id}`;
      await raw(async (client) => {
        if (value === undefined) await client.del(key);
        else await client.hset(key, 'version', '1', 'revision', '0', 'json', JSON.stringify(value));
      });
    },
  };
}

/** The same bench on memory and on Redis; what is opened has to be closed by `closers`. */
export function auditBenches(place: RedisPlace, closers: (() => Promise<void>)[]): readonly (readonly [string, () => AuditBench])[] {
  return [
    ['memory', onMemory],
    ['Redis', () => onRedis(place, closers)],
  ];
}

/** Somebody approves something on cluster prod, and says why. */
export function anApproval(event: Partial<AuditEvent> = {}): AuditEvent {
  return {
    cluster: 'prod',
    kind: 'decision',
    at: '2026-03-01T10:00:00Z',
    digest: 'ab'.repeat(32),
    planId: 'plan-0001',
    what: 'approve set-image shop/web',
    from: 'slack:C0123456789',
    result: '1 of 2 approvals',
    who: { person: { organisation: 'T0HOME', user: 'U0ANN' }, name: 'Ann Canary', clusterUser: 'ann@example' },
    why: 'the canary sings',
    ...event,
  };
}
