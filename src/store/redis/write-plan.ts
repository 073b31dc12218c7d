import { listMember, listsOf, MEMBER_ID_AT, RECORD_KEPT_MS, type RecordKind, type StoredRecord } from '../record-kind.ts';

/** What changes in Redis beside a record that is written: see the script that does it. */
export interface WritePlan {
  readonly id: string;
  /** Where the id begins in a member of a list, counted from one. */
  readonly idAt: number;
  readonly member: string;
  /** Before the id in the key of a record. */
  readonly records: string;
  /** Keys of lists. */
  readonly enter: readonly string[];
  readonly stay: readonly string[];
  readonly leave: readonly string[];
  /** Keys of keys. */
  readonly hold: readonly string[];
  readonly release: readonly string[];
}

const DAY_MS = 24 * 3_600_000;

/**
 * How long a record is kept, and how long its places in lists and its keys, in ms as the script takes them: '' for ever. The places are kept
 * longer than the record, so that changes within its first day need not touch them.
 */
export function lifetimes({ keptMs = RECORD_KEPT_MS }: { readonly keptMs?: number }): readonly [string, string] {
  return keptMs === Number.POSITIVE_INFINITY ? ['', ''] : [String(keptMs), String(keptMs + 2 * DAY_MS)];
}

/** Which lists a record enters and leaves, and which keys it takes and lets go. */
export function writePlan<T extends StoredRecord>(
  kind: RecordKind<T>,
  {
    record,
    before,
    at: { records, listKey, uniqueKey },
  }: {
    readonly record: T;
    readonly before: T | undefined;
    readonly at: { readonly records: string; listKey(index: string): string; uniqueKey(key: string): string };
  },
): WritePlan {
  const [lists, earlier] = [listsOf(kind, record), before ? listsOf(kind, before) : []];
  const [keys, released] = [kind.keys(record), before ? kind.keys(before) : []];
  const isOld = before !== undefined && !(Date.now() - Date.parse(kind.since(record)) < DAY_MS);
  return {
    id: record.id,
    idAt: MEMBER_ID_AT + 1,
    member: listMember(kind, record),
    records,
    enter: lists.filter((index) => !earlier.includes(index)).map(listKey),
    stay: isOld ? lists.filter((index) => earlier.includes(index)).map(listKey) : [],
    leave: earlier.filter((index) => !lists.includes(index)).map(listKey),
    hold: keys.filter((key) => isOld || !released.includes(key)).map(uniqueKey),
    release: released.filter((key) => !keys.includes(key)).map(uniqueKey),
  };
}
