import type { Remedy } from '../../src/approval/remedy.ts';
import type { Executor, ExecutorTask } from '../../src/executor/executor.ts';
import type { Task } from '../../src/queue/task-queue.ts';
import { BAD } from './applications.ts';
import { CHANNEL, type Gateway, type PlanWorld, WHO } from './plan-world.ts';

/** What these tests do to an application. */
export type Doing = Extract<Remedy['id'], 'delete-pod' | 'roll-back' | 'set-image'>;

/** Has an executor perform all that waits for one. What is for others is left out. */
export async function perform(world: PlanWorld, executor: Executor = world.executor()): Promise<void> {
  for (const task of world.queue.take()) if (isForExecutor(task)) await executor.perform(task);
}

/** Whether a task is one of an executor. */
export function isForExecutor(task: Task): task is ExecutorTask {
  return ['plan', 'apply', 'look', 'order', 'choices'].includes(task.kind);
}

/** Ann asks for a remedy and an executor makes the plan of it. */
export async function proposed(
  world: PlanWorld,
  { app, remedy, gateway = world.gateway() }: { readonly app: string; readonly remedy: Doing; readonly gateway?: Gateway },
): Promise<string> {
  const incidentId = await world.application(app);
  const chosen = remedy === 'set-image' ? { tag: '3', digest: world.digestOf(BAD.replace(/2$/, '3')) } : {};
  const asked = { person: { user: WHO.ann, channel: CHANNEL }, incidentId, remedy, chosen };
  const result = await gateway.desk.propose(asked);
  if (result.status !== 'noted') throw new Error(`no plan was asked for: ${JSON.stringify(result)}`);
  await perform(world);
  return result.planId;
}

/** Opens the window of a plan for somebody, and sends it off. */
export async function decide(
  world: PlanWorld,
  given: {
    readonly planId: string;
    readonly by: string;
    readonly kind?: 'approve' | 'deny';
    readonly gateway?: Gateway;
    readonly reason?: string;
  },
) {
  const { planId, by, kind = 'approve', gateway = world.gateway() } = given;
  const opened = await open(world, { planId, by, kind, gateway });
  if (opened.status === 'refused') return opened;
  const { ticket } = opened;
  const reason = given.reason ?? (kind === 'deny' ? 'not now' : undefined);
  return gateway.desk.decide({ person: { user: by }, ticket, window: ticket.content.window, reason });
}

/** Opens the window of a plan for somebody. */
async function open(
  world: PlanWorld,
  given: { readonly planId: string; readonly by: string; readonly kind?: 'approve' | 'deny'; readonly gateway?: Gateway },
) {
  const { planId, by, kind = 'approve', gateway = world.gateway() } = given;
  return gateway.desk.review({ person: { user: by, channel: CHANNEL }, planId, digest: await digestOfPlan(world, planId), opens: kind });
}

/** The digest that a plan has now. */
async function digestOfPlan(world: PlanWorld, planId: string): Promise<string> {
  const standing = await world.standing(planId);
  if (!('digest' in standing)) throw new Error(`the plan is ${standing.phase}: ${JSON.stringify(standing)}`);
  return standing.digest;
}

/** A plan that Bob has approved, and that nobody has carried out yet. */
export async function approved(world: PlanWorld, given: { readonly app: string; readonly remedy: Doing }): Promise<string> {
  const planId = await proposed(world, given);
  const result = await decide(world, { planId, by: WHO.bob });
  if (result.status !== 'noted') throw new Error(`it was not approved: ${JSON.stringify(result)}`);
  return planId;
}
