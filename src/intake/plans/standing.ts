import type { Members } from '../../approval/person.ts';
import { findingsDigest, type Proposal, planDigest } from '../../approval/plan.ts';
import type { PlanRecord, Standing } from '../../approval/plan-record.ts';
import type { ApprovalPolicy } from '../../approval/policy.ts';
import { unseal } from '../../approval/sealed.ts';
import { type Question, statusOf } from '../../approval/status.ts';
import type { Wish } from '../../approval/wish.ts';
import { isOpen } from '../../incident/incident.ts';
import { unlessGone } from '../../store/collection.ts';
import { runsOf } from '../../store/kinds.ts';
import type { PlanParts } from './plan-parts.ts';

type StandingParts = Pick<PlanParts, 'store' | 'people' | 'policy' | 'verify' | 'hash' | 'now'>;

/** Computes where a plan stands now, with who is in which group now. Throws what the chat throws where it does not tell. */
export async function standingOf(record: PlanRecord, parts: StandingParts): Promise<Standing> {
  const { verify, hash, policy, now, people } = parts;
  const wish = unseal('wish', record.wish, verify.gateway);
  if (wish === undefined || wish.id !== record.id) return { phase: 'unsigned' };
  if (record.proposal === undefined)
    return record.closed === undefined ? { phase: 'making', wish } : { phase: 'refused', wish, says: record.closed.says };
  const proposal = unseal('proposal', record.proposal, verify.executor);
  if (proposal === undefined || !isOf(proposal, wish)) return { phase: 'unsigned' };
  const digest = planDigest(proposal, hash);
  const decisions = record.decisions.flatMap((sealed) => unseal('decision', sealed, verify.gateway) ?? []);
  const known = { wish, proposal, digest, decisions };
  if (record.execution !== undefined || record.closed !== undefined) return { phase: 'past', ...known };
  const [membersNow, channel, voided] = await Promise.all([
    membersOf(
      decisions.map(({ by }) => by.user),
      policy,
      people,
    ),
    people.channel(wish.place.channel),
    whyVoid(wish, parts),
  ]);
  const question: Question = {
    proposal,
    policy,
    decisions,
    members: { proposed: { full: [], groups: wish.members }, now: membersNow },
    now: now(),
    voided,
    shared: channel.shared,
  };
  return { phase: 'deciding', ...known, status: statusOf(question, hash), question };
}

/** A plan is of the wish beside it: an executor's plan of one wish is none of another. */
function isOf({ plan }: Proposal, wish: Wish): boolean {
  return plan.id === wish.id && plan.cluster === wish.cluster && plan.place.channel === wish.place.channel;
}

/** Who of some people are full members now, and who is in the groups that the policy names. */
async function membersOf(users: readonly string[], policy: ApprovalPolicy, people: PlanParts['people']): Promise<Members> {
  const [full, groups] = await Promise.all([
    Promise.all([...new Set(users)].map(async (user) => ((await people.person(user)).member ? [user] : []))),
    groupMembers(policy, people),
  ]);
  return { full: full.flat(), groups };
}

/** The members of all groups that a policy names. */
export async function groupMembers(policy: ApprovalPolicy, people: PlanParts['people']): Promise<Members['groups']> {
  const groups = [
    ...new Set([
      ...policy.admins.groups,
      ...policy.rules.flatMap(({ approvers, escalation }) => [...approvers.groups, ...escalation.groups]),
    ]),
  ];
  return Object.fromEntries(await Promise.all(groups.map(async (group) => [group, [...(await people.membersOf(group))]] as const)));
}

/** A newer diagnosis or a newer plan takes a plan's place, and what is over needs none, but for one that takes an earlier one back. */
async function whyVoid(wish: Wish, { store, hash }: Pick<StandingParts, 'store' | 'hash'>): Promise<string | undefined> {
  const [{ records }, incident] = await Promise.all([
    store.runs.list({ index: runsOf(wish.incidentId), limit: 1 }),
    unlessGone(store.incidents.read(wish.incidentId)),
  ]);
  const [newest] = records;
  if (newest === undefined || newest.id !== wish.runId) return 'A newer diagnosis has taken its place.';
  if (newest.plan?.planId !== wish.id) return 'A newer plan has taken its place.';
  if (findingsDigest(newest.findings, hash) !== wish.findingsDigest) return 'More was found since, so the diagnosis is another one.';
  const mayFollow = wish.remedy.id === 'uncordon-node';
  return incident === undefined || !(isOpen(incident) || mayFollow) ? 'The incident is over.' : undefined;
}
