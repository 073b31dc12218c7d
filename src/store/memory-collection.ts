import { CodedError } from '../errors.ts';
import { type Change, type Collection, type ListQuery, PAGE, type Page } from './collection.ts';
import {
  heldBy,
  listMember,
  listsOf,
  memberId,
  type RecordKind,
  readRecord,
  type StoredRecord,
  type WrittenRecord,
  writeRecord,
} from './record-kind.ts';
import { type OnUnreadable, UnreadableRecords } from './unreadable-records.ts';

/** A record with the lists it entered and the keys it holds; `kind` is what wrote it. */
interface MemoryRecord extends WrittenRecord {
  readonly lists: readonly string[];
  readonly keys: readonly string[];
  readonly kind?: unknown;
}

/** Records as one process keeps them, for any number of collections that share them. */
export class MemoryRecords {
  readonly records = new Map<string, MemoryRecord>();
  /** By list and id: the places in it. */
  readonly indexes = new Map<string, Map<string, string>>();
  readonly keys = new Map<string, string>();
  /** Ids of those that may be forgotten to make room, in the order in which they came to that. */
  readonly evictable = new Set<string>();
}

/** How a collection in memory is set up. */
export interface MemoryCollectionOptions {
  /** How many records are kept; of those beyond, the oldest that no list keeps are forgotten. */
  readonly most: number;
  /** The version to write, where another program knows only an older one. */
  readonly versionFor: (kind: { readonly name: string; readonly version: number }) => number;
  readonly onUnreadable: OnUnreadable;
}

/** A collection in memory. Reads, changes and writes without a pause in between, so nobody can write meanwhile. */
export function createMemoryCollection<T extends StoredRecord>(
  kind: RecordKind<T>,
  stored: MemoryRecords,
  options: MemoryCollectionOptions,
): Collection<T> {
  const unreadable = new UnreadableRecords(kind, options.onUnreadable);

  function parse(id: string): T | undefined {
    const found = stored.records.get(id);
    if (!found) return undefined;
    // What this very kind wrote needs no reading again: it cannot have been changed.
    return found.kind === kind && found.version === kind.version ? (found.value as T) : readRecord(kind, found);
  }

  function read(id: string): T {
    const found = parse(id);
    if (!found) throw new CodedError('store/not-found', `There is no ${kind.name} ${id}.`);
    return found;
  }

  function write(record: T, before: T | undefined): void {
    const keys = kind.keys(record);
    take(record.id, keys, before ? kind.keys(before) : []);
    const lists = listsOf(kind, record);
    const earlier = before ? listsOf(kind, before) : [];
    for (const index of lists) if (!earlier.includes(index)) enter(index, record);
    for (const index of earlier) if (!lists.includes(index)) leave(index, record.id);
    stored.records.set(record.id, { ...writeRecord(kind, record, options.versionFor(kind)), lists, keys, kind });
    noteEvictable(record.id);
  }

  function take(id: string, keys: readonly string[], released: readonly string[]): void {
    for (const key of keys) {
      const holder = stored.keys.get(key);
      if (holder !== undefined && holder !== id) throw heldBy(kind.name, id, holder);
    }
    for (const key of released) stored.keys.delete(key);
    for (const key of keys) stored.keys.set(key, id);
  }

  function enter(index: string, record: T): void {
    const members = stored.indexes.get(index) ?? new Map<string, string>();
    stored.indexes.set(index, members.set(record.id, listMember(kind, record)));
  }

  function leave(index: string, id: string): void {
    const members = stored.indexes.get(index);
    members?.delete(id);
    if (members?.size === 0) stored.indexes.delete(index);
  }

  function noteEvictable(id: string): void {
    if (kind.keeps.some((index) => stored.indexes.get(index)?.has(id))) stored.evictable.delete(id);
    else stored.evictable.add(id);
  }

  function forget(id: string): void {
    const { lists, keys } = stored.records.get(id) ?? { lists: [], keys: [] };
    stored.records.delete(id);
    stored.evictable.delete(id);
    for (const index of lists) leave(index, id);
    for (const key of keys) if (stored.keys.get(key) === id) stored.keys.delete(key);
  }

  function makeRoom(): void {
    for (const id of stored.evictable) {
      if (stored.records.size <= options.most) return;
      forget(id);
    }
  }

  return {
    async create(record) {
      if (stored.records.has(record.id)) throw new CodedError('store/exists', `The ${kind.name} ${record.id} is stored already.`);
      write(record, undefined);
      makeRoom();
    },
    async read(id) {
      return read(id);
    },
    async readMany(ids) {
      return ids.flatMap((id) => unreadable.attempt(id, () => parse(id)) ?? []);
    },
    async update(id, change): Promise<Change<T>> {
      const before = read(id);
      const changed = change(before);
      if (changed === before) return { before, after: before };
      const after = { ...changed, revision: before.revision + 1 };
      write(after, before);
      return { before, after };
    },
    async list({ index, order = 'newest', limit = PAGE, cursor }: ListQuery): Promise<Page<T>> {
      const members = [...(stored.indexes.get(index)?.values() ?? [])].sort();
      if (order === 'newest') members.reverse();
      const rest = cursor === undefined ? members : members.filter((member) => (order === 'newest' ? member < cursor : member > cursor));
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      const ids = page.map(memberId);
      return {
        records: ids.flatMap((id) => unreadable.attempt(id, () => parse(id)) ?? []),
        newer: ids.some((id) => (stored.records.get(id)?.version ?? 0) > kind.version),
        ...(last !== undefined && page.length < rest.length ? { next: last } : {}),
      };
    },
    async count(index) {
      return stored.indexes.get(index)?.size ?? 0;
    },
    async leave(record, indexes) {
      for (const index of indexes) leave(index, record.id);
      if (stored.records.has(record.id)) noteEvictable(record.id);
    },
    async remove(id) {
      const found = parse(id);
      if (found) forget(id);
      return found !== undefined;
    },
    async holder(key) {
      const id = stored.keys.get(key);
      return id === undefined ? undefined : parse(id);
    },
    unreadable: () => unreadable.count,
  };
}
