import type { Decision } from './decision.ts';
import { isInAny, type Members, personKey } from './person.ts';
import { type Proposal, rolesOf } from './plan.ts';
import type { ApprovalPolicy, Rule } from './policy.ts';

/** Everything that a decision is judged by. Digest and end are those of the proposal. */
export interface Standard {
  readonly proposal: Proposal;
  readonly digest: string;
  readonly policy: ApprovalPolicy;
  readonly rule: Rule;
  /** Whom the chat knew when the plan was proposed, and whom it knows now. */
  readonly members: { readonly proposed: Members; readonly now: Members };
  readonly now: Date;
}

/** When a proposal can no longer be approved, ms since 1970. */
export function endOf({ plan }: Proposal, rule: Rule): number {
  return Date.parse(plan.proposedAt) + rule.expiresAfter;
}

/** How somebody asked for a plan, as the end of a sentence about them. */
export const ROLE_WORDS = { proposed: 'proposed the plan', started: 'started the run', chose: 'chose a parameter of the plan' } as const;

/** Why an approval of a plan that has not ended does not count, as the end of a sentence about the person; undefined where nothing about it alone speaks against it. */
export function objectionTo(decision: Decision, standard: Standard): string | undefined {
  const { proposal, policy, rule, members, now } = standard;
  const { organisation, user } = decision.by;
  const at = Date.parse(decision.at);
  if (decision.planDigest !== standard.digest) return 'decided about another plan';
  if (organisation !== policy.organisation) return 'is of another organisation';
  if (!decision.full || !members.now.full.includes(user)) return 'is a guest, deactivated or unknown in the organisation';
  if (at < Date.parse(proposal.plan.proposedAt)) return 'decided before the plan was proposed';
  if (at > now.getTime()) return 'decided at a time that has not come';
  const unlisted = whyUnlisted(decision, standard);
  if (unlisted !== undefined) return unlisted;
  const [role] = rolesOf(proposal.plan, decision.by);
  if (role !== undefined && !rule.requesterMay) return ROLE_WORDS[role];
  if (rule.reason === 'required' && decision.reason === undefined) return 'gave no reason, which the rule asks for';
  if (rule.clusterUser === 'required' && decision.clusterUser === undefined)
    return 'is known as no user of the cluster, which the rule asks for';
  return undefined;
}

/** A member of a group counts only if they were in the same one when the plan was proposed, when they decided, and are in it now. */
function whyUnlisted(decision: Decision, { rule, members }: Standard): string | undefined {
  const { user } = decision.by;
  const { users, groups } = rule.approvers;
  if (users.includes(user)) return undefined;
  const when = (among: readonly string[], at: Members) => among.filter((group) => isInAny(at, [group], user));
  const proposed = when(groups, members.proposed);
  const decided = groups.filter((group) => decision.groups.includes(group));
  const current = when(groups, members.now);
  if (proposed.some((group) => decided.includes(group) && current.includes(group))) return undefined;
  if (proposed.length + decided.length + current.length === 0) return 'is not among the approvers of the rule';
  if (proposed.length === 0) return 'joined the group of approvers after the plan was proposed';
  if (decided.length === 0) return 'was not in the group of approvers when deciding';
  return 'has left the group of approvers';
}

/**
 * Whether a denial counts. Less is asked of it than of an approval, since it can only stop something: the person was an approver when deciding,
 * or asked for the plan and takes it back.
 */
export function isDenial(decision: Decision, { proposal, digest, policy, rule }: Omit<Standard, 'members' | 'now'>): boolean {
  const { by } = decision;
  if (decision.kind !== 'deny' || decision.planDigest !== digest || by.organisation !== policy.organisation || !decision.full) return false;
  return (
    rule.approvers.users.includes(by.user) ||
    rule.approvers.groups.some((group) => decision.groups.includes(group)) ||
    proposal.plan.requesters.some(({ person }) => personKey(person) === personKey(by))
  );
}
