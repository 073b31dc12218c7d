import type { z } from 'zod';
import { CodedError } from '../errors.ts';

/** What every record has. */
export interface StoredRecord {
  readonly id: string;
  /** 0 when it is created; grows with every stored change. */
  readonly revision: number;
}

/** How a record of one version becomes one of the next, and how it is written for programs that know only the earlier one. */
export interface VersionStep {
  readonly upgrade: (record: unknown) => unknown;
  readonly downgrade: (record: unknown) => unknown;
}

/** A kind of record: its shape, and the lists and keys it is found by. Nothing here may depend on anything but the record. */
export interface RecordKind<T extends StoredRecord> {
  /** As people and keys call it. */
  readonly name: string;
  /** Counts up when the shape changes, however little: an older program must not guess what a newer one means. */
  readonly version: number;
  /** Strict, so that a field nobody declared is found by a test and not lost. */
  readonly schema: z.ZodType<T>;
  /** The first one leads from version 1 to 2; one less than `version`. */
  readonly steps: readonly VersionStep[];
  /** RFC 3339; lists are ordered by it, so it never changes. */
  readonly since: (record: T) => string;
  /**
   * The lists that a record is in. A change adds it to those that are new and takes it out of those that are no more, so a
   * list that was left by `leave` stays left.
   */
  readonly indexes: (record: T) => readonly string[];
  /** Keys that no two records hold at the same time. */
  readonly keys: (record: T) => readonly string[];
  /** Lists whose members are never evicted to make room. */
  readonly keeps: readonly string[];
  /** How long a record is kept after its last change, ms; 30 days unless told, Infinity for ever. */
  readonly keptMs?: number;
}

/** The name of the list that every record is in. */
export const ALL = 'all';

/** Milliseconds until the year 33658. */
const TIME_DIGITS = 15;
/** Where the id begins in a place of a list. */
export const MEMBER_ID_AT = TIME_DIGITS + 1;

/** How long a record is kept after its last change where its kind says nothing else, ms: 30 days. */
export const RECORD_KEPT_MS = 30 * 24 * 3_600_000;

/** A record as it came out of a store, in the version it was written in. */
export interface WrittenRecord {
  readonly id: string;
  readonly version: number;
  readonly value: unknown;
}

/** Reads a record, upgraded to the present version. Throws `store/newer` for one of a later version, `store/unreadable` for anything else. */
export function readRecord<T extends StoredRecord>(kind: RecordKind<T>, { id, version, value }: WrittenRecord): T {
  if (version > kind.version)
    throw new CodedError(
      'store/newer',
      `The ${kind.name} ${id} was written in version ${version} by a newer imagepull; this one knows ${kind.version}.`,
      { retryable: true },
    );
  try {
    if (!Number.isInteger(version) || version < 1) throw new Error(`it has no version (${version})`);
    const upgraded = kind.steps.slice(version - 1).reduce((record, step) => step.upgrade(record), value);
    const record = kind.schema.parse(upgraded);
    if (record.id !== id) throw new Error(`it says that its id is ${record.id}`);
    return record;
  } catch (cause) {
    const words = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    throw new CodedError('store/unreadable', `The ${kind.name} ${id} is not stored as imagepull writes it: ${words}`, { cause });
  }
}

/** A record in the version that it is to be written in: the present one, or an older one that another program still knows. */
export function writeRecord<T extends StoredRecord>(kind: RecordKind<T>, record: T, version = kind.version): WrittenRecord {
  const wanted = Math.min(kind.version, Math.max(1, version));
  const value = kind.steps.slice(wanted - 1).reduceRight<unknown>((newer, step) => step.downgrade(newer), record);
  return { id: record.id, version: wanted, value };
}

/** The place of a record in every list: by its time, records of one moment by id. */
export function listMember<T extends StoredRecord>(kind: RecordKind<T>, record: T): string {
  const at = Math.max(0, Date.parse(kind.since(record)) || 0);
  return `${String(at).padStart(TIME_DIGITS, '0')}.${record.id}`;
}

/** The id in a place of a list. */
export function memberId(member: string): string {
  return member.slice(MEMBER_ID_AT);
}

/** The lists that a record is in, the one of all records among them. */
export function listsOf<T extends StoredRecord>(kind: RecordKind<T>, record: T): readonly string[] {
  return [ALL, ...kind.indexes(record)];
}

/** What is thrown when another record holds a key. */
export function heldBy(name: string, id: string, holder: string): CodedError {
  return new CodedError('store/held', `The ${name} ${id} cannot be written: ${holder} has the same key.`);
}
