import { loginNamespaces, namespacesOf, type Plan, type Proposal, planDigest, shortDigest } from '../approval/plan.ts';
import type { Closed, PlanRecord } from '../approval/plan-record.ts';
import { policyDigest, type RuleFound, ruleFor } from '../approval/policy.ts';
import { mayBeUnasked, namespaceOf, type Remedy } from '../approval/remedy.ts';
import { seal, unseal } from '../approval/sealed.ts';
import { isUnasked, type Wish } from '../approval/wish.ts';
import { matchesAny } from '../text/pattern.ts';
import { shortened } from '../text/wording.ts';
import { draftAndTry, type TriedDraft } from './draft-plan.ts';
import type { ExecutorCluster, ExecutorParts } from './executor-parts.ts';
import { freezeOf } from './freeze.ts';

/** A dry run of more is not shown shortened: it cannot be approved. */
const MAX_DRY_RUN = 20_000;

/** Makes the plan that somebody asked for, or writes down why there is none. Twice is once. Throws what may pass by itself. */
export async function makePlan(record: PlanRecord, cluster: ExecutorCluster, parts: ExecutorParts): Promise<void> {
  if (record.proposal !== undefined || record.closed !== undefined) return;
  const wish = unseal('wish', record.wish, parts.verify.gateway);
  if (wish === undefined || wish.id !== record.id || wish.cluster !== record.cluster)
    return close(record, { as: 'voided', says: 'It is not signed by the gateway.' }, parts);
  if (wish.cluster !== cluster.writer.name) return close(record, { as: 'voided', says: 'It was wished for another cluster.' }, parts);
  const freeze = await freezeOf(cluster);
  if (freeze.status === 'frozen') return close(record, { as: 'refused', says: freeze.because }, parts);
  const { remedy, target, at: askedAt } = wish;
  // Before anything is read that roles may not give there.
  const barred = barredHere(remedy, [namespaceOf(remedy) ?? []].flat(), cluster);
  if (barred !== undefined) return close(record, { as: 'refused', says: barred }, parts);
  const tried = await draftAndTry({ planId: wish.id, remedy, target, askedAt }, cluster, parts);
  if (tried.status === 'refused') return close(record, { as: 'refused', says: tried.because }, parts);
  const proposal = proposalOf(wish, tried, parts);
  const because = isUnasked(wish) ? whyAsked(remedy, cluster) : whyNobodyMay(proposal.plan, cluster, parts);
  if (because !== undefined) return close(record, { as: 'refused', says: because }, parts);
  if (tried.dryRun.length > MAX_DRY_RUN)
    return close(record, { as: 'refused', says: 'The change is too large to be shown whole, so nobody can approve it here.' }, parts);
  const digest = planDigest(proposal, parts.hash);
  await parts.audit.write({
    cluster: record.cluster,
    kind: 'proposal',
    at: parts.now().toISOString(),
    digest,
    planId: record.id,
    what: `${proposal.plan.remedy.id} ${proposal.plan.objects[0]?.name ?? ''}`,
    from: 'executor',
    who: wish.requesters[0] && { person: wish.requesters[0].person, name: '', clusterUser: wish.requesters[0].clusterUser },
    result: proposal.plan.effect,
  });
  const sealed = seal('proposal', proposal, parts.sign);
  await parts.store.plans.update(record.id, (known) => (known.proposal === undefined ? { ...known, proposal: sealed } : known));
  parts.log.info('a plan was made', { plan: record.id, digest: shortDigest(digest), remedy: remedy.id });
  await parts.tell(record);
  if (isUnasked(wish)) await parts.queue.add({ kind: 'apply', cluster: record.cluster, planId: record.id, delayMs: 0 });
}

/** Why a remedy that nobody asked for has to be asked for on this cluster; undefined where its own configuration lets it be carried out. */
export function whyAsked(remedy: Remedy, { nodeTasks }: Pick<ExecutorCluster, 'nodeTasks'>): string | undefined {
  return mayBeUnasked(remedy) && nodeTasks?.mode === 'auto' ? undefined : 'Nobody asked for it, and here somebody has to.';
}

function whyNobodyMay(plan: Plan, cluster: ExecutorCluster, parts: ExecutorParts): string | undefined {
  const found = ruleHere(plan, cluster, parts);
  return 'because' in found ? found.because : undefined;
}

/** The rule that decides about a plan on this cluster. Its own configuration counts first, and the bot's own namespace is nobody's. */
export function ruleHere(plan: Plan, cluster: ExecutorCluster, { policy }: Pick<ExecutorParts, 'policy'>): RuleFound {
  const { namespace } = cluster;
  const touched = namespacesOf(plan);
  if ([...touched, ...loginNamespaces(plan)].includes(namespace))
    return { because: `Nothing is changed in namespace ${namespace}: it is the bot's own.` };
  const because = barredHere(plan.remedy, touched, cluster);
  return because === undefined ? ruleFor(policy, plan) : { because };
}

/** Why the configuration of this cluster bars a remedy that touches some namespaces, whatever roles and policy say. */
function barredHere(remedy: Remedy, touched: readonly string[], { namespaces, nodes = true }: ExecutorCluster): string | undefined {
  const other = namespaces && touched.find((name) => !matchesAny(name, namespaces));
  if (other !== undefined) return `Nothing is changed in namespace ${other}: executor.namespaces of this cluster does not name it.`;
  const isOfNode = remedy.id === 'cordon-node' || remedy.id === 'uncordon-node';
  return isOfNode && !nodes ? 'No node is cordoned or uncordoned here: executor.nodes of this cluster is false.' : undefined;
}

function proposalOf(wish: Wish, { draft, dryRun }: TriedDraft, { policy, hash, now }: ExecutorParts): Proposal {
  const plan: Plan = {
    id: wish.id,
    cluster: wish.cluster,
    remedy: draft.remedy,
    objects: draft.objects.map(({ planned }) => planned),
    changes: [...draft.changes],
    dryRun,
    blast: draft.blast,
    watched: draft.watched,
    risk: draft.risk,
    effect: draft.effect,
    ...(draft.undo === undefined ? {} : { undo: draft.undo }),
    notChecked: draft.notChecked.map((sentence) => shortened(sentence, 2_000)),
    findings: wish.findings,
    requesters: wish.requesters,
    place: wish.place,
    proposedAt: now().toISOString(),
  };
  return { plan, policyDigest: policyDigest(policy, hash), findingsDigest: wish.findingsDigest };
}

/** Ends a plan that nothing was done of. */
async function close(record: PlanRecord, { as, says }: Omit<Closed, 'at'>, parts: ExecutorParts): Promise<void> {
  const at = parts.now().toISOString();
  const closed = { as, says: shortened(says, 2_000), at };
  await parts.audit.write({
    cluster: record.cluster,
    kind: 'refusal',
    at,
    planId: record.id,
    what: 'no plan was made',
    from: 'executor',
    result: closed.says,
  });
  await parts.store.plans.update(record.id, (known) => (known.closed === undefined ? { ...known, closed } : known));
  await parts.tell(record, { type: 'plan-ended', planId: record.id });
}
