import type { Change, Proposal } from '../approval/plan.ts';
import type { PlanRecord } from '../approval/plan-record.ts';
import type { Impersonation } from '../cluster/kubeconfig.ts';
import type { ObjectName } from '../cluster/writing/object-writer.ts';
import { nameOf, subjectOf } from './draft-plan.ts';
import type { ExecutorCluster, ExecutorParts } from './executor-parts.ts';

/**
 * In whose name a plan is carried out, where the cluster's own rules are to judge those who approved it: each of them has to be a user of the
 * cluster who may do exactly that. Review and action carry the same user and groups. What it says names nobody: it is kept for ever. Throws what
 * the cluster throws.
 */
export async function approverOf(
  { record, proposal }: { readonly record: PlanRecord; readonly proposal: Proposal },
  { writer, approver, nodeTasks }: ExecutorCluster,
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
      const object = askedAbout(change, proposal, nodeTasks);
      const { allowed } = await writer.mayThey(last, { verb: change.verb, object });
      if (!allowed)
        return {
          because: `The cluster does not allow one of those who approved it to ${change.verb} ${object.kind} ${object.name || `in ${object.namespace}`}.`,
        };
    }
  }
  // On nodes only the executor makes pods, whoever has which rights.
  const isOnNode = proposal.plan.changes.some(({ verb }) => verb === 'create');
  return { as: approver === 'impersonate' && !isOnNode ? last : undefined };
}

/** What a person has to be allowed to do: for a task on a node, to make pods where those are made. */
function askedAbout(change: Change, { plan }: Proposal, nodeTasks: ExecutorCluster['nodeTasks']): ObjectName {
  if (change.verb === 'create') return { kind: 'Pod', namespace: nodeTasks?.place.namespace, name: '' };
  return nameOf({ planned: subjectOf(change, plan.objects) });
}
