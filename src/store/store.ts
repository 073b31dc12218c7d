import type { Posted } from '../incident/thread.ts';
import type { Run } from '../runbook/run.ts';

/** Where runs are kept. Throws `store/not-found` for an unknown run and `store/exists` for a second one with the same id. */
export interface Store {
  createRun(run: Run): Promise<void>;
  readRun(id: string): Promise<Run>;
  /**
   * Writes `change(run)` unless somebody else wrote in between; then it reads and tries again. `change` must be pure. A
   * change that returns the very run it was given is not written.
   */
  updateRun(id: string, change: (run: Run) => Run): Promise<{ readonly before: Run; readonly after: Run }>;
  /** One caller at a time for a run, across processes. */
  serialise<T>(runId: string, work: () => Promise<T>): Promise<T>;
  /** What was said about a run, by message key. */
  readPosted(runId: string): Promise<Posted>;
  writePosted(runId: string, key: string, entry: Posted[string]): Promise<void>;
}
