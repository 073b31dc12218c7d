import { unseal } from '../../approval/sealed.ts';
import type { Wish } from '../../approval/wish.ts';
import { plansOf } from '../../store/kinds.ts';
import type { PlanParts } from './plan-parts.ts';

/** A remedy that failed so often within a day is approved once more only by somebody who says why it should help now. */
const MAX_FAILURES = 2;
const DAY_MS = 24 * 3_600_000;

/** Whether the remedy of a wish has failed so often for its incident that a further approval needs a reason. */
export async function hasFailedTwice(
  { cluster, incidentId, remedy }: Wish,
  { store, verify, now }: Pick<PlanParts, 'store' | 'verify' | 'now'>,
): Promise<boolean> {
  const { records } = await store.plans.list({ index: plansOf(cluster) });
  const since = now().getTime() - DAY_MS;
  const failed = records.filter((record) => {
    if (record.incidentId !== incidentId || record.effect?.status !== 'failed' || Date.parse(record.createdAt) < since) return false;
    return unseal('wish', record.wish, verify.gateway)?.remedy.id === remedy.id;
  });
  return failed.length >= MAX_FAILURES;
}
