import { z } from 'zod';
import type { Decision } from './decision.ts';
import { Grant } from './grant.ts';
import { type Proposal, Time } from './plan.ts';
import { PlanId } from './plan-id.ts';
import { SealedShape } from './sealed.ts';
import type { Question, Status } from './status.ts';
import type { Wish } from './wish.ts';

const Says = z.string().min(1).max(2000);
const At = { at: Time, says: Says };

/** The pods that were there before the change, by their uids: what is not among them was made afterwards. */
const Before = z.array(z.string().max(128)).max(5_000);

/**
 * How far the change is. `acting` is written before the API server is asked, so that whoever goes on after a crash looks first. `refused`: nothing
 * was done. `unknown`: nobody knows, and nothing more is done.
 */
const Execution = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('acting'), at: Time, before: Before }),
  z.strictObject({ status: z.literal('refused'), ...At }),
  z.strictObject({ status: z.literal('unknown'), ...At }),
  z.strictObject({ status: z.literal('applied'), ...At, before: Before }),
]);
export type Execution = Readonly<z.infer<typeof Execution>>;

/** What was seen of the effect, so far. */
const Effect = z.strictObject({
  status: z.enum(['watching', 'worked', 'failed']),
  at: Time,
  /** Pods that the change is for, and those of them that have their images. */
  pods: z.int().nonnegative(),
  pulled: z.int().nonnegative(),
  says: z.string().max(2000),
});
export type Effect = Readonly<z.infer<typeof Effect>>;

/** How a plan ended that was never carried out. */
const Closed = z.strictObject({ as: z.enum(['refused', 'denied', 'expired', 'voided']), ...At });
export type Closed = Readonly<z.infer<typeof Closed>>;

/** A plan as a store keeps it: what was signed, and how far it is. Who may approve it, and whether they have, is computed. */
export const PlanRecordSchema = z.strictObject({
  id: PlanId,
  /** Grows with every stored change. */
  revision: z.int().nonnegative(),
  cluster: z.string(),
  incidentId: z.string(),
  runId: z.string(),
  createdAt: Time,
  wish: SealedShape,
  /** Absent until the executor has made it. */
  proposal: SealedShape.exactOptional(),
  decisions: z.array(SealedShape).max(200),
  /** The newest leave to act. */
  grant: Grant.exactOptional(),
  /** True once those were reminded who are to be at half time. */
  reminded: z.boolean(),
  closed: Closed.exactOptional(),
  execution: Execution.exactOptional(),
  effect: Effect.exactOptional(),
  /** What a node's task found, for the run to be judged anew. */
  found: z.strictObject({ node: z.string().min(1).max(253), findings: z.array(z.unknown()).max(100) }).exactOptional(),
  /** What a listing of images found. */
  listing: SealedShape.exactOptional(),
});
export type PlanRecord = Readonly<z.infer<typeof PlanRecordSchema>>;

/** True while something may still come of a plan. */
export function isOpen({ closed, execution, effect }: Pick<PlanRecord, 'closed' | 'execution' | 'effect'>): boolean {
  if (closed !== undefined) return false;
  if (execution === undefined || execution.status === 'acting') return true;
  return execution.status === 'applied' && (effect === undefined || effect.status === 'watching');
}

/** What the work on a plan is about, by the names that the log has for it. */
export function subjectOfPlan({ id: plan, runId: run, incidentId: incident }: Pick<PlanRecord, 'id' | 'runId' | 'incidentId'>) {
  return { plan, run, incident };
}

/** Where a plan stands, from what is signed of it. What nobody signed counts for nothing. */
export type Standing =
  | { readonly phase: 'unsigned' }
  /** The executor has not made it yet. */
  | { readonly phase: 'making'; readonly wish: Wish }
  | (KnownPlan & { readonly phase: 'deciding'; readonly status: Status; readonly question: Question })
  /** It is carried out, or has ended. */
  | (KnownPlan & { readonly phase: 'past' })
  /** It ended before there was a plan. */
  | { readonly phase: 'refused'; readonly wish: Wish; readonly says: string };

/** What is signed of a plan. */
export interface KnownPlan {
  readonly wish: Wish;
  readonly proposal: Proposal;
  readonly digest: string;
  readonly decisions: readonly Decision[];
}
