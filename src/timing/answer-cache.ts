import { deadline } from './deadline.ts';
import { createExpiringMap } from './expiring-map.ts';

/** An answer and whether this call made the request be sent; false when the answer was kept or shared. */
export interface CachedAnswer<T> {
  readonly answer: T;
  readonly asked: boolean;
}

/** One request for the cache. */
export interface CacheRequest<T> {
  /** Stands for answers of one type; the same key is the same request. */
  readonly key: string;
  /** Gets no signal: others may be waiting for the same answer, so it needs a time limit of its own. */
  readonly ask: () => Promise<T>;
  /** False for answers that are shared with those who wait and then forgotten; absent keeps all. */
  readonly keep?: (answer: T) => boolean;
  /** Ends this caller's waiting, not the request. */
  readonly signal?: AbortSignal | undefined;
}

/** Sends a request unless the same one was answered a moment ago, or is on its way. */
export type AnswerCache = <T>(request: CacheRequest<T>) => Promise<CachedAnswer<T>>;

/**
 * Keeps answers in this process's memory only, for `keepMs` milliseconds after they were asked for, and at most `max` of them.
 * Failures are shared with those who wait and then forgotten.
 */
export function createAnswerCache(options: { readonly now: () => number; readonly keepMs: number; readonly max: number }): AnswerCache {
  const { now, keepMs, max } = options;
  const answers = createExpiringMap<Promise<unknown>>({ now, ttlMs: keepMs, max });

  return async <T>({ key, ask, keep, signal }: CacheRequest<T>) => {
    // The cast is safe as long as a key stands for one type of answer, which callers promise.
    const kept = answers.get(key) as Promise<T> | undefined;
    if (kept) return { answer: await deadline({ signal }, () => kept), asked: false };
    const answer = ask();
    answers.set(key, answer);
    const forget = () => {
      if (answers.get(key) === answer) answers.delete(key);
    };
    answer.then((given) => (keep?.(given) === false ? forget() : undefined), forget);
    return { answer: await deadline({ signal }, () => answer), asked: true };
  };
}
