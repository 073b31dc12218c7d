import { LRUCache } from 'lru-cache';

/** A map whose entries end by themselves. */
export interface ExpiringMap<V> {
  get(key: string): V | undefined;
  /** `ttlMs` stands in for the map's own time. */
  set(key: string, value: V, ttlMs?: number): void;
  delete(key: string): void;
}

/**
 * A map in this process's memory that holds each entry for `ttlMs` milliseconds after it was set, and at most `max` of them: the
 * one that was used longest ago goes first. `now` is a clock in milliseconds.
 */
export function createExpiringMap<V extends object>(options: {
  readonly now: () => number;
  readonly ttlMs: number;
  readonly max: number;
}): ExpiringMap<V> {
  const { now, ttlMs, max } = options;
  const entries = new LRUCache<string, V>({
    max,
    ttl: agesTo(ttlMs),
    ttlResolution: 0,
    // For lru-cache an entry that was set at 0 has no start and never ends.
    perf: { now: () => now() + 1 },
  });
  let sweepAt = 0;

  /** What has ended is let go, not only hidden: answers may be large, or hold a secret. */
  function sweep(): void {
    if (now() < sweepAt) return;
    entries.purgeStale();
    sweepAt = now() + ttlMs;
  }

  return {
    get: (key) => entries.get(key),
    set(key, value, ownTtlMs) {
      sweep();
      entries.set(key, value, ownTtlMs === undefined ? {} : { ttl: agesTo(ownTtlMs) });
    },
    delete: (key) => void entries.delete(key),
  };
}

/** lru-cache ends an entry that is older than its time, and this map one that is as old; 0 would mean no end. */
function agesTo(ttlMs: number): number {
  return Math.max(1, Math.ceil(ttlMs) - 1);
}
