/** One piece of work. `step` performs a step of a run once; `say` brings what people see up to date. */
export type Task =
  | { readonly kind: 'step'; readonly runId: string; readonly stepId: string; readonly attempt: number; readonly delayMs: number }
  | { readonly kind: 'say'; readonly runId: string };

/** Delivers every task at least once, in any order, some at the same time. Adding a task that waits already changes nothing. */
export interface TaskQueue {
  add(task: Task): Promise<void>;
}

/** The name of a task: equal for equal tasks. Dots, because BullMQ refuses colons in job ids. */
export function taskId(task: Task): string {
  return task.kind === 'step' ? `${task.runId}.step.${task.stepId}.${task.attempt}` : `${task.runId}.say`;
}
