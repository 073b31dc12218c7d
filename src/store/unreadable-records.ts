import { asCodedError, type CodedError } from '../errors.ts';

/** Hears of something stored that cannot be read, a record once; `about` has the id of what it is or belongs to, by its kind. */
export type OnUnreadable = (error: CodedError, about: Readonly<Record<string, string>>) => void;

/** Remembers which records could not be read, so that each is told once however often a list meets it. */
export class UnreadableRecords {
  readonly #logged = new Set<string>();
  readonly #kind: string;
  readonly #onUnreadable: OnUnreadable;

  constructor(kind: { readonly name: string }, onUnreadable: OnUnreadable) {
    this.#kind = kind.name;
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
        this.#onUnreadable(error, { [this.#kind]: id });
      }
      return undefined;
    }
  }

  get count(): number {
    return this.#logged.size;
  }
}
