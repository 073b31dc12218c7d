import type { Decision } from '../../approval/decision.ts';
import { isDenial, objectionTo } from '../../approval/eligibility.ts';
import type { Person } from '../../approval/person.ts';
import { type KnownPlan, type PlanRecord, type Standing, subjectOfPlan } from '../../approval/plan-record.ts';
import { ruleFor } from '../../approval/policy.ts';
import { seal } from '../../approval/sealed.ts';
import type { Refusal } from '../intake.ts';
import type { Person as Asker } from '../people.ts';
import { hasFailedTwice } from './earlier-failures.ts';
import type { PlanParts } from './plan-parts.ts';
import { personOf, refused } from './propose.ts';
import { ticketOf } from './review.ts';
import { settlePlan, tellPlan } from './settle.ts';
import { groupMembers, standingOf } from './standing.ts';

/** A window that somebody sent off. */
export interface Deciding {
  readonly person: Asker;
  /** What the window carried, and its name. */
  readonly ticket: unknown;
  readonly window: string;
  readonly reason?: string | undefined;
}

/** A window decides once; longer than it may be open, ms. */
const ONCE_MS = 15 * 60_000;
/** Of one person's refused decisions about one plan so many ms lie between two that are written down. */
const REFUSALS_APART_MS = 10 * 60_000;
/** More than these are not kept of one plan. */
const MAX_DECISIONS = 200;

/**
 * Takes a decision. It counts only if this program opened that window for that person, on the digest that the plan has now, and if nothing speaks
 * against the person. Everything is written down; who is refused is told why.
 */
export async function decide(asked: Deciding, parts: PlanParts): Promise<{ readonly status: 'noted'; readonly says: string } | Refusal> {
  const { person, window } = asked;
  const ticket = ticketOf({ ticket: asked.ticket, window, user: person.user }, parts);
  if (ticket === undefined)
    return refused('plan/stale-window', 'That window was open for too long, or is none of mine. Open it again from the card.');
  const claimed = await parts.store.claim(`window.${window}`, ONCE_MS);
  if (claimed.status === 'refused') return refused('plan/twice', 'That was taken already.');
  const record = await parts.store.plans.read(ticket.planId);
  return parts.log.about(subjectOfPlan(record), () => decideAbout(record, { ...asked, ...ticket }, parts));
}

/** What a window decides that this program opened, once. */
async function decideAbout(
  record: PlanRecord,
  asked: Omit<Deciding, 'ticket'> & { readonly opens: Decision['kind']; readonly digest: string },
  parts: PlanParts,
): Promise<{ readonly status: 'noted'; readonly says: string } | Refusal> {
  const { person, reason } = asked;
  const standing = await standingOf(record, { ...parts, people: parts.remembered });
  const who = await personOf(person.user, parts);
  if ('status' in who) return refuse(who, { record, parts });
  if (standing.phase !== 'deciding' || standing.digest !== asked.digest || standing.status.status !== 'waiting')
    return refuse(
      refused('plan/over', 'The plan is not the one that you were shown any more, or is decided. Its card says how it stands.'),
      { record, parts, who },
    );
  const decision = await decisionOf(asked, { by: who, kind: asked.opens, digest: standing.digest }, parts);
  const objection = whyNot(decision, standing, parts) ?? (await whyOnceMore(decision, standing, parts));
  if (objection !== undefined) return refuse(refused('plan/may-not', objection), { record, parts, who });
  await parts.audit.write({
    cluster: record.cluster,
    kind: 'decision',
    at: decision.at,
    digest: standing.digest,
    planId: record.id,
    what: decision.kind,
    from: `slack:${standing.wish.place.channel}`,
    who: { person: decision.by, name: (await parts.remembered.person(person.user)).name ?? '', clusterUser: decision.clusterUser },
    why: reason,
  });
  if (decision.kind === 'deny') parts.denied.set(record.id, decision);
  const sealed = seal('decision', decision, parts.sign);
  await parts.store.plans.update(record.id, (known) => ({ ...known, decisions: [...known.decisions, sealed].slice(-MAX_DECISIONS) }));
  await settlePlan(record.id, parts);
  await tellPlan(record, parts);
  return { status: 'noted', says: decision.kind === 'approve' ? 'Your approval is noted.' : 'Your denial is noted: the plan has ended.' };
}

async function decisionOf(
  { reason }: Pick<Deciding, 'reason'>,
  { by, kind, digest }: { readonly by: Person; readonly kind: Decision['kind']; readonly digest: string },
  { people, policy, identities, now, newId }: PlanParts,
): Promise<Decision> {
  const [groups, clusterUser] = await Promise.all([groupMembers(policy, people), identities.userOf(by.user, people)]);
  const shared = {
    id: newId(),
    planDigest: digest,
    by,
    at: now().toISOString(),
    // Nobody else gets here.
    full: true,
    groups: Object.entries(groups).flatMap(([group, users]) => (users.includes(by.user) ? [group] : [])),
    ...(clusterUser === undefined ? {} : { clusterUser }),
  };
  const why = reason?.trim() ?? '';
  if (kind === 'deny') return { kind, ...shared, reason: why };
  return { kind, ...shared, ...(why === '' ? {} : { reason: why }) };
}

/** Why a decision would not count, as a sentence for who made it. */
function whyNot(
  decision: Decision,
  { question, digest, decisions, proposal }: Extract<Standing, { readonly phase: 'deciding' }>,
  { policy, now }: PlanParts,
): string | undefined {
  const found = ruleFor(policy, proposal.plan);
  if ('because' in found) return found.because;
  const { rule } = found;
  const { user } = decision.by;
  if (decisions.some((other) => other.by.user === user && other.kind === decision.kind)) return 'You decided about it already.';
  if (decision.kind === 'deny') {
    if (decision.reason === '') return 'A denial needs a reason.';
    return isDenial(decision, { proposal, digest, policy, rule })
      ? undefined
      : 'Only those who may approve it, and those who asked for it, may deny it.';
  }
  const current = { full: decision.full ? [user] : [], groups: Object.fromEntries(decision.groups.map((group) => [group, [user]])) };
  const because = objectionTo(decision, {
    proposal,
    digest,
    policy,
    rule,
    members: { proposed: question.members.proposed, now: current },
    now: now(),
  });
  return because === undefined ? undefined : `An approval of somebody who ${because} does not count.`;
}

/** What did not help twice is approved a third time only with a reason. */
async function whyOnceMore(decision: Decision, { wish }: Pick<KnownPlan, 'wish'>, parts: PlanParts): Promise<string | undefined> {
  if (decision.kind === 'deny' || decision.reason !== undefined || !(await hasFailedTwice(wish, parts))) return undefined;
  return 'This was tried twice within a day and did not help. Say why it should help now, as the reason of your approval.';
}

async function refuse(
  refusal: Refusal,
  { record, parts, who }: { readonly record: PlanRecord; readonly parts: PlanParts; readonly who?: Person },
): Promise<Refusal> {
  // Entries are kept for ever, and anybody can click.
  const about = `refusal.${record.id}.${who?.user ?? ''}`;
  if ((await parts.store.claim(about, REFUSALS_APART_MS)).status === 'refused') return refusal;
  await parts.audit.write({
    cluster: record.cluster,
    kind: 'refusal',
    at: parts.now().toISOString(),
    planId: record.id,
    what: 'a decision was refused',
    from: 'slack',
    who: who && { person: who, name: '' },
    result: refusal.says,
  });
  return refusal;
}
