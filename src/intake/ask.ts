import { asCodedError } from '../errors.ts';
import type { Question, TaskQueue } from '../queue/task-queue.ts';
import { Refused } from './begin.ts';
import type { Refusal } from './intake.ts';

/** How long people wait for a worker before they are told that none has answered yet, ms. */
export const ANSWER_MS = 10_000;

/** What a worker answered; undefined when none has answered yet. Throws what the queue throws otherwise. */
export async function askWorker<T>(
  queue: TaskQueue,
  question: Question,
  schema: { parse(value: unknown): T },
): Promise<T | Refusal | undefined> {
  try {
    const value = await queue.ask(question, ANSWER_MS);
    return Refused.safeParse(value).data ?? schema.parse(value);
  } catch (cause) {
    if (asCodedError(cause).code === 'queue/no-answer') return undefined;
    throw cause;
  }
}
