import { CodedError } from '../errors.ts';
import type { Posted } from '../incident/thread.ts';
import type { Run } from '../runbook/run.ts';
import type { Store } from './store.ts';

/** A store in the memory of one process, for the command line and for a service without Redis. */
export class MemoryStore implements Store {
  readonly #runs = new Map<string, Run>();
  readonly #posted = new Map<string, Posted>();
  readonly #tails = new Map<string, Promise<unknown>>();

  async createRun(run: Run): Promise<void> {
    if (this.#runs.has(run.id)) throw new CodedError('store/exists', `Run ${run.id} is stored already.`);
    this.#runs.set(run.id, run);
  }

  async readRun(id: string): Promise<Run> {
    const run = this.#runs.get(id);
    if (!run) throw new CodedError('store/not-found', `There is no run ${id}.`);
    return run;
  }

  async updateRun(id: string, change: (run: Run) => Run): Promise<{ before: Run; after: Run }> {
    for (;;) {
      const before = await this.readRun(id);
      const changed = change(before);
      if (changed === before) return { before, after: before };
      // Nothing may happen between this comparison and the write below: no await.
      if (this.#runs.get(id)?.revision !== before.revision) continue;
      const after = { ...changed, revision: before.revision + 1 };
      this.#runs.set(id, after);
      return { before, after };
    }
  }

  serialise<T>(runId: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#tails.get(runId) ?? Promise.resolve()).then(work);
    const tail = mine.then(
      () => undefined,
      () => undefined, // the caller gets the error; the next in line must not
    );
    this.#tails.set(runId, tail);
    return mine;
  }

  async readPosted(runId: string): Promise<Posted> {
    return this.#posted.get(runId) ?? {};
  }

  async writePosted(runId: string, key: string, entry: Posted[string]): Promise<void> {
    this.#posted.set(runId, { ...this.#posted.get(runId), [key]: entry });
  }
}
