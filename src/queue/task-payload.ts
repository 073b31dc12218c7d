import { z } from 'zod';
import type { Task } from './task-queue.ts';

const Trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cli') }),
  z.object({ kind: z.enum(['command', 'mention', 'shortcut', 'picker', 'rerun']), user: z.string() }),
]);
const Delay = z.int().nonnegative();

/** A task as it comes out of Redis. */
export const TaskPayload: z.ZodType<Task> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('begin'),
    cluster: z.string(),
    incidentId: z.string(),
    runId: z.string(),
    place: z.object({ channel: z.string(), thread: z.string().exactOptional() }),
    namespace: z.string(),
    pod: z.string(),
    trigger: Trigger,
  }),
  z.object({
    kind: z.literal('step'),
    cluster: z.string(),
    runId: z.string(),
    stepId: z.string(),
    attempt: z.int().positive(),
    delayMs: Delay,
  }),
  z.object({ kind: z.literal('scan'), cluster: z.string(), id: z.string(), namespace: z.string().exactOptional() }),
  z.object({ kind: z.literal('say'), incidentId: z.string(), delayMs: Delay }),
]);
