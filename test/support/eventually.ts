import { vi } from 'vitest';

/**
 * How long a test waits for something that has to happen, in milliseconds. It ends as soon as it has happened; only what never happens takes
 * so long, and a machine with ten times the work has time enough.
 */
export const PATIENCE_MS = 60_000;

/** Tries again until the expectations hold, and answers with what the last try did. */
export function eventually<T>(check: () => T | Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  return vi.waitFor(check, { timeout: patienceMs, interval: 10 });
}
