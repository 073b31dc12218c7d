import { Faults } from '../faults.ts';

/** What a request meets instead of its answer; `cut-after` does the work and then cuts the connection: the way to say a thing twice. */
export interface Fault {
  readonly kind: 'rate-limited' | 'server-error' | 'cut-after' | 'cut-before';
  /** Methods it meets; any without. */
  readonly methods?: readonly string[];
  readonly retryAfterS?: number;
}

/** Faults that wait for calls, by their methods. */
export type CallFaults = Faults<Fault, string>;

export function createCallFaults(): CallFaults {
  return new Faults(({ methods }, method) => methods === undefined || methods.includes(method));
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
