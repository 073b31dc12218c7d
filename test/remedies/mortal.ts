/** What a process that dies is killed with. Nobody but a test knows it. */
export class Killed extends Error {}

/** The life of one process: it ends at one call, and nothing that it calls afterwards arrives. */
export class Life {
  readonly #endsAt: number;
  readonly #when: 'before' | 'after';
  #calls = 0;
  #over = false;

  /** Ends at the n-th call: before it reaches what is called, or after that has answered and before the answer arrives. */
  constructor(endsAt: number, when: 'before' | 'after') {
    this.#endsAt = endsAt;
    this.#when = when;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Makes one call of this process, or dies of it. */
  async call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#over) throw new Killed();
    this.#calls += 1;
    const isLast = this.#calls === this.#endsAt;
    if (isLast && this.#when === 'before') return this.#die();
    const answer = await work();
    if (this.#over) throw new Killed();
    return isLast ? this.#die() : answer;
  }

  #die(): never {
    this.#over = true;
    throw new Killed();
  }
}

/** Something outside a process as that process reaches it: every method of it, and of what lies within, is a call of its life. */
export function within<T extends object>(life: Life, outside: T): T {
  return new Proxy(outside, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value === 'function')
        return (...given: readonly unknown[]) => {
          // A collection is only looked up; what is called is in it.
          if (name === 'collection') return within(life, Reflect.apply(value, target, given));
          return life.call(async () => Reflect.apply(value, target, given));
        };
      return typeof value === 'object' && value !== null ? within(life, value) : value;
    },
  });
}
