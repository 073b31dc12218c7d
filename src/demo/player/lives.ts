import type { Backend } from '../../app/service/backend.ts';
import { CodedError } from '../../errors.ts';
import { InlineQueue } from '../../queue/inline-queue.ts';
import type { TaskWorker } from '../../queue/task-worker.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { ALL } from '../../store/record-kind.ts';
import type { Log } from '../../telemetry/log.ts';

/** One life of a service: what it keeps its records in, for as long as it lives. */
export interface Life {
  readonly backend: Backend;
  /** Ends it as pulling the plug does: from this moment on nothing is written down or queued, and what was under way is delivered again. */
  die(): void;
}

/** Gives one life of the service after the other a store and a queue that outlive it, as Redis does. */
export function createLives(): { begin(log: Log): Life; kept(): Promise<Readonly<Record<'incidents' | 'runs' | 'plans', number>>> } {
  const store = new MemoryStore();
  const queue = new InlineQueue();
  return {
    async kept() {
      const [incidents, runs, plans] = await Promise.all([store.incidents.count(ALL), store.runs.count(ALL), store.plans.count(ALL)]);
      return { incidents, runs, plans };
    },
    begin(log) {
      let alive = true;
      let worker: TaskWorker | undefined;
      const isAlive = () => alive;
      return {
        backend: {
          store: mortal(store, isAlive),
          queue: mortal(queue, isAlive),
          work({ perform }) {
            const onError = ({ code, message }: CodedError) => alive && log.warn('store or queue reports', { code, because: message });
            worker = queue.work({ perform, onError });
            return worker;
          },
          check: async () => ({ status: 'well', says: 'Everything is kept in memory.' }),
          close: async () => undefined,
        },
        die() {
          alive = false;
          void worker?.close(0);
        },
      };
    },
  };
}

/** Something whose methods refuse once the process that calls them is dead; so do those of what it has and gives out. */
function mortal<T extends object>(given: T, isAlive: () => boolean): T {
  return new Proxy(given, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value === 'object' && value !== null) return mortal(value, isAlive);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]) => {
        if (!isAlive()) return refusal();
        const answer: unknown = Reflect.apply(value, target, args);
        return typeof answer === 'object' && answer !== null && !(answer instanceof Promise) ? mortal(answer, isAlive) : answer;
      };
    },
  });
}

/** Who does not wait for an answer is not told either. */
function refusal(): Promise<never> {
  const refused = Promise.reject(new CodedError('store/unavailable', 'This process is dead.', { retryable: true }));
  refused.catch(() => undefined);
  return refused;
}
