/** Who wants the same thing in one process takes turns, so that none of them does in vain what another one does at the same time. */
export class Turns {
  /** What the last in each line does. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work once all that came before for this name has ended, however it ended. */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name);
    }
  }
}
