import type { Hash } from '../../signing/signing.ts';
import { count, duration } from '../../text/wording.ts';
import { objectionTo, ROLE_WORDS } from '../eligibility.ts';
import { personKey } from '../person.ts';
import { type Plan, type Proposal, planDigest } from '../plan.ts';
import { type ApprovalPolicy, approvalsNeeded, policyDigest, type Rule, ruleFor } from '../policy.ts';

/** One person, or one group, and whether they may approve. */
export interface Line {
  /** The id of a user or of a group. */
  readonly who: string;
  readonly may: boolean;
  readonly because: string;
}

/** Who may approve a plan. Without a rule nobody may, and `because` says which setting would let somebody. */
export type Explanation =
  | { readonly rule: undefined; readonly because: string }
  | { readonly rule: string; readonly conditions: readonly string[]; readonly lines: readonly Line[] };

/** Why who may approve a plan, by the policy alone: who is in a group, a guest or deactivated is asked of the chat when somebody decides. */
export function explainPolicy(plan: Plan, policy: ApprovalPolicy, hash: Hash): Explanation {
  const found = ruleFor(policy, plan);
  if ('because' in found) return { rule: undefined, because: found.because };
  const { rule } = found;
  const proposal = { plan, policyDigest: policyDigest(policy, hash), findingsDigest: hash('') };
  const users = [...new Set(rule.approvers.users)].map((user) => lineOf(user, { proposal, policy, rule, hash }));
  const groups = rule.approvers.groups.map((who) => ({
    who,
    may: true,
    because: 'its members, if they were in it when the plan was proposed and when they decide, and still are when it runs',
  }));
  const able = users.filter(({ may }) => may).length;
  const hopeless = groups.length === 0 && able < approvalsNeeded(rule, plan);
  const warning = `it can never be approved: ${count(able, 'person', 'people')} named by the rule may approve it`;
  return {
    rule: rule.name,
    conditions: [...conditionsOf(rule, plan), ...(hopeless ? [warning] : [])],
    lines: [...users, ...groups, ...requesterLines(plan, rule)],
  };
}

interface Given {
  readonly proposal: Proposal;
  readonly policy: ApprovalPolicy;
  readonly rule: Rule;
  readonly hash: Hash;
}

/** What an approval of this person would be answered, everything else being in order. */
function lineOf(user: string, { proposal, policy, rule, hash }: Given): Line {
  const digest = planDigest(proposal, hash);
  const now = new Date(proposal.plan.proposedAt);
  const members = { full: [user], groups: {} };
  const because = objectionTo(
    {
      kind: 'approve',
      id: 'supposed',
      planDigest: digest,
      by: { organisation: policy.organisation ?? '', user },
      at: now.toISOString(),
      full: true,
      groups: [],
      reason: 'supposed',
      clusterUser: 'supposed',
    },
    { proposal, digest, policy, rule, now, members: { proposed: members, now: members } },
  );
  return { who: user, may: because === undefined, because: because ?? `is named in rule "${rule.name}"` };
}

/** Those who asked and are not named themselves: they may be members of a group. */
function requesterLines({ requesters }: Plan, rule: Rule): readonly Line[] {
  if (rule.requesterMay) return [];
  const others = requesters.filter(({ person }) => !rule.approvers.users.includes(person.user));
  return [...Map.groupBy(others, ({ person }) => personKey(person)).values()].flatMap((roles) => {
    const [first] = roles;
    return first === undefined ? [] : [{ who: first.person.user, may: false, because: roles.map(({ as }) => ROLE_WORDS[as]).join(', ') }];
  });
}

function conditionsOf(rule: Rule, plan: Plan): readonly string[] {
  const needed = approvalsNeeded(rule, plan);
  const why = rule.approvals !== undefined ? 'as the rule says' : `the default for ${plan.remedy.id} at ${plan.risk} risk`;
  return [
    `needs ${count(needed, 'approval')} of different people (${why})`,
    `expires ${duration(rule.expiresAfter)} after it was proposed; a reminder goes out after ${duration(rule.expiresAfter / 2)}`,
    ...(rule.reason === 'required' ? ['an approval needs a reason'] : []),
    ...(rule.clusterUser === 'required' ? ['an approver has to be known as a user of the cluster'] : []),
    rule.requesterMay
      ? 'whoever asked for it may approve it too'
      : 'whoever proposed it, started its run or chose a parameter may not approve it',
    'a denial ends it and needs a reason',
  ];
}
