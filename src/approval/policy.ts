import { z } from 'zod';
import type { Hash } from '../signing/signing.ts';
import { matchesAny } from '../text/pattern.ts';
import { labelled } from './canonical-json.ts';
import { GroupId, OrganisationId, UserId } from './person.ts';
import { loginNamespaces, namespacesOf, type Plan, RISKS } from './plan.ts';
import { REMEDY_IDS } from './remedy.ts';

const Pattern = z.string().regex(/^[A-Za-z0-9._*-]{1,100}$/, 'is not a name or a pattern with *');
const Namespaces = z.array(z.string().regex(/^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$/, 'is not a namespace or a pattern with *'));
/** `30m`, `2h` or `1d`, in milliseconds; five minutes at least, a day at most. */
const TimeLimit = z
  .string()
  .regex(/^[1-9][0-9]{0,3}[mh]$/, 'must be a time such as 30m or 2h')
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('m') ? 60_000 : 3_600_000))
  .refine((ms) => ms >= 300_000 && ms <= 86_400_000, 'must be between 5m and 24h');

/** Some people, by their ids and by user groups. An empty one is nobody. */
const People = z.strictObject({ users: z.array(UserId).max(200).default([]), groups: z.array(GroupId).max(50).default([]) });
export type People = Readonly<z.infer<typeof People>>;

const Rule = z.strictObject({
  name: z.string().min(1).max(100),
  /** All remedies where it is left out; likewise for the three below. */
  remedies: z.array(z.enum(REMEDY_IDS)).min(1).optional(),
  clusters: z.array(Pattern).min(1).max(100).default(['*']),
  /** Only `*` covers what has no namespace, such as a node. */
  namespaces: Namespaces.min(1).max(1000).default(['*']),
  risks: z
    .array(z.enum(RISKS))
    .min(1)
    .default([...RISKS]),
  approvers: People.default({ users: [], groups: [] }),
  /** How many different people; where it is left out, what the remedy and its risk ask for. */
  approvals: z.int().min(1).max(10).optional(),
  requesterMay: z.boolean().default(false),
  reason: z.enum(['optional', 'required']).default('optional'),
  /** Whether only people count who are known as a user of the cluster. */
  clusterUser: z.enum(['optional', 'required']).default('optional'),
  expiresAfter: TimeLimit.default(1_800_000),
  /** Who is reminded at half time. */
  escalation: People.default({ users: [], groups: [] }),
});
export type Rule = Readonly<z.infer<typeof Rule>>;

/** approvals.yaml. */
export const ApprovalPolicy = z
  .strictObject({
    version: z.literal(1),
    /** The enterprise, or where there is none the workspace, whose people these are. */
    organisation: OrganisationId.optional(),
    forbiddenNamespaces: Namespaces.max(1000).default(['kube-system']),
    /** The first that fits a plan decides; the rest are not looked at. */
    /** Who may end a freeze, two of them together. */
    admins: People.default({ users: [], groups: [] }),
    rules: z.array(Rule).max(500),
  })
  .superRefine(({ rules, organisation }, context) => {
    const names = rules.map(({ name }) => name);
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index) context.addIssue({ code: 'custom', path: ['rules', index, 'name'], message: 'is used twice' });
    if (rules.length > 0 && organisation === undefined)
      context.addIssue({ code: 'custom', path: ['rules'], message: 'need an organisation: ids of people mean nothing without it' });
  });
export type ApprovalPolicy = Readonly<z.infer<typeof ApprovalPolicy>>;

/** The policy as it is in force: the bot's own namespace is forbidden too, whatever the file says. */
export function inForce(policy: ApprovalPolicy, ownNamespace: string | undefined): ApprovalPolicy {
  if (ownNamespace === undefined || policy.forbiddenNamespaces.includes(ownNamespace)) return policy;
  return { ...policy, forbiddenNamespaces: [...policy.forbiddenNamespaces, ownNamespace] };
}

/** The digest of a policy in force. Defaults are part of it, so a release that changes one voids what was approved under the other. */
export function policyDigest(policy: ApprovalPolicy, hash: Hash): string {
  return hash(labelled('imagepull/policy/v1', policy));
}

/** Remedies that two people have to approve unless a rule says otherwise. */
const FOR_TWO: readonly string[] = ['prune-images', 'cordon-node', 'set-image'];

/** How many different people a rule asks for: what it says, else two for the remedies above and for high risk, else one. */
export function approvalsNeeded(rule: Rule, { remedy, risk }: Pick<Plan, 'remedy' | 'risk'>): number {
  return rule.approvals ?? (FOR_TWO.includes(remedy.id) || risk === 'high' ? 2 : 1);
}

/** The rule that decides about a plan, or why nobody may, with the setting that would change it. */
export type RuleFound = { readonly rule: Rule } | { readonly because: string };

/** What a rule is looked for by: a plan, or what may become one. */
export interface Covered {
  readonly remedy: Plan['remedy']['id'];
  readonly cluster: string;
  /** Of everything that is read or changed; none for a node. */
  readonly namespaces: readonly string[];
  readonly risk: Plan['risk'];
  /** True in a channel that is shared with another organisation. */
  readonly shared: boolean;
}

/** Finds the rule that decides about a plan. Without one there is no button. */
export function ruleFor(policy: ApprovalPolicy, plan: Plan): RuleFound {
  const { remedy, cluster, risk, place } = plan;
  const covered = { remedy: remedy.id, cluster, namespaces: namespacesOf(plan), risk, shared: place.shared };
  return forbidden(loginNamespaces(plan), policy, 'No login is used of') ?? ruleCovering(policy, covered);
}

/** Finds the rule that would decide about what may become a plan. */
export function ruleCovering(policy: ApprovalPolicy, { remedy, cluster, namespaces, risk, shared }: Covered): RuleFound {
  if (shared) return { because: 'The channel is shared with another organisation. Ask in one that is not.' };
  const barred = forbidden(namespaces, policy, 'Nothing is changed in');
  if (barred) return barred;
  const rule = policy.rules.find(
    (one) =>
      (one.remedies?.includes(remedy) ?? true) &&
      matchesAny(cluster, one.clusters) &&
      (namespaces.length === 0 ? one.namespaces.includes('*') : namespaces.every((namespace) => matchesAny(namespace, one.namespaces))) &&
      one.risks.includes(risk),
  );
  const where = `${remedy} ${namespaces.length === 0 ? '' : `in ${namespaces.join(', ')} `}on cluster ${cluster} at ${risk} risk`;
  if (rule === undefined) return { because: `Nobody may approve ${where}: add a rule for it to approvals.yaml.` };
  if (rule.approvers.users.length + rule.approvers.groups.length === 0)
    return { because: `Nobody may approve ${where}: add users or groups to approvers of rule "${rule.name}" in approvals.yaml.` };
  return { rule };
}

function forbidden(namespaces: readonly string[], policy: ApprovalPolicy, what: string): { readonly because: string } | undefined {
  const found = namespaces.find((namespace) => matchesAny(namespace, policy.forbiddenNamespaces));
  return found === undefined ? undefined : { because: `${what} namespace ${found}: forbiddenNamespaces in approvals.yaml names it.` };
}
