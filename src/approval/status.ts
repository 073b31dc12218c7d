import type { Hash } from '../signing/signing.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Decision } from './decision.ts';
import { endOf, isDenial, objectionTo, type Standard } from './eligibility.ts';
import { peopleBehind } from './people-behind.ts';
import { personKey } from './person.ts';
import { type Proposal, planDigest } from './plan.ts';
import { type ApprovalPolicy, approvalsNeeded, type People, policyDigest, type Rule, ruleFor } from './policy.ts';

/** Everything that the status of a plan depends on. */
export interface Question extends Pick<Standard, 'members' | 'now'> {
  readonly proposal: Proposal;
  /** The policy in force now. */
  readonly policy: ApprovalPolicy;
  readonly decisions: readonly Decision[];
  /** Why the plan holds no longer, where something has taken its place or a freeze came between. */
  readonly voided?: string | undefined;
  /** True where the channel of its card is shared with another organisation now. */
  readonly shared: boolean;
}

/** An approval that does not count, and why, as the end of a sentence about the person. */
export interface Discounted {
  readonly decision: Decision;
  readonly because: string;
}

/** What the decisions about a plan come to. Times are ms since 1970. */
export type Status =
  | (Progress & { readonly status: 'waiting'; readonly missing: number; readonly mayApprove: People })
  | (Progress & { readonly status: 'approved' })
  | { readonly status: 'denied'; readonly decision: Decision }
  | { readonly status: 'expired'; readonly expiredAt: number }
  | { readonly status: 'voided'; readonly because: string };

interface Progress {
  readonly needed: number;
  /** The first approval of each Slack identity that counts; several may be one person to the cluster. */
  readonly approvals: readonly Decision[];
  readonly discounted: readonly Discounted[];
  readonly expiresAt: number;
  /** When who is reminded. */
  readonly remindAt: number;
  readonly escalation: People;
}

/**
 * The status of a plan, computed from all decisions each time and never stored. Neither the order of decisions nor their repetition
 * matters; a denial wins over any number of approvals, and after its end a plan is expired though it had been approved.
 */
export function statusOf(question: Question, hash: Hash): Status {
  const { proposal, policy, decisions, members, now, voided, shared } = question;
  if (voided !== undefined) return { status: 'voided', because: voided };
  if (policyDigest(policy, hash) !== proposal.policyDigest)
    return { status: 'voided', because: 'The approval policy has changed since the plan was proposed.' };
  const found = ruleFor(policy, shared ? { ...proposal.plan, place: { ...proposal.plan.place, shared } } : proposal.plan);
  if ('because' in found) return { status: 'voided', because: found.because };
  const standard: Standard = { proposal, digest: planDigest(proposal, hash), policy, rule: found.rule, members, now };
  const ordered = inOrder(decisions);
  const denial = ordered.find((decision) => isDenial(decision, standard));
  if (denial) return { status: 'denied', decision: denial };
  const expiresAt = endOf(proposal, found.rule);
  if (now.getTime() >= expiresAt) return { status: 'expired', expiredAt: expiresAt };
  const { humans, approvals, discounted } = count(ordered, standard);
  const needed = approvalsNeeded(found.rule, proposal.plan);
  const progress = {
    needed,
    approvals,
    discounted,
    expiresAt,
    remindAt: expiresAt - found.rule.expiresAfter / 2,
    escalation: found.rule.escalation,
  };
  if (humans >= needed) return { status: 'approved', ...progress };
  return { status: 'waiting', missing: needed - humans, mayApprove: whoMay(found.rule, proposal), ...progress };
}

/** The approvers of a rule without those who asked, as far as they are named. */
function whoMay({ approvers, requesterMay }: Rule, { plan }: Proposal): People {
  if (requesterMay) return approvers;
  const asked = new Set(plan.requesters.map(({ person }) => person.user));
  return { ...approvers, users: approvers.users.filter((user) => !asked.has(user)) };
}

/** Counts people, not identities: two Slack ids of one cluster user are one, and one of them having asked bars both. */
function count(ordered: readonly Decision[], standard: Standard) {
  const { rule, proposal } = standard;
  const judged = ordered
    .filter(({ kind }) => kind === 'approve')
    .map((decision) => ({ decision, because: objectionTo(decision, standard) }));
  const sound = judged.filter(({ because }) => because === undefined).map(({ decision }) => decision);
  const { requesters } = proposal.plan;
  const human = peopleBehind([...requesters, ...sound.map(({ by, clusterUser }) => ({ person: by, clusterUser }))]);
  const asked = new Set(rule.requesterMay ? [] : requesters.map(({ person }) => human(person)));
  const barred = sound.filter(({ by }) => asked.has(human(by)));
  const approvals = firstOfEach(sound.filter(({ by }) => !asked.has(human(by))));
  return {
    humans: new Set(approvals.map(({ by }) => human(by))).size,
    approvals,
    discounted: [
      ...judged.flatMap(({ decision, because }) => (because === undefined ? [] : [{ decision, because }])),
      ...barred.map((decision) => ({ decision, because: 'is the same user of the cluster as somebody who asked for the plan' })),
    ],
  };
}

function firstOfEach(decisions: readonly Decision[]): readonly Decision[] {
  const first = new Map<string, Decision>();
  for (const decision of decisions) if (!first.has(personKey(decision.by))) first.set(personKey(decision.by), decision);
  return [...first.values()];
}

/** Each decision once, by time and then by all that it says, so that no order in which they come makes a difference. */
function inOrder(decisions: readonly Decision[]): readonly Decision[] {
  const once = new Map(decisions.map((decision) => [canonicalJson(decision), decision]));
  return [...once]
    .sort(([a, { at }], [b, { at: other }]) => Date.parse(at) - Date.parse(other) || (a < b ? -1 : 1))
    .map(([, decision]) => decision);
}
