import { type Plan, planDigest } from '../approval/plan.ts';
import type { Effect, Execution, PlanRecord } from '../approval/plan-record.ts';
import { unseal } from '../approval/sealed.ts';
import type { KubeObject } from '../cluster/writing/object-writer.ts';
import { failingImages, podFields, pullState } from '../remedies/object-shape.ts';
import { count, duration, list, shortened } from '../text/wording.ts';
import type { ExecutorCluster, ExecutorParts } from './executor-parts.ts';
import { lookAtPlanTask, type SeenOfTask } from './watch-task.ts';

/** Between two looks at the effect, ms: often at first, when most is decided. */
const LOOK_MS = { first: 2_000, most: 20_000 } as const;
/** After so long what was not seen by then is said, ms. */
const GIVE_UP_MS = 10 * 60_000;

/** Looks once what came of a plan, and has itself called again until every pod has pulled or failed anew. Twice is once. */
export async function watchEffect(record: PlanRecord, cluster: ExecutorCluster, parts: ExecutorParts): Promise<void> {
  const { id: planId, execution, effect: before } = record;
  if (execution?.status !== 'applied' || (before !== undefined && before.status !== 'watching')) return;
  const proposal = unseal('proposal', record.proposal, parts.verify.executor);
  if (proposal === undefined) return;
  const at = parts.now();
  const { plan } = proposal;
  const seen: SeenOfTask =
    plan.watched.kind === 'task'
      ? await lookAtPlanTask({ record, plan, execution, at }, cluster, parts)
      : { effect: await effectOf(plan, { execution, at }, cluster) };
  const { effect, more } = seen;
  if (more !== undefined) await parts.store.plans.update(planId, (known) => ({ ...known, ...more }));
  if (more?.found !== undefined) await parts.queue.add({ kind: 'judge', runId: record.runId, planId, delayMs: 0 });
  if (effect.status !== 'watching') {
    const digest = planDigest(proposal, parts.hash);
    await parts.audit.write({
      cluster: record.cluster,
      kind: 'outcome',
      at: effect.at,
      digest,
      planId,
      what: effect.status,
      from: 'executor',
      result: effect.says,
    });
  }
  const { after } = await parts.store.plans.update(planId, (known) => withEffect(known, effect));
  if (effect.status === 'watching') {
    const delayMs = Math.min(LOOK_MS.most, Math.max(LOOK_MS.first, (at.getTime() - Date.parse(execution.at)) / 5));
    await parts.queue.add({ kind: 'look', cluster: cluster.writer.name, planId, delayMs: Math.round(delayMs) });
  }
  if (isOther(before, effect)) await parts.tell(after, effect.status === 'watching' ? undefined : { type: 'plan-ended', planId });
  await seen.end?.();
}

function withEffect(record: PlanRecord, effect: Effect): PlanRecord {
  return record.effect === undefined || record.effect.status === 'watching' ? { ...record, effect } : record;
}

function isOther(before: Effect | undefined, { status, pulled, pods, says }: Effect): boolean {
  return before?.status !== status || before.pulled !== pulled || before.pods !== pods || before.says !== says;
}

async function effectOf(
  plan: Plan,
  { execution, at }: { readonly execution: Extract<Execution, { readonly status: 'applied' }>; readonly at: Date },
  cluster: ExecutorCluster,
): Promise<Effect> {
  const now = { at: at.toISOString() };
  const { watched } = plan;
  if (watched.kind === 'nothing' || watched.kind === 'task') return { ...now, status: 'worked', pods: 0, pulled: 0, says: plan.effect };
  const known = new Set(execution.before);
  const live = (await watchedPods(plan, cluster)).filter(({ metadata }) => !metadata.deletionTimestamp);
  // In the place of one pod comes one; of a workload every pod counts, also those that were right before.
  const concerned = watched.kind === 'owner' ? live.filter(({ metadata }) => !known.has(metadata.uid)) : live;
  const states = concerned.map((pod) => ({ pod, isNew: !known.has(pod.metadata.uid), state: pullState(podFields(pod)) }));
  const pulled = states.filter(({ state }) => state === 'pulled').length;
  const wanted = watched.kind === 'owner' ? 1 : plan.blast.restarts;
  const elapsed = Math.max(0, at.getTime() - Date.parse(execution.at));
  const counts = { ...now, pods: Math.max(wanted, concerned.length), pulled };
  const failing = states.filter(({ isNew, state }) => isNew && state === 'failing');
  if (failing.length > 0 && !states.some(({ isNew, state }) => isNew && state === 'waiting'))
    return { ...counts, status: 'failed', says: failureWords(failing.map(({ pod }) => pod)) };
  if (pulled >= wanted && pulled === concerned.length)
    return {
      ...counts,
      status: 'worked',
      says: `${count(pulled, 'pod')} ${pulled === 1 ? 'has its images' : 'have their images'}, seen after ${duration(elapsed)}.`,
    };
  if (elapsed < GIVE_UP_MS) return { ...counts, status: 'watching', says: '' };
  return {
    ...counts,
    status: 'failed',
    says: `After ${duration(elapsed)} only ${pulled} of ${count(counts.pods, 'pod')} were seen to have their images.`,
  };
}

/** The pods that a plan is for, as they are now. Throws what the cluster throws. */
export async function watchedPods(
  { watched }: Pick<Plan, 'watched'>,
  { writer }: Pick<ExecutorCluster, 'writer'>,
): Promise<readonly KubeObject[]> {
  if (watched.kind === 'nothing' || watched.kind === 'task') return [];
  const { namespace } = watched;
  if (watched.kind === 'workload') return writer.list({ kind: 'Pod', namespace, labels: watched.labels });
  return (await writer.list({ kind: 'Pod', namespace })).filter((pod) => isOwnedBy(pod, watched.uid));
}

function failureWords(failing: readonly KubeObject[]): string {
  const images = [...new Set(failing.flatMap((pod) => failingImages(podFields(pod)).map(({ image }) => image)))];
  return `${count(failing.length, 'new pod')} cannot pull ${shortened(list(images.slice(0, 2)), 600)}.`;
}

function isOwnedBy({ metadata: { ownerReferences = [] } }: KubeObject, uid: string): boolean {
  return ownerReferences.some((owner) => owner.uid === uid);
}
