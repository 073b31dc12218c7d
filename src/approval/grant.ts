import { z } from 'zod';
import type { Hash, Sign, Verify } from '../signing/signing.ts';
import { hasCanonicalJson, labelled } from './canonical-json.ts';
import { endOf } from './eligibility.ts';
import { peopleBehind } from './people-behind.ts';
import { ClusterUser, Person, personKey } from './person.ts';
import { type Proposal, planDigest, Sha256, Time } from './plan.ts';
import { PlanId } from './plan-id.ts';
import { type ApprovalPolicy, approvalsNeeded, policyDigest, type Rule, ruleFor } from './policy.ts';
import { type Question, statusOf } from './status.ts';

/** How long a grant may be used, at most. */
const LIFETIME_MS = 60_000;
/** How far the clocks of gateway and executor may be apart. */
const CLOCK_SKEW_MS = 5_000;

const Content = z.strictObject({
  version: z.literal(1),
  cluster: z.string().min(1).max(253).refine(hasCanonicalJson, 'holds text that is no Unicode'),
  planId: PlanId,
  planDigest: Sha256,
  policyDigest: Sha256,
  /** Whose approvals it rests on. */
  deciders: z
    .array(z.strictObject({ person: Person, clusterUser: ClusterUser.optional() }))
    .min(1)
    .max(1000),
  issuedAt: Time,
  expiresAt: Time,
  /** 128 random bits in hexadecimal; each grant is used once. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/, 'is not a nonce'),
});

/** Leave to carry out one plan on one cluster, once and soon, signed by the gateway. */
export const Grant = z.strictObject({ content: Content, signature: z.string().max(128) });
export type Grant = Readonly<z.infer<typeof Grant>>;

/** Something that was refused, and why, as a sentence. */
export interface Refused {
  readonly because: string;
}

/**
 * The gateway's side: a grant for a plan that is approved at this moment, by everything that is known now. It lives 60 s at most and
 * never longer than the plan.
 */
export function issueGrant(question: Question, by: { readonly nonce: string; readonly sign: Sign; readonly hash: Hash }): Grant | Refused {
  const status = statusOf(question, by.hash);
  if (status.status !== 'approved') return { because: `The plan is not approved: it is ${status.status}.` };
  const { proposal, now } = question;
  const content = {
    version: 1 as const,
    cluster: proposal.plan.cluster,
    planId: proposal.plan.id,
    planDigest: planDigest(proposal, by.hash),
    policyDigest: proposal.policyDigest,
    deciders: status.approvals.map(({ by: person, clusterUser }) => ({ person, ...(clusterUser === undefined ? {} : { clusterUser }) })),
    issuedAt: now.toISOString(),
    expiresAt: new Date(Math.min(now.getTime() + LIFETIME_MS, status.expiresAt)).toISOString(),
    nonce: by.nonce,
  };
  return { content, signature: by.sign(labelled('imagepull/grant/v1', content)) };
}

/** What the executor knows of its own: nothing here comes with the grant. */
export interface Executor {
  /** The cluster that it works on. */
  readonly cluster: string;
  readonly policy: ApprovalPolicy;
  readonly now: Date;
  readonly verify: Verify;
  readonly hash: Hash;
  /** Whether a grant with this nonce was used before. */
  readonly used: (nonce: string) => boolean;
}

/**
 * The executor's side: why a grant does not let it carry out a proposal, or undefined. Signature and times are checked, the digests are computed
 * anew from the proposal and from its own copy of the policy, and that policy has to find those who decided enough and none of them barred.
 * Who is in a group only the gateway knows. It reads, it does not use up: whoever acts notes the nonce first.
 */
export function whyNotGranted(grant: unknown, proposal: Proposal, executor: Executor): string | undefined {
  const read = Grant.safeParse(grant);
  if (!read.success) return 'The grant cannot be read.';
  const { content, signature } = read.data;
  if (!executor.verify(labelled('imagepull/grant/v1', content), signature)) return 'The grant is not signed by the gateway.';
  if (content.cluster !== executor.cluster || proposal.plan.cluster !== executor.cluster) return 'The grant is for another cluster.';
  const now = executor.now.getTime();
  const [issued, expires] = [Date.parse(content.issuedAt), Date.parse(content.expiresAt)];
  if (expires - issued > LIFETIME_MS) return 'The grant lives longer than a grant may.';
  if (issued > now + CLOCK_SKEW_MS) return 'The grant is of a time that has not come; the clocks differ.';
  if (now >= expires) return 'The grant has expired.';
  if (executor.used(content.nonce)) return 'The grant was used before.';
  if (content.planId !== proposal.plan.id || content.planDigest !== planDigest(proposal, executor.hash))
    return 'The grant is for another plan than the one that is stored.';
  const digest = policyDigest(executor.policy, executor.hash);
  if (content.policyDigest !== digest || proposal.policyDigest !== digest) return "The executor's own policy is another one.";
  const found = ruleFor(executor.policy, proposal.plan);
  if ('because' in found) return found.because;
  if (now >= endOf(proposal, found.rule)) return 'The plan has expired.';
  return whyTooFew(content.deciders, proposal, executor.policy, found.rule);
}

type Deciders = Grant['content']['deciders'];

function whyTooFew(deciders: Deciders, { plan }: Proposal, policy: ApprovalPolicy, rule: Rule): string | undefined {
  const human = peopleBehind([...plan.requesters, ...deciders]);
  const asked = new Set(rule.requesterMay ? [] : plan.requesters.map(({ person }) => human(person)));
  for (const { person, clusterUser } of deciders) {
    if (person.organisation !== policy.organisation) return `${personKey(person)} is of another organisation.`;
    if (asked.has(human(person))) return `${personKey(person)} asked for the plan.`;
    if (rule.approvers.groups.length === 0 && !rule.approvers.users.includes(person.user))
      return `${personKey(person)} is not among the approvers of the rule.`;
    if (rule.clusterUser === 'required' && clusterUser === undefined) return `${personKey(person)} is known as no user of the cluster.`;
  }
  const people = new Set(deciders.map(({ person }) => human(person))).size;
  const needed = approvalsNeeded(rule, plan);
  return people < needed ? `The plan needs ${needed} people, and ${people} approved it.` : undefined;
}
