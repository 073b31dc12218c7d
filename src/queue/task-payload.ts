import { z } from 'zod';
import { TASK_VERSION, type Task } from './task-queue.ts';

const Delay = z.int().nonnegative();

const TaskPayload: z.ZodType<Task> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begin'), cluster: z.string(), requestId: z.string() }),
  z.object({
    kind: z.literal('step'),
    cluster: z.string(),
    runId: z.string(),
    stepId: z.string(),
    attempt: z.int().positive(),
    delayMs: Delay,
  }),
  z.object({
    kind: z.literal('scan'),
    cluster: z.string(),
    id: z.string(),
    namespace: z.string().exactOptional(),
    only: z.array(z.string()).exactOptional(),
  }),
  z.object({ kind: z.literal('speak'), channel: z.string(), delayMs: Delay }),
  z.object({ kind: z.literal('notice'), requestId: z.string(), delayMs: Delay }),
]);

/** A task with the version that says what it means. */
const Versioned = z.looseObject({ version: z.int().positive() });

/** A task as it comes out of Redis: one that can be done, one for a newer program, or none at all. */
export type ReadTask =
  | { readonly status: 'readable'; readonly task: Task }
  | { readonly status: 'newer'; readonly version: number }
  | { readonly status: 'malformed'; readonly because: string };

/** Reads what was queued. Never throws. */
export function readTask(data: unknown): ReadTask {
  const versioned = Versioned.safeParse(data);
  if (versioned.success && versioned.data.version > TASK_VERSION) return { status: 'newer', version: versioned.data.version };
  const parsed = versioned.success ? TaskPayload.safeParse(data) : versioned;
  if (parsed.success && versioned.success) return { status: 'readable', task: parsed.data as Task };
  const issue = parsed.error?.issues[0];
  return { status: 'malformed', because: `${issue?.path.join('.') || 'the whole'}: ${issue?.message}` };
}

/** What is queued of a task. */
export function writtenTask(task: Task): Task & { readonly version: number } {
  return { ...task, version: TASK_VERSION };
}
