import { issueGrant } from '../../approval/grant.ts';
import { type Closed, type PlanRecord, type Standing, subjectOfPlan } from '../../approval/plan-record.ts';
import type { Status } from '../../approval/status.ts';
import { isUnasked } from '../../approval/wish.ts';
import { asCodedError } from '../../errors.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import { applyEvent } from '../../runbook/run.ts';
import { unlessGone, walk } from '../../store/collection.ts';
import { OPEN } from '../../store/kinds.ts';
import type { PlanParts } from './plan-parts.ts';
import { standingOf } from './standing.ts';
import { whyNotByAudit } from './written-down.ts';

/**
 * Does what the standing of a plan asks for by everything that is known now: gives leave to carry it out where enough people have approved it, ends
 * what was denied, has expired or holds no longer, and reminds at half time. A grant that runs out unused is followed by another.
 */
export async function settlePlan(planId: string, parts: PlanParts): Promise<void> {
  const record = await parts.store.plans.read(planId);
  await parts.log.about(subjectOfPlan(record), () => settleRecord(record, parts));
}

async function settleRecord(record: PlanRecord, parts: PlanParts): Promise<void> {
  const { execution: begun, ...rest } = record;
  if (record.closed !== undefined || (begun !== undefined && begun.status !== 'acting')) return;
  // One that was begun and did not get to its end is granted again as long as it stands approved.
  const standing = await standingOf(rest, { ...parts, people: parts.remembered });
  if (standing.phase !== 'making' && standing.phase !== 'deciding') return;
  if (isUnasked(standing.wish)) return giveUp(record, parts);
  if (standing.phase === 'making') return;
  // What leads to a change rests on nothing that is remembered.
  const now = standing.status.status === 'approved' ? await standingOf(rest, parts) : standing;
  if (now.phase === 'deciding') await settleBy(record, now, parts);
}

/** What nobody asked for, nobody decides about: the executor takes it soon, or it is over. */
async function giveUp(record: PlanRecord, parts: PlanParts): Promise<void> {
  const isOver = parts.now().getTime() >= Date.parse(record.createdAt) + GIVE_UP_MS;
  if (isOver && record.execution === undefined) await close(record, { as: 'expired', says: 'No executor took it in time.' }, parts);
}

/** For what nobody asked for, ms. */
const GIVE_UP_MS = 5 * 60_000;

async function settleBy(record: PlanRecord, standing: Extract<Standing, { readonly phase: 'deciding' }>, parts: PlanParts): Promise<void> {
  const { status } = standing;
  switch (status.status) {
    case 'approved':
      return grant(record, standing, parts);
    case 'waiting':
      return remind(record, status, parts);
    case 'denied':
    case 'expired':
    case 'voided':
      // What was begun is for the executor to end, which looks what became of it.
      return record.execution === undefined ? close(record, closingOf(status), parts) : requeue(record, parts);
    default:
      return status satisfies never;
  }
}

async function grant(
  record: PlanRecord,
  { question, digest }: Extract<Standing, { readonly phase: 'deciding' }>,
  parts: PlanParts,
): Promise<void> {
  const at = parts.now();
  if (record.grant !== undefined && at.getTime() < Date.parse(record.grant.content.expiresAt)) return;
  const spoken = await whyNotByAudit(record, parts);
  if (spoken !== undefined) return close(record, { as: 'voided', says: spoken }, parts);
  const issued = issueGrant(question, { nonce: parts.newNonce(), sign: parts.sign, hash: parts.hash });
  if ('because' in issued) return;
  const { cluster, id: planId } = record;
  const what = `leave to act until ${issued.content.expiresAt}`;
  await parts.audit.write({ cluster, kind: 'grant', at: at.toISOString(), digest, planId, what, from: 'gateway' });
  await parts.store.plans.update(planId, (known) => ({ ...known, grant: issued }));
  await requeue(record, parts);
}

async function requeue({ cluster, id: planId }: PlanRecord, { queue }: PlanParts): Promise<void> {
  await queue.add({ kind: 'apply', cluster, planId, delayMs: 0 });
}

async function remind(
  record: PlanRecord,
  { remindAt, escalation }: Extract<Status, { readonly status: 'waiting' }>,
  parts: PlanParts,
): Promise<void> {
  const due = parts.now().getTime() >= remindAt && escalation.users.length + escalation.groups.length > 0;
  if (!due || record.reminded) return;
  await parts.store.plans.update(record.id, (known) => ({ ...known, reminded: true }));
  await tellPlan(record, parts);
}

function closingOf(status: Extract<Status, { readonly status: 'denied' | 'expired' | 'voided' }>): Omit<Closed, 'at'> {
  switch (status.status) {
    case 'denied':
      return { as: 'denied', says: status.decision.reason ?? 'It was denied.' };
    case 'expired':
      return { as: 'expired', says: 'Not enough people approved it in time.' };
    case 'voided':
      return { as: 'voided', says: status.because };
    default:
      return status satisfies never;
  }
}

async function close(record: PlanRecord, { as, says }: Omit<Closed, 'at'>, parts: PlanParts): Promise<void> {
  const { cluster, id: planId } = record;
  const at = parts.now().toISOString();
  // Somebody's own words stand in the decision, and in no log.
  const result = as === 'denied' ? 'denied' : says;
  const kind = as === 'expired' ? 'expiry' : 'cancellation';
  await parts.audit.write({ cluster, kind, at, planId, what: as, from: 'gateway', result });
  await parts.store.plans.update(planId, (known) =>
    known.closed === undefined && known.execution === undefined ? { ...known, closed: { as, says, at } } : known,
  );
  await parts.store.runs.update(record.runId, (run) => applyEvent(run, { type: 'plan-ended', planId, at }));
  await tellPlan(record, parts);
}

/** Settles every open plan. One that cannot be settled holds up no other. Throws where the store cannot be reached. */
export async function settleAll(parts: PlanParts): Promise<void> {
  for await (const { id } of walk(parts.store.plans, { index: OPEN, order: 'oldest' }))
    try {
      await settlePlan(id, parts);
    } catch (cause) {
      const { code, message } = asCodedError(cause);
      if (code === 'store/unavailable' || code === 'queue/unavailable') throw cause;
      parts.log.warn('a plan could not be settled', { plan: id, code, because: message });
    }
}

/** Brings the card of a plan up to date. */
export async function tellPlan({ incidentId }: Pick<PlanRecord, 'incidentId'>, parts: Pick<PlanParts, 'store' | 'queue'>): Promise<void> {
  const incident = await unlessGone(parts.store.incidents.read(incidentId));
  if (incident) await tellIncident(incident, URGENCY.verdict, parts);
}
