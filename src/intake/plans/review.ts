import { z } from 'zod';
import { labelled } from '../../approval/canonical-json.ts';
import { Sha256 } from '../../approval/plan.ts';
import { PlanId } from '../../approval/plan-id.ts';
import type { PlanRecord, Standing } from '../../approval/plan-record.ts';
import { ruleFor } from '../../approval/policy.ts';
import type { Refusal } from '../intake.ts';
import type { Person as Asker } from '../people.ts';
import { seenIncident } from '../seen-incident.ts';
import { hasFailedTwice } from './earlier-failures.ts';
import type { PlanParts } from './plan-parts.ts';
import { refused } from './propose.ts';
import { standingOf } from './standing.ts';

/** How long a window may be open before it is sent off, ms. */
const OPEN_MS = 5 * 60_000;

const Ticket = z.strictObject({
  planId: PlanId,
  digest: Sha256,
  /** Whom the window was opened for. */
  user: z.string().max(30),
  /** The name of the window itself. */
  window: z.string().max(64),
  opens: z.enum(['approve', 'deny']),
  until: z.iso.datetime(),
});

/**
 * What a window carries about a plan: who opened it, on which digest, and until when it decides. Signed, so that no window that this program did
 * not open for that person decides anything, whoever can forge a click.
 */
export const SealedTicket = z.strictObject({ content: Ticket, signature: z.string().max(128) });
export type SealedTicket = Readonly<z.infer<typeof SealedTicket>>;

/** A plan to be looked at, with the ticket that its window carries. */
export interface Review {
  readonly status: 'open';
  readonly record: PlanRecord;
  readonly standing: Extract<Standing, { readonly phase: 'deciding' }>;
  readonly ticket: SealedTicket;
  /** True where the decision needs a reason. */
  readonly needsReason: boolean;
}

/** Opens a plan for somebody to decide about. Throws `store/not-found`, also for what somebody may not see. */
export async function openReview(
  asked: { readonly person: Asker; readonly planId: string; readonly opens: 'approve' | 'deny' },
  parts: PlanParts,
): Promise<Review | Refusal> {
  const { person, planId, opens } = asked;
  const record = await parts.store.plans.read(planId);
  const forbidden = (await parts.access.rightsOf(person)).refusal(record.cluster, undefined);
  if (forbidden) return forbidden;
  await seenIncident({ person, incidentId: record.incidentId }, parts);
  const standing = await standingOf(record, { ...parts, people: parts.remembered });
  if (standing.phase !== 'deciding')
    return refused('plan/over', 'There is nothing left to decide about this plan. Its card says how it stands.');
  const { status, digest } = standing;
  if (status.status !== 'waiting') return refused('plan/over', endWords(status.status));
  const content = {
    planId,
    digest,
    user: person.user,
    window: parts.newNonce(),
    opens,
    until: new Date(parts.now().getTime() + OPEN_MS).toISOString(),
  };
  const signature = parts.sign(labelled('imagepull/ticket/v1', content));
  const found = ruleFor(parts.policy, standing.proposal.plan);
  const isAsked = opens === 'deny' || ('rule' in found && found.rule.reason === 'required');
  const needsReason = isAsked || (await hasFailedTwice(standing.wish, parts));
  return { status: 'open', record, standing, ticket: { content, signature }, needsReason };
}

function endWords(status: 'approved' | 'denied' | 'expired' | 'voided'): string {
  return { approved: 'It is approved already.', denied: 'It was denied.', expired: 'It has expired.', voided: 'It holds no longer.' }[
    status
  ];
}

/** The ticket of a window that was sent off, if this program opened that very window for that person and it is still in time. */
export function ticketOf(
  given: { readonly ticket: unknown; readonly window: string; readonly user: string },
  { verify, now }: Pick<PlanParts, 'verify' | 'now'>,
): SealedTicket['content'] | undefined {
  const read = SealedTicket.safeParse(given.ticket).data;
  if (read === undefined) return undefined;
  const { content, signature } = read;
  const holds =
    verify.gateway(labelled('imagepull/ticket/v1', content), signature) &&
    content.window === given.window &&
    content.user === given.user &&
    now().getTime() < Date.parse(content.until);
  return holds ? content : undefined;
}
