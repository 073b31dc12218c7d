/** Faults in the order in which what they wait for meets them. */
export class Faults<F, Met> {
  readonly #waiting: F[] = [];
  readonly #meets: (fault: F, met: Met) => boolean;

  constructor(meets: (fault: F, met: Met) => boolean) {
    this.#meets = meets;
  }

  add(fault: F, times = 1): void {
    for (let n = 0; n < times; n++) this.#waiting.push(fault);
  }

  /** How many nothing has met yet. */
  waiting(): number {
    return this.#waiting.length;
  }

  /** Takes the first one that meets this. */
  take(met: Met): F | undefined {
    const at = this.#waiting.findIndex((fault) => this.#meets(fault, met));
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }
}
