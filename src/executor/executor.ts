import { type PlanRecord, subjectOfPlan } from '../approval/plan-record.ts';
import { asCodedError, CodedError } from '../errors.ts';
import type { Task } from '../queue/task-queue.ts';
import { Choice } from '../remedies/offers.ts';
import { createExpiringMap } from '../timing/expiring-map.ts';
import { applyPlan } from './apply-plan.ts';
import { choicesFor } from './choices.ts';
import type { ExecutorCluster, ExecutorParts } from './executor-parts.ts';
import { obey } from './freeze.ts';
import { makePlan } from './make-plan.ts';
import { watchEffect } from './watch-effect.ts';

/** The tasks that only executors perform. */
export type ExecutorTask = Extract<Task, { readonly kind: 'plan' | 'apply' | 'look' | 'order' | 'choices' }>;

/** Makes plans, carries them out and watches what comes of them, for the clusters that it has credentials for. */
export interface Executor {
  /** Everything may be called twice, at the same time and by several. Throws only what another delivery may mend. */
  perform(task: ExecutorTask): Promise<unknown>;
}

/** As long as any plan may be approved, ms. */
const REMEMBERED_MS = 24 * 3_600_000;
const MOST_REMEMBERED = 10_000;
/** Before another look where one goes on, ms. */
const BUSY_MS = 2_000;

export function createExecutor(given: Omit<ExecutorParts, 'written'>): Executor {
  const now = () => given.now().getTime();
  const parts: ExecutorParts = { ...given, written: createExpiringMap({ now, ttlMs: REMEMBERED_MS, max: MOST_REMEMBERED }) };
  const clusterOf = (name: string): ExecutorCluster => {
    const found = parts.clusters[name];
    if (found) return found;
    throw new CodedError('engine/unknown-cluster', `Plans of cluster ${name} are not carried out by this process.`);
  };

  /** One look at a time: each of two would take the other's end for somebody else's. */
  async function lookAlone(planId: string, cluster: ExecutorCluster): Promise<void> {
    const look = () => about(planId, (record) => watchEffect(record, cluster, parts));
    const done = await parts.store.exclusively(`plan.${planId}`, look);
    if (done.status === 'busy') await parts.queue.add({ kind: 'look', cluster: cluster.writer.name, planId, delayMs: BUSY_MS });
  }

  /** What an order came to, for whoever gave it. */
  async function carryOut({ cluster: name, order }: Extract<ExecutorTask, { readonly kind: 'order' }>): Promise<unknown> {
    try {
      const { freeze, by, reason } = await obey(order, clusterOf(name), parts);
      const [person] = by;
      const who = person && { person, name: '' };
      await parts.audit.write({
        cluster: name,
        kind: freeze ? 'freeze' : 'unfreeze',
        at: parts.now().toISOString(),
        what: freeze ? 'freeze' : 'unfreeze',
        from: 'slack',
        who,
        why: reason,
      });
      return { status: 'done' };
    } catch (cause) {
      return { status: 'refused', says: asCodedError(cause).message };
    }
  }

  async function about(planId: string, work: (record: PlanRecord) => Promise<void>): Promise<void> {
    const record = await parts.store.plans.read(planId);
    await parts.log.about(subjectOfPlan(record), () => work(record));
  }

  return {
    async perform(task) {
      const cluster = clusterOf(task.cluster);
      switch (task.kind) {
        case 'plan':
          return about(task.planId, (record) => makePlan(record, cluster, parts));
        case 'apply':
          return applyPlan(task.planId, cluster, parts);
        case 'look':
          return lookAlone(task.planId, cluster);
        case 'order':
          return carryOut(task);
        case 'choices':
          return choicesFor(Choice.parse(task.choice), cluster);
        default:
          return task satisfies never;
      }
    },
  };
}
