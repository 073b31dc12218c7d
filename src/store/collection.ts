import { asCodedError } from '../errors.ts';
import type { StoredRecord } from './record-kind.ts';

/** A record before and after a change; the very same object when nothing was written. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** A part of a list. */
export interface Page<T> {
  readonly records: readonly T[];
  /** True where records were left out that only a newer program can read: what is done with this list is not done for all. */
  readonly newer: boolean;
  /** Where the next page begins; absent after the last one. A page may hold fewer records than wanted and still not be the last. */
  readonly next?: string;
}

/** Which part of which list is wanted. */
export interface ListQuery {
  /** One of the kind's indexes; `all` holds every record. */
  readonly index: string;
  readonly order?: 'newest' | 'oldest';
  /** Records at most; 100 unless told. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

/**
 * Records of one kind. What cannot be read (damaged, or written by a newer program) is left out of lists, told once and
 * counted; asked for by its id it throws `store/unreadable` or `store/newer`. Every method throws `store/unavailable`
 * (retryable) when the store cannot be reached.
 */
export interface Collection<T extends StoredRecord> {
  /** Throws `store/exists` for a second record with the id, and `store/held` when another one holds one of its keys. */
  create(record: T): Promise<void>;
  /** Throws `store/not-found`. */
  read(id: string): Promise<T>;
  /** Those that are there and can be read, in the order of the ids. */
  readMany(ids: readonly string[]): Promise<readonly T[]>;
  /**
   * Writes `change(record)` unless somebody else wrote in between; then it reads and tries again. `change` must be pure. A
   * change that returns the very record it was given is not written. Throws `store/held` as `create` does.
   */
  update(id: string, change: (record: T) => T): Promise<Change<T>>;
  list(query: ListQuery): Promise<Page<T>>;
  /** About how many are in a list: those that cannot be read, and some that have expired, count as well. */
  count(index: string): Promise<number>;
  /** Takes a record out of lists that its own fields do not take it out of: work that was done. */
  leave(record: T, indexes: readonly string[]): Promise<void>;
  /** Takes a record away, with its places in lists and its keys; false where it is gone already. Throws what `read` throws for one that cannot be read. */
  remove(id: string): Promise<boolean>;
  /** The record that holds a key now. */
  holder(key: string): Promise<T | undefined>;
  /** Records that could not be read so far, each counted once. */
  unreadable(): number;
}

/** Records of a page unless told. */
export const PAGE = 100;

/** Creates a record unless one with its id is there: false then, for what was done before, perhaps by somebody who died since. Throws as `create` does else. */
export async function createOnce<T extends StoredRecord>(collection: Pick<Collection<T>, 'create'>, record: T): Promise<boolean> {
  try {
    await collection.create(record);
    return true;
  } catch (cause) {
    if (asCodedError(cause).code === 'store/exists') return false;
    throw cause;
  }
}

/** Undefined for what has expired. */
export async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (cause) {
    if (asCodedError(cause).code === 'store/not-found') return undefined;
    throw cause;
  }
}

/** Every record of a list, a page at a time. What enters the list meanwhile may be missed, what leaves it is not seen twice. */
export async function* walk<T extends StoredRecord>(
  collection: Pick<Collection<T>, 'list'>,
  query: Omit<ListQuery, 'cursor'>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page: Page<T> = await collection.list({ ...query, cursor });
    yield* page.records;
    cursor = page.next;
  } while (cursor !== undefined);
}
