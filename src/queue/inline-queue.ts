import { setTimeout as sleep } from 'node:timers/promises';
import { type Task, type TaskQueue, taskId } from './task-queue.ts';

/** Performs tasks in the calling process, those that wait at the same time together: the command line's queue. */
export class InlineQueue implements TaskQueue {
  readonly #waiting = new Map<string, Task>();

  async add(task: Task): Promise<void> {
    this.#waiting.set(taskId(task), task);
  }

  /** Performs until nothing waits or runs. The first error stops it once the tasks already started have ended. */
  async drain(perform: (task: Task) => Promise<void>): Promise<void> {
    const running = new Set<Promise<void>>();
    const errors: unknown[] = [];
    while (errors.length === 0 && (this.#waiting.size > 0 || running.size > 0)) {
      for (const [id, task] of this.#waiting) {
        this.#waiting.delete(id);
        const work = start(task, perform)
          .catch((error: unknown) => {
            errors.push(error);
          })
          .finally(() => running.delete(work));
        running.add(work);
      }
      await Promise.race(running);
    }
    await Promise.all(running);
    if (errors.length > 0) throw errors[0];
  }
}

async function start(task: Task, perform: (task: Task) => Promise<void>): Promise<void> {
  if (task.kind === 'step' && task.delayMs > 0) await sleep(task.delayMs);
  await perform(task);
}
