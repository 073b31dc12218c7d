import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { asCodedError, CodedError } from '../errors.ts';
import { FIGURES_KEPT_MS } from '../facts/pull-figures.ts';
import { type Incident, isOpen } from '../incident/incident.ts';
import type { Posted, PostedMessage } from '../incident/message.ts';
import type { Run } from '../runbook/run.ts';
import type { RedisConnection } from './redis-connection.ts';
import { CLAIM, EXTEND, POST, RELEASE, type RedisScript, runScript, WRITE } from './redis-scripts.ts';
import type { Change, Store } from './store.ts';
import { FORMAT, parseFigures, parsePosted, parseStored, type Stored } from './stored-value.ts';

/** How a store on Redis is set up. */
export interface RedisStoreOptions {
  readonly redis: RedisConnection;
  /** Before every key; `imagepull:` unless told. */
  readonly prefix?: string;
  /** How long the name of a dead process stays taken; 10 s unless told. */
  readonly leaseMs?: number;
  /** Hears what went wrong beside a call that nevertheless did its work: a lease that could not be kept or given back. */
  readonly onError?: (error: CodedError) => void;
}

const DAYS_30_MS = 30 * 24 * 3_600_000;
const LARGEST_BYTES = 1024 * 1024;
/** Entries an index keeps, the newest. A run that is not said yet is dropped from its index only when it is gone itself, or far beyond sense. */
const MOST = { unsaid: 100_000, incidents: 10_000, namespace: 1_000 } as const;
const PAGE = 100;
const UNSAID_AT_ONCE = 1_000;

/** A membership of an index, written together with the value. */
interface Membership {
  readonly index: string;
  readonly keep: boolean;
  readonly most: number;
}

/** A kind of stored value. */
interface Shelf<T> {
  /** As people call it. */
  readonly name: string;
  readonly keyOf: (id: string) => string;
  /** RFC 3339; what indexes are ordered by. */
  readonly since: (value: T) => string;
  /** `before` is undefined when the value is new. */
  readonly memberships: (after: T, before: T | undefined) => readonly Membership[];
}

/**
 * Runs and incidents on Redis, shared by any number of processes. Keys, each after the prefix:
 *
 * - `run:ID`, `incident:ID`: hashes of format, revision, json; 30 days after the last change they are gone
 * - `posted:INCIDENT`: hash of message key to what became of it; 30 days
 * - `runs:unsaid`: sorted set of run ids by start
 * - `incidents`, `incidents:open`, `incidents:in:NAMESPACE`: sorted sets of incident ids by opening
 * - `figures:CLUSTER:NODE`: JSON of a node's figures; seven days
 * - `lease:NAME`: who does something exclusively; `claim:NAME`: a name taken for a while
 */
export function createRedisStore(options: RedisStoreOptions): Store {
  const { redis, prefix = 'imagepull:', leaseMs = 10_000, onError = () => undefined } = options;
  const unsaid = `${prefix}runs:unsaid`;
  const indexOf = (which: string): string => `${prefix}incidents${which}`;

  // No name of a node holds a colon, so the last one ends the name of the cluster.
  const figuresKey = (cluster: string, node: string): string => `${prefix}figures:${cluster}:${node}`;

  const runs: Shelf<Run> = {
    name: 'run',
    keyOf: (id) => `${prefix}run:${id}`,
    since: (run) => run.startedAt,
    memberships: (_, before) => (before ? [] : [{ index: unsaid, keep: true, most: MOST.unsaid }]),
  };
  const incidents: Shelf<Incident> = {
    name: 'incident',
    keyOf: (id) => `${prefix}incident:${id}`,
    since: (incident) => incident.openedAt,
    memberships: (after) => [
      { index: indexOf(''), keep: true, most: MOST.incidents },
      { index: indexOf(':open'), keep: isOpen(after), most: MOST.incidents },
      { index: indexOf(`:in:${after.namespace}`), keep: true, most: MOST.namespace },
    ],
  };

  async function write<T extends Stored>(shelf: Shelf<T>, value: T, before: T | undefined): Promise<WriteOutcome> {
    const json = JSON.stringify(value);
    if (Buffer.byteLength(json) > LARGEST_BYTES)
      throw new CodedError(
        'store/too-large',
        `The ${shelf.name} ${value.id} has ${Buffer.byteLength(json)} bytes, more than the ${LARGEST_BYTES} that are stored.`,
      );
    const memberships = shelf.memberships(value, before);
    const keys = [shelf.keyOf(value.id), ...memberships.map(({ index }) => index)];
    const reply = await redis.ask('store', (client) =>
      runScript(client, WRITE, keys, [
        ...[before === undefined ? '' : String(before.revision), FORMAT, String(value.revision), json, String(DAYS_30_MS), value.id],
        String(Date.parse(shelf.since(value)) || 0),
        ...memberships.flatMap(({ keep, most }) => [keep ? 'add' : 'remove', String(most)]),
      ]),
    );
    return WriteOutcome.parse(reply);
  }

  async function create<T extends Stored>(shelf: Shelf<T>, value: T): Promise<void> {
    const outcome = await write(shelf, value, undefined);
    if (outcome !== 'written') throw new CodedError('store/exists', `The ${shelf.name} ${value.id} is stored already.`);
  }

  async function find<T extends Stored>(shelf: Shelf<T>, id: string): Promise<T | undefined> {
    const [format, json] = await redis.ask('store', (client) => client.hmget(shelf.keyOf(id), 'format', 'json'));
    return json === undefined || json === null ? undefined : parseStored<T>(`${shelf.name} ${id}`, format ?? '', json);
  }

  async function read<T extends Stored>(shelf: Shelf<T>, id: string): Promise<T> {
    const found = await find(shelf, id);
    if (!found) throw new CodedError('store/not-found', `There is no ${shelf.name} ${id}.`);
    return found;
  }

  async function update<T extends Stored>(shelf: Shelf<T>, id: string, change: (value: T) => T): Promise<Change<T>> {
    for (;;) {
      const before = await read(shelf, id);
      const changed = change(before);
      if (changed === before) return { before, after: before };
      const after = { ...changed, revision: before.revision + 1 };
      const outcome = await write(shelf, after, before);
      if (outcome === 'written') return { before, after };
      // Somebody else wrote: one of all who try at once always gets through, so this ends. What is gone is told by read.
    }
  }

  /** The values of some ids in their order; ids whose value expired are taken out of the index they came from. */
  async function readListed(index: string, ids: readonly string[]): Promise<readonly Incident[]> {
    const found = await Promise.all(ids.map((id) => find(incidents, id)));
    const gone = ids.filter((_, position) => found[position] === undefined);
    if (gone.length > 0) await redis.ask('store', (client) => client.zrem(index, ...gone));
    return found.filter((incident) => incident !== undefined);
  }

  return {
    createRun: (run) => create(runs, run),
    readRun: (id) => read(runs, id),
    updateRun: (id, change) => update(runs, id, change),
    async listUnsaidRuns() {
      const ids = await redis.ask('store', (client) => client.zrange(unsaid, 0, String(UNSAID_AT_ONCE - 1)));
      const there = await redis.ask('store', (client) => Promise.all(ids.map((id) => client.exists(runs.keyOf(id)))));
      const gone = ids.filter((_, position) => there[position] === 0);
      if (gone.length > 0) await redis.ask('store', (client) => client.zrem(unsaid, ...gone));
      return ids.filter((_, position) => there[position] !== 0);
    },
    async markSaid(runId) {
      await redis.ask('store', (client) => client.zrem(unsaid, runId));
    },

    createIncident: (incident) => create(incidents, incident),
    readIncident: (id) => read(incidents, id),
    updateIncident: (id, change) => update(incidents, id, change),
    async listIncidents({ open = false, namespace, most }) {
      const index = namespace === undefined ? indexOf(open ? ':open' : '') : indexOf(`:in:${namespace}`);
      const wanted: Incident[] = [];
      for (let from = 0; wanted.length < most; ) {
        const ids = await redis.ask('store', (client) => client.zrange(index, from, String(from + PAGE - 1), 'REV'));
        if (ids.length === 0) break;
        const found = await readListed(index, ids);
        wanted.push(...found.filter((incident) => !open || isOpen(incident)));
        from += found.length; // those that were gone moved the rest up
      }
      return wanted.slice(0, most);
    },

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

    async readFigures(cluster, node) {
      const json = await redis.ask('store', (client) => client.get(figuresKey(cluster, node)));
      return json === null ? [] : parseFigures(`record of pulls on ${node}`, json);
    },
    async writeFigures(cluster, node, figures) {
      const json = JSON.stringify({ format: FORMAT, figures });
      await redis.ask('store', (client) => client.set(figuresKey(cluster, node), json, 'PX', FIGURES_KEPT_MS));
    },

    async readPosted(incidentId) {
      const entries = await redis.ask('store', (client) => client.hgetall(`${prefix}posted:${incidentId}`));
      return Object.fromEntries(
        Object.entries(entries).map(([key, json]) => [key, parsePosted(`message ${key} of incident ${incidentId}`, json)]),
      ) satisfies Posted;
    },
    async writePosted(incidentId, key, entry: PostedMessage) {
      await redis.ask('store', (client) =>
        runScript(client, POST, [`${prefix}posted:${incidentId}`], [key, JSON.stringify(entry), String(DAYS_30_MS)]),
      );
    },
  };
}

const WriteOutcome = z.enum(['written', 'exists', 'not-found', 'conflict']);
type WriteOutcome = z.infer<typeof WriteOutcome>;
