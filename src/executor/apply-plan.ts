import { canonicalJson } from '../approval/canonical-json.ts';
import { endOf, isDenial } from '../approval/eligibility.ts';
import { whyNotGranted } from '../approval/grant.ts';
import { type Proposal, planDigest } from '../approval/plan.ts';
import { type Execution, type PlanRecord, subjectOfPlan } from '../approval/plan-record.ts';
import { ruleFor } from '../approval/policy.ts';
import { unseal } from '../approval/sealed.ts';
import { isUnasked } from '../approval/wish.ts';
import { walk } from '../store/collection.ts';
import { plansOf } from '../store/kinds.ts';
import { shortened } from '../text/wording.ts';
import { approverOf } from './approver.ts';
import { draftAndTry, nameOf, type TriedDraft } from './draft-plan.ts';
import type { ExecutorCluster, ExecutorParts } from './executor-parts.ts';
import { freezeOf } from './freeze.ts';
import { ruleHere, whyAsked } from './make-plan.ts';
import { watchedPods } from './watch-effect.ts';
import { changeOnce, changesThere, type Written } from './write-change.ts';

/** A used grant is remembered for longer than it lives, ms. */
const NONCE_MS = 120_000;
const HOUR_MS = 3_600_000;
/** For what nobody asked for, ms. */
const UNASKED_MS = 5 * 60_000;
/** More pods are not told from those that were there before. */
const MAX_BEFORE = 5_000;
/** Before another look at an object that somebody else is at, ms. */
const BUSY_MS = 2_000;

/**
 * Carries out a plan that was granted, once: over redelivery, crashes and several executors. What speaks against it at this moment ends it, and
 * nothing is done. Throws what may pass by itself.
 */
export async function applyPlan(planId: string, cluster: ExecutorCluster, parts: ExecutorParts): Promise<void> {
  const done = await parts.store.exclusively(`plan.${planId}`, async () => {
    const record = await parts.store.plans.read(planId);
    await parts.log.about(subjectOfPlan(record), () => applyAlone(record, cluster, parts));
  });
  if (done.status === 'busy') await again(planId, cluster, parts);
}

async function again(planId: string, { writer }: ExecutorCluster, { queue }: ExecutorParts): Promise<void> {
  await queue.add({ kind: 'apply', cluster: writer.name, planId, delayMs: BUSY_MS });
}

async function applyAlone(record: PlanRecord, cluster: ExecutorCluster, parts: ExecutorParts): Promise<void> {
  const { id: planId, execution, closed } = record;
  const written = parts.written.get(planId);
  if (written !== undefined && execution?.status !== 'applied') return end(record, { status: 'applied', says: written.says }, parts);
  if (closed !== undefined) return;
  // Whoever ended it may have died before anybody heard of it.
  if (execution !== undefined && execution.status !== 'acting') return tellEnd(record, execution, parts);
  const proposal = unseal('proposal', record.proposal, parts.verify.executor);
  if (proposal === undefined || proposal.plan.id !== planId)
    return refuse(record, 'The plan that is stored is not one that an executor has made.', parts);
  const there = execution === undefined ? 'none' : await changesThere(proposal.plan, { ...cluster, hash: parts.hash });
  if (there === 'all') return finish({ record, proposal, written: { status: 'written', says: 'The change is there.' } }, cluster, parts);
  if (there === 'some') return finish({ record, proposal, written: await goOn({ record, proposal }, cluster, parts) }, cluster, parts);
  const objection = await objectionTo({ record, proposal }, cluster, parts);
  if (objection === 'wait') return;
  if (objection !== undefined) return refuse(record, objection, parts);
  const [object] = proposal.plan.objects;
  const held = await parts.store.exclusively(`object.${object?.uid ?? planId}`, () => act({ record, proposal }, cluster, parts));
  if (held.status === 'busy') await again(planId, cluster, parts);
}

interface Granted {
  readonly record: PlanRecord;
  readonly proposal: Proposal;
}

/** Why a plan is not carried out now; `wait` where the gateway has to grant it anew. */
async function objectionTo(
  { record, proposal }: Granted,
  cluster: ExecutorCluster,
  parts: ExecutorParts,
): Promise<string | 'wait' | undefined> {
  const { policy, hash, verify, now } = parts;
  const { grant } = record;
  if (isUnasked(proposal.plan))
    return (
      whyOld(record, parts) ??
      whyAsked(proposal.plan.remedy, cluster) ??
      (await whyFrozen(proposal, cluster)) ??
      (await whyTooMany(record, parts))
    );
  const found = ruleHere(proposal.plan, cluster, parts);
  if ('because' in found) return found.because;
  if (wasDenied(record, proposal, parts)) return 'It was denied.';
  if (now().getTime() >= endOf(proposal, found.rule)) return 'The plan has expired.';
  if (grant === undefined || now().getTime() >= Date.parse(grant.content.expiresAt)) return 'wait';
  const because = whyNotGranted(grant, proposal, {
    cluster: cluster.writer.name,
    policy,
    now: now(),
    verify: verify.gateway,
    hash,
    // It is used up as late as can be: what may pass by itself, until then, costs no plan its grant.
    used: () => false,
  });
  if (because !== undefined) return because;
  return (await whyFrozen(proposal, cluster)) ?? (await whyTooMany(record, parts));
}

async function whyFrozen({ plan }: Proposal, cluster: ExecutorCluster): Promise<string | undefined> {
  const freeze = await freezeOf(cluster);
  if (freeze.status === 'frozen') return freeze.because;
  if (freeze.endedAt !== undefined && Date.parse(plan.proposedAt) < Date.parse(freeze.endedAt))
    return 'A freeze has ended since the plan was proposed; what was approved before it is void.';
  return undefined;
}

/** What nobody asked for is for now: by the time of its wish, which nobody with the store can change. */
function whyOld({ wish }: PlanRecord, { verify, now }: ExecutorParts): string | undefined {
  const read = unseal('wish', wish, verify.gateway);
  if (read === undefined || !isUnasked(read)) return 'It is not signed by the gateway.';
  return now().getTime() < Date.parse(read.at) + UNASKED_MS ? undefined : 'It is too old to be done unasked.';
}

/** What nobody asked for is counted by itself: it never keeps anybody from mending something. */
async function whyTooMany(record: PlanRecord, { store, perHour, now, verify }: ExecutorParts): Promise<string | undefined> {
  const wasAsked = ({ wish }: PlanRecord) => {
    const read = unseal('wish', wish, verify.gateway);
    return read !== undefined && !isUnasked(read);
  };
  const since = now().getTime() - HOUR_MS;
  let acted = 0;
  for await (const other of walk(store.plans, { index: plansOf(record.cluster) })) {
    if (Date.parse(other.createdAt) < since - HOUR_MS) break;
    if (other.id !== record.id && other.execution && other.execution.status !== 'refused' && Date.parse(other.execution.at) >= since)
      if (wasAsked(other) === wasAsked(record)) acted += 1;
  }
  return acted >= perHour
    ? `${perHour} remedies were carried out on ${record.cluster} within an hour, which is the limit (remedies.perHour).`
    : undefined;
}

/** Looks once more whether everything is as it was when people approved, writes down that it acts, and acts. */
async function act({ record, proposal }: Granted, cluster: ExecutorCluster, parts: ExecutorParts): Promise<void> {
  const { plan } = proposal;
  const wish = unseal('wish', record.wish, parts.verify.gateway);
  if (wish === undefined) return refuse(record, 'It is not signed by the gateway.', parts);
  const tried = await draftAndTry({ planId: plan.id, remedy: plan.remedy, target: wish.target, askedAt: wish.at }, cluster, parts);
  const moved = tried.status === 'refused' ? tried.because : whatMoved(proposal, tried);
  if (moved !== undefined) return refuse(record, `Overtaken: ${moved}`, parts);
  const approver = await approverOf({ record, proposal }, cluster, parts);
  if ('because' in approver) return refuse(record, approver.because, parts);
  if (!(await usesGrant({ record, proposal }, parts))) return;
  const digest = planDigest(proposal, parts.hash);
  await parts.audit.write({
    cluster: record.cluster,
    kind: 'intent',
    at: parts.now().toISOString(),
    digest,
    planId: plan.id,
    what: plan.effect,
    from: 'executor',
  });
  const at = parts.now().toISOString();
  const before = (await watchedPods(plan, cluster)).map(({ metadata }) => metadata.uid).slice(0, MAX_BEFORE);
  const { after } = await parts.store.plans.update(plan.id, (known) =>
    known.closed !== undefined || wasDenied(known, proposal, parts) ? known : begun(known, { status: 'acting', at, before }),
  );
  // A denial that came meanwhile wins; whoever took it ends the plan.
  if (after.execution?.status !== 'acting' || wasDenied(after, proposal, parts)) return;
  await parts.tell(after, { type: 'plan-approved', planId: plan.id });
  // Read once more, as close to the write as can be.
  const freeze = await freezeOf(cluster);
  if (freeze.status === 'frozen') return refuse(after, freeze.because, parts);
  await finish(
    { record: after, proposal, written: await changeOnce(plan, { ...cluster, as: approver.as, hash: parts.hash }) },
    cluster,
    parts,
  );
}

/** Ends what was begun: half a change helps nobody. Only a freeze stops it. */
async function goOn({ record, proposal }: Granted, cluster: ExecutorCluster, parts: ExecutorParts): Promise<Written> {
  const freeze = await freezeOf(cluster);
  const approver = await approverOf({ record, proposal }, cluster, parts);
  const because = freeze.status === 'frozen' ? freeze.because : 'because' in approver ? approver.because : undefined;
  if (because !== undefined) return { status: 'unknown', says: `Some of its changes were made, and not all. ${because}` };
  return changeOnce(proposal.plan, { ...cluster, as: 'as' in approver ? approver.as : undefined, hash: parts.hash });
}

/** Whether somebody who may has denied a plan, whatever was granted before. */
function wasDenied({ decisions }: PlanRecord, proposal: Proposal, { policy, verify, hash }: ExecutorParts): boolean {
  const found = ruleFor(policy, proposal.plan);
  if ('because' in found) return false;
  const digest = planDigest(proposal, hash);
  return decisions.some((sealed) => {
    const decision = unseal('decision', sealed, verify.gateway);
    return decision !== undefined && isDenial(decision, { proposal, digest, policy, rule: found.rule });
  });
}

/** Uses the grant up; false where somebody has who did not get as far as to write that down: then the gateway grants it anew. */
async function usesGrant({ record: { grant, execution }, proposal }: Granted, { store }: ExecutorParts): Promise<boolean> {
  // Whoever goes on after a crash has used it up already. What nobody asked for has none.
  if (execution !== undefined || isUnasked(proposal.plan)) return true;
  return grant !== undefined && (await store.claim(`grant.${grant.content.nonce}`, NONCE_MS)).status === 'taken';
}

/** What is no longer as it was when the plan was made, as a sentence; undefined where nothing that the plan rests on has changed. */
function whatMoved({ plan }: Proposal, { draft, dryRun }: TriedDraft): string | undefined {
  for (const object of plan.objects) {
    const called = `${object.kind} ${object.name}`;
    const now = draft.objects.find(
      ({ planned }) => planned.kind === object.kind && planned.name === object.name && planned.namespace === object.namespace,
    );
    if (now === undefined) return `${called} no longer belongs to it.`;
    if (now.planned.uid !== object.uid) return `${called} is another one now.`;
    if (now.planned.state !== object.state) return `${called} has changed since the plan was made.`;
  }
  if (draft.objects.length !== plan.objects.length) return 'it rests on other objects now.';
  if (canonicalJson(draft.changes) !== canonicalJson(plan.changes)) return 'the change would be another one now.';
  if (canonicalJson(draft.remedy) !== canonicalJson(plan.remedy)) return 'it would do something else now.';
  return dryRun === plan.dryRun ? undefined : 'the API server would make something else of it now.';
}

/** Writes down what became of it and has its effect watched. */
async function finish(
  { record, proposal, written }: Granted & { readonly written: Written },
  cluster: ExecutorCluster,
  parts: ExecutorParts,
): Promise<void> {
  const { plan } = proposal;
  if (written.status !== 'written') return end(record, written, parts);
  parts.written.set(plan.id, written);
  const digest = planDigest(proposal, parts.hash);
  await end(record, { status: 'applied', says: written.says }, parts, digest);
  const [first] = plan.objects;
  if (first)
    await cluster.writer
      .tell({
        object: { ...nameOf({ planned: first }), uid: first.uid },
        reason: 'ImagepullRemedy',
        type: 'Normal',
        message: `${plan.effect} Plan ${plan.id}.`,
      })
      .catch((cause: unknown) => parts.log.warn('no event could be written beside an object', { plan: plan.id, because: String(cause) }));
  await parts.queue.add({ kind: 'look', cluster: cluster.writer.name, planId: plan.id, delayMs: 1_000 });
}

type Ended = { readonly status: 'refused' | 'unknown' | 'applied'; readonly says: string };

/** What an earlier attempt saw before it wrote stays: pods that it led to are no earlier ones. */
function begun(record: PlanRecord, acting: Extract<Execution, { readonly status: 'acting' }>): PlanRecord {
  const { execution } = record;
  if (execution === undefined) return { ...record, execution: acting };
  return execution.status === 'acting' ? { ...record, execution: { ...acting, before: execution.before } } : record;
}

/**
 * The record once its execution has ended; one that had ended stays, but that it was applied is known better by who saw that. Who was held up while
 * another one went on does not end what that one has begun.
 */
function ended(known: PlanRecord, mine: Execution | undefined, { status, ...rest }: Ended & { readonly at: string }): PlanRecord {
  const { execution } = known;
  const [at, its] = [actingSince(mine), actingSince(execution)];
  if (status === 'applied') {
    if (execution?.status === 'applied' || execution?.status === 'unknown') return known;
    const seen = [execution, mine].find((one) => one?.status === 'acting');
    return { ...known, execution: { status, ...rest, before: seen?.status === 'acting' ? seen.before : [] } };
  }
  return execution === undefined || (its !== undefined && its === at) ? { ...known, execution: { status, ...rest } } : known;
}

function actingSince(execution: Execution | undefined): string | undefined {
  return execution?.status === 'acting' ? execution.at : undefined;
}

function refuse(record: PlanRecord, because: string, parts: ExecutorParts): Promise<void> {
  return end(record, { status: 'refused', says: `${because} Nothing was done.` }, parts);
}

async function end(record: PlanRecord, { status, says }: Ended, parts: ExecutorParts, digest?: string): Promise<void> {
  const execution = { status, says: shortened(says, 2_000), at: parts.now().toISOString() };
  const { cluster, id: planId } = record;
  // Written down first: whoever dies in between is followed by one who finds the plan as it was.
  await parts.audit.write({
    cluster,
    kind: 'execution',
    at: execution.at,
    digest,
    planId,
    what: status,
    from: 'executor',
    result: execution.says,
  });
  const { after } = await parts.store.plans.update(record.id, (known) => ended(known, record.execution, execution));
  parts.log.info('a plan was carried out or not', { plan: planId, status, says: execution.says });
  if (after.execution !== undefined) await tellEnd(after, after.execution, parts);
}

async function tellEnd(record: PlanRecord, { status }: Execution, { tell }: ExecutorParts): Promise<void> {
  if (status !== 'acting') await tell(record, { type: status === 'applied' ? 'plan-applied' : 'plan-ended', planId: record.id });
}
