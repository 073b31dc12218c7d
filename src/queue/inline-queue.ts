import type { CodedError } from '../errors.ts';
import { endsWithin } from '../timing/deadline.ts';
import { type Backlog, type Measured, type Question, type Task, type TaskQueue, taskId } from './task-queue.ts';
import { ATTEMPTS, BACKOFF_MS, CLOSE_LIMIT_MS, isQuestion, noAnswer, type Perform, type TaskWorker, taskFailed } from './task-worker.ts';

/** A task that has not begun. */
interface Waiting {
  readonly task: Task;
  readonly failures: number;
  /** In ms of performance.now(). */
  readonly dueAt: number;
}

/** Somebody who asked. */
interface Asker {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** What a thrown error leads to: another attempt, or the end of it all. */
type OnThrown = (error: unknown, waiting: Waiting) => { readonly again: Waiting } | { readonly tellAskers: unknown };

/** Performs tasks in the calling process, all that are due at the same time: the command line's queue, and the service's without Redis. */
export class InlineQueue implements TaskQueue, Measured {
  readonly #waiting = new Map<string, Waiting>();
  readonly #running = new Map<string, Promise<void>>();
  /** Tasks added while one with their id ran. */
  readonly #afterwards = new Map<string, Task>();
  readonly #askers = new Map<string, Set<Asker>>();
  /** Ends the pause until the next task is due. */
  #wake: () => void = () => undefined;

  async add(task: Task): Promise<void> {
    const id = taskId(task);
    if (this.#running.has(id)) {
      // The answer to a question that is being found out serves whoever asks meanwhile.
      if (!isQuestion(task)) this.#afterwards.set(id, task);
    } else if (!this.#waiting.has(id)) {
      const delayMs = 'delayMs' in task ? task.delayMs : 0;
      this.#waiting.set(id, { task, failures: 0, dueAt: performance.now() + delayMs });
      this.#wake();
    }
  }

  async backlog(): Promise<readonly Backlog[]> {
    const now = performance.now();
    return (['work', 'outbox'] as const).map((queue) => {
      const isHere = (task: Task) => 'cluster' in task === (queue === 'work');
      const waiting = [...this.#waiting.values()].filter(({ task }) => isHere(task));
      const due = waiting.map(({ dueAt }) => dueAt).filter((dueAt) => dueAt <= now);
      return {
        queue,
        tasks: waiting.length + (queue === 'work' ? this.#running.size : 0),
        oldestSeconds: due.length === 0 ? 0 : (now - Math.min(...due)) / 1_000,
      };
    });
  }

  async ask(question: Question, waitMs: number, onAdded?: () => void): Promise<unknown> {
    const id = taskId(question);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const asker = { resolve, reject };
    const askers = this.#askers.get(id) ?? new Set();
    this.#askers.set(id, askers.add(asker));
    const timer = setTimeout(() => reject(noAnswer(question, waitMs)), waitMs);
    try {
      await this.add(question);
      onAdded?.();
      return await promise;
    } finally {
      clearTimeout(timer);
      askers.delete(asker);
      if (askers.size === 0 && this.#askers.get(id) === askers) this.#askers.delete(id);
    }
  }

  /** Performs until nothing waits or runs. The first error stops it once the tasks already started have ended. */
  async drain(perform: Perform): Promise<void> {
    const errors: unknown[] = [];
    const onThrown: OnThrown = (error) => {
      errors.push(error);
      return { tellAskers: error };
    };
    while (errors.length === 0 && (this.#waiting.size > 0 || this.#running.size > 0)) {
      this.#startDue(perform, onThrown);
      await this.#change();
    }
    await Promise.all(this.#running.values());
    if (errors.length > 0) throw errors[0];
  }

  /** Performs tasks as they come, until it is closed. A task that throws is tried again, and told each time. */
  work(options: {
    readonly perform: Perform;
    readonly onError: (error: CodedError, task: Task) => void;
    readonly backoffMs?: number;
  }): TaskWorker {
    const { perform, onError, backoffMs = BACKOFF_MS } = options;
    let open = true;
    const onThrown: OnThrown = (error, { task, failures }) => {
      const last = failures + 1 >= ATTEMPTS;
      const told = taskFailed({ task, attempt: failures + 1, last, cause: error });
      onError(told, task);
      if (last) return { tellAskers: told };
      return { again: { task, failures: failures + 1, dueAt: performance.now() + backoffMs * 2 ** failures } };
    };
    const loop = async (): Promise<void> => {
      while (open) {
        this.#startDue(perform, onThrown);
        await this.#change();
      }
    };
    const looping = loop();
    return {
      close: async (limitMs = CLOSE_LIMIT_MS) => {
        open = false;
        this.#wake();
        await looping;
        await endsWithin(limitMs, Promise.all(this.#running.values()));
        return { unfinished: this.#running.size + this.#waiting.size };
      },
    };
  }

  #startDue(perform: Perform, onThrown: OnThrown): void {
    const now = performance.now();
    for (const [id, waiting] of this.#waiting) {
      if (waiting.dueAt > now) continue;
      this.#waiting.delete(id);
      this.#running.set(id, this.#run(id, waiting, perform, onThrown));
    }
  }

  async #run(id: string, waiting: Waiting, perform: Perform, onThrown: OnThrown): Promise<void> {
    try {
      const answer = await perform(waiting.task);
      this.#tell(id, (asker) => asker.resolve(asJson(answer)));
    } catch (error) {
      const next = onThrown(error, waiting);
      if ('again' in next) this.#waiting.set(id, next.again);
      else this.#tell(id, (asker) => asker.reject(next.tellAskers));
    }
    this.#running.delete(id);
    const afterwards = this.#afterwards.get(id);
    this.#afterwards.delete(id);
    if (afterwards) await this.add(afterwards);
    this.#wake();
  }

  #tell(id: string, say: (asker: Asker) => void): void {
    for (const asker of this.#askers.get(id) ?? []) say(asker);
  }

  /** Ends when a task was added or has ended, or when the next one is due. */
  async #change(): Promise<void> {
    const dueAt = Math.min(...[...this.#waiting.values()].map((waiting) => waiting.dueAt));
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = Number.isFinite(dueAt) ? setTimeout(resolve, Math.max(0, dueAt - performance.now())) : undefined;
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }
}

/** As it would arrive from another process. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
