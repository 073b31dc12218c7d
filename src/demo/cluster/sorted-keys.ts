/** Keys in their order, found in steps that do not grow with their number. */
export class SortedKeys {
  readonly #keys: string[] = [];

  get size(): number {
    return this.#keys.length;
  }

  /** Keys with a prefix, beginning with `from`, and in their places others that are given in order. */
  *range({ prefix, from }: { readonly prefix: string; readonly from: string }, others: readonly string[]): Generator<string> {
    const first = from > prefix ? from : prefix;
    const more = others.filter((key) => key >= first && key.startsWith(prefix));
    let taken = 0;
    for (let index = this.indexOf(first); index < this.#keys.length; index++) {
      const key = this.#keys[index] ?? '';
      if (!key.startsWith(prefix)) break;
      for (; taken < more.length && (more[taken] ?? '') < key; taken++) yield more[taken] ?? '';
      yield key;
    }
    yield* more.slice(taken);
  }

  /** Where the first key is that is not less than `key`. */
  indexOf(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    // What is loaded in order goes to the end.
    if (high > 0 && (this.#keys[high - 1] ?? '') < key) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds a key that is not there. */
  add(key: string): void {
    this.#keys.splice(this.indexOf(key), 0, key);
  }

  remove(key: string): void {
    const index = this.indexOf(key);
    if (this.#keys[index] === key) this.#keys.splice(index, 1);
  }
}
