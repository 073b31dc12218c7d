import { z } from 'zod';
import { CodedError } from '../../errors.ts';
import { type Change, type Collection, type ListQuery, PAGE, type Page } from '../collection.ts';
import { heldBy, listMember, listsOf, memberId, type RecordKind, readRecord, type StoredRecord, writeRecord } from '../record-kind.ts';
import { Turns } from '../turns.ts';
import { type OnUnreadable, UnreadableRecords } from '../unreadable-records.ts';
import type { RedisConnection } from './redis-connection.ts';
import { REMOVE, runScript, WRITE } from './redis-scripts.ts';
import { RememberedRecords } from './remembered-records.ts';
import { lifetimes, writePlan } from './write-plan.ts';

/** How a collection on Redis is set up. */
export interface RedisCollectionOptions {
  readonly redis: RedisConnection;
  /** Before every key. */
  readonly prefix: string;
  /** The version to write, where another program knows only an older one. */
  readonly versionFor: (kind: { readonly name: string; readonly version: number }) => Promise<number>;
  readonly onUnreadable: OnUnreadable;
}

const LARGEST_BYTES = 1024 * 1024;

const WriteReply = z.union([z.tuple([z.enum(['written', 'exists', 'not-found', 'conflict'])]), z.tuple([z.literal('held'), z.string()])]);
const RemoveReply = z.enum(['removed', 'gone', 'conflict']);
type WriteReply = z.infer<typeof WriteReply>;
const Members = z.array(z.string());

/** A record as Redis gives it out. */
interface Written {
  readonly id: string;
  readonly version: string;
  readonly json: string;
}

/**
 * A collection on Redis, shared by any number of processes. Keys, each after the prefix, with KIND the name of the kind:
 *
 * - `KIND:ID`: hash of version, revision, json; 30 days after the last change it is gone, unless the kind is kept for longer
 * - `KIND.list:INDEX`: sorted set, all scores 0, of time and id, so that a member is a cursor
 * - `KIND.key:KEY`: the id of the record that holds the key
 */
export function createRedisCollection<T extends StoredRecord>(kind: RecordKind<T>, options: RedisCollectionOptions): Collection<T> {
  const { redis, prefix } = options;
  const records = `${prefix}${kind.name}:`;
  const listKey = (index: string): string => `${prefix}${kind.name}.list:${index}`;
  const uniqueKey = (key: string): string => `${prefix}${kind.name}.key:${key}`;
  const unreadable = new UnreadableRecords(kind, options.onUnreadable);
  const turns = new Turns();
  const remembered = new RememberedRecords<T>();

  async function write(record: T, before: T | undefined): Promise<WriteReply> {
    const { version, value } = writeRecord(kind, record, await options.versionFor(kind));
    const json = JSON.stringify(value);
    const size = Buffer.byteLength(json);
    if (size > LARGEST_BYTES)
      throw new CodedError(
        'store/too-large',
        `The ${kind.name} ${record.id} has ${size} bytes, more than the ${LARGEST_BYTES} that are stored.`,
      );
    const plan = writePlan(kind, { record, before, at: { records, listKey, uniqueKey } });
    const revisionRead = before === undefined ? '' : String(before.revision);
    const args = [revisionRead, String(version), String(record.revision), json, ...lifetimes(kind), JSON.stringify(plan)];
    const reply = WriteReply.parse(await redis.ask('store', (client) => runScript(client, WRITE, [`${records}${record.id}`], args)));
    if (reply[0] === 'written' && version === kind.version) remembered.add({ json, version: String(version) }, record);
    return reply;
  }

  async function readWritten(ids: readonly string[]): Promise<readonly (Written | undefined)[]> {
    const replies = await redis.ask('store', (client) => Promise.all(ids.map((id) => client.hmget(`${records}${id}`, 'version', 'json'))));
    return replies.map(([version, json], at) =>
      json === undefined || json === null ? undefined : { id: ids[at] ?? '', version: version ?? '', json },
    );
  }

  function parse({ id, version, json }: Written): T {
    const known = remembered.get(id, { json, version });
    if (known) return known;
    const record = readRecord(kind, { id, version: Number(version || Number.NaN), value: jsonOf(json) });
    remembered.add({ json, version }, record);
    return record;
  }

  async function read(id: string): Promise<T> {
    const [found] = await readWritten([id]);
    if (!found) throw new CodedError('store/not-found', `There is no ${kind.name} ${id}.`);
    return parse(found);
  }

  /** Undefined where something else is stored by now. */
  async function changed(before: T, change: (record: T) => T): Promise<Change<T> | undefined> {
    const wanted = change(before);
    if (wanted === before) return { before, after: before };
    const after = { ...wanted, revision: before.revision + 1 };
    const [outcome, holder] = await write(after, before);
    if (outcome === 'held') throw heldBy(kind.name, before.id, holder);
    return outcome === 'written' ? { before, after } : undefined;
  }

  const readable = (found: readonly (Written | undefined)[]): readonly T[] =>
    found.flatMap((written) => (written && unreadable.attempt(written.id, () => parse(written))) ?? []);

  return {
    async create(record) {
      const [outcome, holder] = await write(record, undefined);
      if (outcome === 'held') throw heldBy(kind.name, record.id, holder);
      if (outcome !== 'written') throw new CodedError('store/exists', `The ${kind.name} ${record.id} is stored already.`);
    },
    read,
    async readMany(ids) {
      return ids.length === 0 ? [] : readable(await readWritten(ids));
    },
    async update(id, change): Promise<Change<T>> {
      return turns.take(id, async () => {
        // What this process wrote last is most often what is stored; only a write that gets through proves it.
        const known = remembered.newest(id);
        const guessed = known && (await changed(known, change));
        if (guessed && guessed.after !== guessed.before) return guessed;
        for (;;) {
          const done = await changed(await read(id), change);
          if (done) return done;
          // Another process wrote: one of all who try at once always gets through, so this ends. What is gone is told by read.
        }
      });
    },
    async list({ index, order = 'newest', limit = PAGE, cursor }: ListQuery): Promise<Page<T>> {
      const from = cursor === undefined ? (order === 'newest' ? '+' : '-') : `(${cursor}`;
      const range = order === 'newest' ? [from, '-', 'BYLEX', 'REV'] : [from, '+', 'BYLEX'];
      const reply = await redis.ask('store', (client) => client.call('ZRANGE', listKey(index), ...range, 'LIMIT', '0', String(limit)));
      const members = Members.parse(reply);
      if (members.length === 0) return { records: [], newer: false };
      const found = await readWritten(members.map(memberId));
      const gone = members.filter((_, at) => found[at] === undefined);
      if (gone.length > 0) await redis.ask('store', (client) => client.zrem(listKey(index), ...gone));
      const last = members.at(-1);
      const newer = found.some((written) => written !== undefined && Number(written.version) > kind.version);
      return { records: readable(found), newer, ...(last !== undefined && members.length === limit ? { next: last } : {}) };
    },
    async count(index) {
      return redis.ask('store', (client) => client.zcard(listKey(index)));
    },
    async leave(record, indexes) {
      const member = listMember(kind, record);
      await redis.ask('store', (client) => Promise.all(indexes.map((index) => client.zrem(listKey(index), member))));
    },
    async remove(id) {
      for (;;) {
        const [found] = await readWritten([id]);
        if (!found) return false;
        const record = parse(found);
        const plan = {
          id,
          member: listMember(kind, record),
          leave: listsOf(kind, record).map(listKey),
          release: kind.keys(record).map(uniqueKey),
        };
        const args = [String(record.revision), JSON.stringify(plan)];
        const reply = RemoveReply.parse(await redis.ask('store', (client) => runScript(client, REMOVE, [`${records}${id}`], args)));
        if (reply !== 'conflict') return reply === 'removed';
      }
    },
    async holder(key) {
      const id = await redis.ask('store', (client) => client.get(uniqueKey(key)));
      if (id === null) return undefined;
      const [found] = await readWritten([id]);
      return found && parse(found);
    },
    unreadable: () => unreadable.count,
  };
}

/** What was written, or undefined where it is no JSON: no schema takes that. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
