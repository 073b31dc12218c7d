import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { asCodedError, type CodedError } from '../../errors.ts';
import { FIGURES_KEPT_MS } from '../../facts/pull-figures.ts';
import { MEMBER_KINDS, type MemberKind, memberCounts, memberNames } from '../../incident/members.ts';
import type { Posted, PostedMessage } from '../../incident/message.ts';
import type { Collection } from '../collection.ts';
import { commonVersion, HEARTBEAT_KEPT_MS, Heartbeat, type Heartbeats } from '../heartbeat.ts';
import { KINDS, type Kinds } from '../kinds.ts';
import { RECORD_KEPT_MS, type RecordKind, type StoredRecord } from '../record-kind.ts';
import type { Members, Store } from '../store.ts';
import { FIGURES_FORMAT, parseFigures, parsePosted } from '../stored-value.ts';
import type { OnUnreadable } from '../unreadable-records.ts';
import { createRedisCollection } from './redis-collection.ts';
import type { RedisConnection } from './redis-connection.ts';
import { createRedisLine } from './redis-line.ts';
import { ADD_NAMES, CLAIM, EXTEND, POST, RELEASE, type RedisScript, runScript } from './redis-scripts.ts';

/** How a store on Redis is set up. */
export interface RedisStoreOptions {
  readonly redis: RedisConnection;
  /** Before every key; `imagepull:v2:` unless told. */
  readonly prefix?: string;
  /** How long the name of a dead process stays taken; 10 s unless told. */
  readonly leaseMs?: number;
  readonly kinds?: Kinds;
  /** Hears what went wrong beside a call that nevertheless did its work: a lease that could not be kept or given back. */
  readonly onError?: (error: CodedError) => void;
  readonly onUnreadable?: OnUnreadable;
}

/** The heartbeats of others are looked at so often, to choose the version that records are written in, ms. */
const ALIVE_KNOWN_MS = 1_000;
/** Pods whose names are added together. */
const NAMES_AT_ONCE = 1_000;

/**
 * Everything on Redis, shared by any number of processes. Keys, each after the prefix, besides those of the collections:
 *
 * - `members:INCIDENT:KIND`: sorted set, all scores 0, of names; 30 days after the last one was added it is gone
 * - `posted:INCIDENT`: hash of message key to what became of it; 30 days
 * - `figures:CLUSTER:NODE`: JSON of a node's figures; seven days
 * - `heartbeats`: set of ids of processes; `heartbeat:ID`: JSON of its last sign of life; 20 s
 * - `line:NAME`, `line:NAME:arrivals`: who waits in a line, by rank and arrival; 30 days after the last arrival they are gone
 * - `began`: when the first process found nothing here, ms
 * - `lease:NAME`: who does something exclusively; `claim:NAME`: a name taken for a while
 */
export function createRedisStore(options: RedisStoreOptions): Store {
  const { redis, prefix = 'imagepull:v2:', kinds = KINDS, onUnreadable = () => undefined } = options;
  const heartbeats = createHeartbeats(redis, prefix);
  const collections = new Map<unknown, unknown>();
  let known: { readonly at: number; readonly alive: Promise<readonly Heartbeat[]> } | undefined;

  /** A look that fails is not remembered. */
  async function alive(): Promise<readonly Heartbeat[]> {
    const now = performance.now();
    if (known === undefined || now - known.at >= ALIVE_KNOWN_MS) known = { at: now, alive: heartbeats.list() };
    try {
      return await known.alive;
    } catch (cause) {
      known = undefined;
      throw cause;
    }
  }

  function collection<T extends StoredRecord>(kind: RecordKind<T>): Collection<T> {
    const opened = collections.get(kind);
    // A kind is the key of its own collection.
    if (opened) return opened as Collection<T>;
    const made = createRedisCollection(kind, {
      redis,
      prefix,
      versionFor: async (wanted) => (wanted.version === 1 ? 1 : commonVersion(wanted, await alive())),
      onUnreadable,
    });
    collections.set(kind, made);
    return made;
  }

  // No name of a node holds a colon, so the last one ends the name of the cluster.
  const figuresKey = (cluster: string, node: string): string => `${prefix}figures:${cluster}:${node}`;

  return {
    collection,
    runs: collection(kinds.runs),
    incidents: collection(kinds.incidents),
    requests: collection(kinds.requests),
    deliveries: collection(kinds.deliveries),
    silences: collection(kinds.silences),
    corrections: collection(kinds.corrections),
    plans: collection(kinds.plans),
    members: createMembers(redis, prefix),
    heartbeats,
    async began() {
      const key = `${prefix}began`;
      const now = String(Date.now());
      // Both in one command need Redis 7.
      const [, known] = await redis.ask('store', (client) => Promise.all([client.set(key, now, 'NX'), client.get(key)]));
      return new Date(Number(known ?? now));
    },
    line: createRedisLine(redis, prefix, RECORD_KEPT_MS),
    ...createNames(options, prefix),
    figures: {
      async read(cluster, node) {
        const json = await redis.ask('store', (client) => client.get(figuresKey(cluster, node)));
        return json === null ? [] : parseFigures(`record of pulls on ${node}`, json);
      },
      async write(cluster, node, figures) {
        const json = JSON.stringify({ format: FIGURES_FORMAT, figures });
        await redis.ask('store', (client) => client.set(figuresKey(cluster, node), json, 'PX', FIGURES_KEPT_MS));
      },
    },
    posted: {
      async read(incidentId): Promise<Posted> {
        const entries = await redis.ask('store', (client) => client.hgetall(`${prefix}posted:${incidentId}`));
        return Object.fromEntries(Object.entries(entries).map(([key, json]) => [key, postedOr({ key, incidentId, json }, onUnreadable)]));
      },
      async write(incidentId, key, entry) {
        await redis.ask('store', (client) =>
          runScript(client, POST, [`${prefix}posted:${incidentId}`], [key, JSON.stringify(entry), String(RECORD_KEPT_MS)]),
        );
      },
    },
  };
}

/** Whether it was posted is not known where the entry cannot be read; who posts next looks for the message first. */
function postedOr(
  { key, incidentId, json }: { readonly key: string; readonly incidentId: string; readonly json: string },
  onUnreadable: OnUnreadable,
): PostedMessage {
  try {
    return parsePosted(`message ${key} of incident ${incidentId}`, json);
  } catch (cause) {
    onUnreadable(asCodedError(cause), { incident: incidentId });
    return { status: 'posting', since: new Date(0).toISOString() };
  }
}

/** What is taken for a while: leases and claims. */
function createNames(
  { redis, leaseMs = 10_000, onError = () => undefined }: RedisStoreOptions,
  prefix: string,
): Pick<Store, 'exclusively' | 'claim' | 'hold'> {
  return {
    async exclusively(name, work) {
      const [key, token] = [`${prefix}lease:${name}`, randomUUID()];
      const taken = await redis.ask('store', (client) => client.set(key, token, 'PX', leaseMs, 'NX'));
      if (taken !== 'OK') return { status: 'busy' };
      const onTheLease = async (script: RedisScript): Promise<void> => {
        try {
          await redis.ask('store', (client) => runScript(client, script, [key], [token, String(leaseMs)]));
        } catch (error) {
          onError(asCodedError(error)); // the lease ends by itself
        }
      };
      const renewal = setInterval(() => void onTheLease(EXTEND), leaseMs / 3);
      try {
        return { status: 'done', value: await work() };
      } finally {
        clearInterval(renewal);
        await onTheLease(RELEASE);
      }
    },
    async claim(name, forMs) {
      const reply = await redis.ask('store', (client) => runScript(client, CLAIM, [`${prefix}claim:${name}`], [String(forMs)]));
      const freeInMs = z.int().parse(reply);
      return freeInMs === 0 ? { status: 'taken' } : { status: 'refused', freeInMs };
    },
    async hold(name, forMs) {
      await redis.ask('store', (client) => client.set(`${prefix}claim:${name}`, '1', 'PX', forMs));
    },
  };
}

function createMembers(redis: RedisConnection, prefix: string): Members {
  const keyOf = (incidentId: string, kind: MemberKind): string => `${prefix}members:${incidentId}:${kind}`;
  return {
    async add(incidentId, pods) {
      let added = 0;
      for (let from = 0; from < pods.length; from += NAMES_AT_ONCE) {
        const names = memberNames(pods.slice(from, from + NAMES_AT_ONCE));
        const wanted = MEMBER_KINDS.filter((kind) => names[kind].length > 0);
        const keys = wanted.map((kind) => keyOf(incidentId, kind));
        const args = [String(RECORD_KEPT_MS), JSON.stringify(wanted.map((kind) => names[kind]))];
        added += z.int().parse(await redis.ask('store', (client) => runScript(client, ADD_NAMES, keys, args)));
      }
      return added;
    },
    async addNames(incidentId, kind, names) {
      if (names.length === 0) return;
      const args = [String(RECORD_KEPT_MS), JSON.stringify([names])];
      await redis.ask('store', (client) => runScript(client, ADD_NAMES, [keyOf(incidentId, kind)], args));
    },
    async removeNames(incidentId, kind, names) {
      if (names.length === 0) return;
      await redis.ask('store', (client) => client.zrem(keyOf(incidentId, kind), ...names));
    },
    async count(incidentId) {
      const sizes = await redis.ask('store', (client) => Promise.all(MEMBER_KINDS.map((kind) => client.zcard(keyOf(incidentId, kind)))));
      return memberCounts((kind) => sizes[MEMBER_KINDS.indexOf(kind)] ?? 0);
    },
    async list(incidentId, { kind, limit, cursor }) {
      const from = cursor === undefined ? '-' : `(${cursor}`;
      const names = await redis.ask('store', (client) => client.zrangebylex(keyOf(incidentId, kind), from, '+', 'LIMIT', 0, limit));
      const last = names.at(-1);
      return { names, ...(last !== undefined && names.length === limit ? { next: last } : {}) };
    },
  };
}

function createHeartbeats(redis: RedisConnection, prefix: string): Heartbeats {
  const [ids, keyOf] = [`${prefix}heartbeats`, (id: string): string => `${prefix}heartbeat:${id}`];
  return {
    async write(heartbeat) {
      await redis.ask('store', (client) =>
        Promise.all([client.set(keyOf(heartbeat.id), JSON.stringify(heartbeat), 'PX', HEARTBEAT_KEPT_MS), client.sadd(ids, heartbeat.id)]),
      );
    },
    async list() {
      const all = await redis.ask('store', (client) => client.smembers(ids));
      if (all.length === 0) return [];
      const found = await redis.ask('store', (client) => client.mget(all.map(keyOf)));
      const gone = all.filter((_, at) => found[at] === null);
      // One that writes again just now adds itself again with its next beat.
      if (gone.length > 0) await redis.ask('store', (client) => client.srem(ids, ...gone));
      return found.flatMap((json) => (json === null ? [] : heartbeatOf(json)));
    },
    async remove(id) {
      await redis.ask('store', (client) => Promise.all([client.del(keyOf(id)), client.srem(ids, id)]));
    },
  };
}

/** A sign of life that this program cannot read says nothing to it. */
function heartbeatOf(json: string): readonly Heartbeat[] {
  try {
    return [Heartbeat.parse(JSON.parse(json))];
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof z.ZodError) return [];
    throw cause;
  }
}
