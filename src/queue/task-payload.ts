import { z } from 'zod';
import { TASK_VERSION, TASK_VERSIONS, type Task } from './task-queue.ts';

const Delay = z.int().nonnegative();
/** The version that says what a task means; see writtenTask. */
const version = z.int().positive();

const TaskPayload = z.discriminatedUnion('kind', [
  z.object({ version, kind: z.literal('begin'), cluster: z.string(), requestId: z.string() }),
  z.object({
    version,
    kind: z.literal('step'),
    cluster: z.string(),
    runId: z.string(),
    stepId: z.string(),
    attempt: z.int().positive(),
    delayMs: Delay,
  }),
  z.object({
    version,
    kind: z.literal('scan'),
    cluster: z.string(),
    id: z.string(),
    namespace: z.string().exactOptional(),
    only: z.array(z.string()).exactOptional(),
  }),
  z.object({ version, kind: z.literal('alert'), cluster: z.string(), deliveryId: z.string() }),
  z.object({ version, kind: z.literal('keep'), cluster: z.string(), correctionId: z.string() }),
  z.object({ version, kind: z.literal('plan'), cluster: z.string(), planId: z.string() }),
  z.object({ version, kind: z.enum(['apply', 'look']), cluster: z.string(), planId: z.string(), delayMs: Delay }),
  z.object({ version, kind: z.literal('choices'), cluster: z.string(), id: z.string(), choice: z.unknown() }),
  z.object({
    version,
    kind: z.literal('order'),
    cluster: z.string(),
    orderId: z.string(),
    order: z.object({ content: z.unknown(), signature: z.string() }),
  }),
  z.object({ version, kind: z.literal('speak'), channel: z.string(), delayMs: Delay }),
  z.object({ version, kind: z.literal('probe'), runId: z.string(), delayMs: Delay }),
  z.object({ version, kind: z.literal('judge'), runId: z.string(), planId: z.string(), delayMs: Delay }),
  z.object({ version, kind: z.literal('ask'), deliveryId: z.string(), delayMs: Delay }),
  z.object({ version, kind: z.literal('notice'), requestId: z.string(), delayMs: Delay }),
]);

/** A task as it comes out of Redis: one that can be done, one for a newer program, or none at all. */
export type ReadTask =
  | { readonly status: 'readable'; readonly task: Task }
  | { readonly status: 'newer' }
  | { readonly status: 'malformed'; readonly because: string };

/** Reads what was queued. Never throws. */
export function readTask(data: unknown): ReadTask {
  if (isNewer(data)) return { status: 'newer' };
  const parsed = TaskPayload.safeParse(data);
  if (parsed.success) {
    const { version: _, ...task } = parsed.data;
    return { status: 'readable', task };
  }
  const [issue] = parsed.error.issues;
  return { status: 'malformed', because: `${issue?.path.join('.') || 'the whole'}: ${issue?.message}` };
}

function isNewer(data: unknown): boolean {
  const known = typeof data === 'object' && data !== null && 'version' in data ? data.version : undefined;
  return typeof known === 'number' && known > TASK_VERSION;
}

/** What is queued of a task. */
export function writtenTask(task: Task): Task & { readonly version: number } {
  return { ...task, version: TASK_VERSIONS[task.kind] };
}
