/** What a request meets instead of its answer; `cut-after` does the work and then cuts the connection: the way to say a thing twice. */
export interface Fault {
  readonly kind: 'rate-limited' | 'server-error' | 'cut-after' | 'cut-before';
  /** Methods it meets; any without. */
  readonly methods?: readonly string[];
  readonly retryAfterS?: number;
}

/** Faults in the order in which requests meet them. */
export class Faults {
  readonly #waiting: Fault[] = [];

  add(fault: Fault, times = 1): void {
    for (let n = 0; n < times; n++) this.#waiting.push(fault);
  }

  /** How many no request has met yet. */
  waiting(): number {
    return this.#waiting.length;
  }

  /** Takes the first one that a request of this method meets. */
  take(method: string): Fault | undefined {
    const at = this.#waiting.findIndex(({ methods }) => methods === undefined || methods.includes(method));
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }
}

/** Messages and edits of a channel: so many at once, then one in so long. */
export class ChannelLimit {
  readonly burst: number;
  readonly everyMs: number;
  readonly #tokens = new Map<string, { left: number; at: number }>();

  constructor(burst: number, everyMs: number) {
    this.burst = burst;
    this.everyMs = everyMs;
  }

  /** Seconds to wait, or undefined when it may go on. */
  take(channel: string, now: number): number | undefined {
    const known = this.#tokens.get(channel) ?? { left: this.burst, at: now };
    const left = Math.min(this.burst, known.left + (now - known.at) / this.everyMs);
    this.#tokens.set(channel, { left: left < 1 ? left : left - 1, at: now });
    return left < 1 ? Math.max(1, Math.ceil(((1 - left) * this.everyMs) / 1000)) : undefined;
  }
}
