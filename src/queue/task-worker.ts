import { CodedError } from '../errors.ts';
import { QUESTIONS, type Question, type Task, taskId } from './task-queue.ts';

/** What does a task; its answer is for those who ask. It throws only what another delivery may mend. */
export type Perform = (task: Task) => Promise<unknown>;

/** What performs tasks as they come. */
export interface TaskWorker {
  /**
   * Starts nothing any more and lets running tasks end, at most so long (25 s unless told); tells how many did not. From
   * Redis they go to another worker at once, and inline they are lost with the process, as are those that wait.
   */
  close(limitMs?: number): Promise<{ readonly unfinished: number }>;
}

/** How often a task is tried whose performing throws; a step's own failure throws nothing. */
export const ATTEMPTS = 8;
/** Before the second attempt; it doubles with each, so that a task is given up after about a minute. */
export const BACKOFF_MS = 500;
/** How long a queue that closes lets running tasks end. */
export const CLOSE_LIMIT_MS = 25_000;

/** What people who wait are told when the answer did not come in time. */
export function noAnswer(task: Task, waitMs: number): CodedError {
  const where = 'cluster' in task ? ` of cluster "${task.cluster}"` : '';
  return new CodedError(
    'queue/no-answer',
    `No worker${where} answered within ${waitMs / 1_000} s. The question stays queued; check that a worker for this cluster runs.`,
    { retryable: true },
  );
}

/** What is told to whoever asked a question that is neither queued nor answered any more. */
export function lostQuestion(): CodedError {
  return new CodedError(
    'queue/no-answer',
    'The question was lost before it was answered, as happens when Redis restarts without its data. Ask again.',
    {
      retryable: true,
    },
  );
}

/** What is told about a task whose performing threw; `last` when it is not tried again. */
export function taskFailed(about: {
  readonly task: Task;
  readonly attempt: number;
  readonly last: boolean;
  readonly cause: unknown;
}): CodedError {
  const { task, attempt, last, cause } = about;
  const message = cause instanceof Error ? cause.message : String(cause);
  const next = last ? 'it is given up' : 'it is tried again';
  return new CodedError('queue/task-failed', `Task ${taskId(task)} failed at attempt ${attempt} of ${ATTEMPTS}, ${next}: ${message}`, {
    cause,
  });
}

/** Whether somebody may wait for what performing a task returns. */
export function isQuestion(task: Task): task is Question {
  return QUESTIONS.some((kind) => kind === task.kind);
}
