import { setTimeout as sleep } from 'node:timers/promises';

/** What was waited for in vain: a sentence with what was expected and what was seen. */
export class NotSeen extends Error {
  readonly expected: string;
  readonly seen: string;

  constructor(expected: string, seen: string) {
    super(`expected ${expected}; saw ${seen}`);
    this.expected = expected;
    this.seen = seen;
  }
}

/** How waiting goes on. */
export interface Patience {
  /** Ends it, ms of the world's time. */
  readonly limitMs: number;
  /** Ends it at once. */
  readonly signal?: AbortSignal;
}

const BETWEEN_MS = 25;

/** Looks until there is what is looked for, and gives it out. Throws NotSeen once the time is up, and an AbortError once it is aborted. */
export async function until<T>(
  expected: string,
  { limitMs, signal }: Patience,
  look: () => { readonly found: T } | { readonly seen: string },
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const looked = look();
    if ('found' in looked) return looked.found;
    if (Date.now() >= end) throw new NotSeen(expected, looked.seen);
    await sleep(BETWEEN_MS, undefined, signal === undefined ? {} : { signal });
  }
}
