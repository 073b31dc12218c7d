import type { Proposal } from '../approval/plan.ts';
import type { PlanRecord } from '../approval/plan-record.ts';
import type { Impersonation } from '../cluster/kubeconfig.ts';
import { nameOf, subjectOf } from './draft-plan.ts';
import type { ExecutorCluster, ExecutorParts } from './executor-parts.ts';

/**
 * In whose name a plan is carried out, where the cluster's own rules are to judge those who approved it: each of them has to be a user of the
 * cluster who may do exactly that. Review and action carry the same user and groups. What it says names nobody: it is kept for ever. Throws what
 * the cluster throws.
 */
export async function approverOf(
  { record, proposal }: { readonly record: PlanRecord; readonly proposal: Proposal },
  { writer, approver }: ExecutorCluster,
  { groupsOf }: Pick<ExecutorParts, 'groupsOf'>,
): Promise<{ readonly as: Impersonation | undefined } | { readonly because: string }> {
  if (approver === 'off') return { as: undefined };
  const deciders = record.grant?.content.deciders ?? [];
  let last: Impersonation | undefined;
  for (const { clusterUser } of deciders) {
    if (clusterUser === undefined)
      return { because: 'One of those who approved it is known as no user of the cluster (remedies.identities).' };
    last = { user: clusterUser, groups: groupsOf(clusterUser) };
    for (const change of proposal.plan.changes) {
      const object = nameOf({ planned: subjectOf(change, proposal.plan.objects) });
      const { allowed } = await writer.mayThey(last, { verb: change.verb, object });
      if (!allowed)
        return { because: `The cluster does not allow one of those who approved it to ${change.verb} ${object.kind} ${object.name}.` };
    }
  }
  return { as: approver === 'impersonate' ? last : undefined };
}
