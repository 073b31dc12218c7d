import { asCodedError, type CodedError } from '../errors.ts';

/** Hears of a record that cannot be read, once for each. */
export type OnUnreadable = (error: CodedError) => void;

/** Remembers which records could not be read, so that each is told once however often a list meets it. */
export class UnreadableRecords {
  readonly #logged = new Set<string>();
  readonly #onUnreadable: OnUnreadable;

  constructor(onUnreadable: OnUnreadable) {
    this.#onUnreadable = onUnreadable;
  }

  /** What reading gives, or undefined for a record that cannot be read. Throws what does not lie in the record. */
  attempt<T>(id: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (cause) {
      const error = asCodedError(cause);
      if (error.code !== 'store/unreadable' && error.code !== 'store/newer') throw cause;
      if (!this.#logged.has(id)) {
        this.#logged.add(id);
        this.#onUnreadable(error);
      }
      return undefined;
    }
  }

  get count(): number {
    return this.#logged.size;
  }
}
