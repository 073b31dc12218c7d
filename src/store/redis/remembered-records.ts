import type { StoredRecord } from '../record-kind.ts';

/** How a record is written in the store. */
export interface WrittenText {
  readonly json: string;
  readonly version: string;
}

/** Characters of records that one process remembers as it read them. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Spares a process reading the very same text again. Only that stands for a record, so what is remembered can never be out of date. */
export class RememberedRecords<T extends StoredRecord> {
  /** By id, in the order of use. */
  readonly #records = new Map<string, WrittenText & { readonly record: T }>();
  #characters = 0;

  /** What that text was read as; undefined for another one. */
  get(id: string, { json, version }: WrittenText): T | undefined {
    const known = this.#records.get(id);
    return known?.json === json && known.version === version ? known.record : undefined;
  }

  /** What was read or written last, whatever is stored by now. */
  newest(id: string): T | undefined {
    return this.#records.get(id)?.record;
  }

  add({ json, version }: WrittenText, record: T): void {
    this.#forget(record.id);
    this.#records.set(record.id, { json, version, record });
    this.#characters += json.length;
    for (const [oldest] of this.#records) {
      if (this.#characters <= MAX_CHARACTERS) return;
      this.#forget(oldest);
    }
  }

  #forget(id: string): void {
    this.#characters -= this.#records.get(id)?.json.length ?? 0;
    this.#records.delete(id);
  }
}
