import { type Question, type Task, type TaskQueue, taskId } from '../../src/queue/task-queue.ts';

/** A queue whose tasks wait until a test performs them; each once, however often it was added. */
export class HeldQueue implements TaskQueue {
  readonly tasks = new Map<string, Task>();
  /** Performs what somebody waits for. */
  answer: (question: Question) => Promise<unknown> = () => Promise.reject(new Error('nobody answers questions here'));

  async add(task: Task): Promise<void> {
    this.tasks.set(taskId(task), task);
  }

  async ask(question: Question): Promise<unknown> {
    return JSON.parse(JSON.stringify((await this.answer(question)) ?? null));
  }

  /** Takes what waits out of the queue. */
  take(): readonly Task[] {
    const tasks = [...this.tasks.values()];
    this.tasks.clear();
    return tasks;
  }
}
