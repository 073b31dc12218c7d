import type { Change, Plan } from '../approval/plan.ts';
import type { Impersonation } from '../cluster/kubeconfig.ts';
import type { KubeObject, ObjectName } from '../cluster/writing/object-writer.ts';
import { asCodedError, CodedError } from '../errors.ts';
import { isBegun, startTask } from '../node-task/task-steps.ts';
import { drafted } from '../remedies/draft.ts';
import { changeLines, PLAN_MARK, tiedPatch } from '../remedies/dry-run-diff.ts';
import type { Hash } from '../signing/signing.ts';
import { nameOf, subjectOf } from './draft-plan.ts';
import type { ExecutorCluster } from './executor-parts.ts';
import { makingOf, type NodeTaskCluster, taskOrder } from './node-tasks.ts';

/** A cluster, and in whose name it is changed; absent: the executor's own. */
interface Writing extends NodeTaskCluster {
  readonly as?: Impersonation | undefined;
  readonly hash: Hash;
}

/** What became of a plan's writes. */
export type Written =
  | { readonly status: 'written'; readonly says: string }
  /** Nothing was done. */
  | { readonly status: 'refused'; readonly says: string }
  | { readonly status: 'unknown'; readonly says: string };

/** What leaves open whether a write was done. */
const UNANSWERED: ReadonlySet<string> = new Set(['cluster/outcome-unknown', 'cluster/unavailable', 'cluster/unreachable']);
/** What is answered where somebody else was there first. */
const OVERTAKEN: ReadonlySet<string> = new Set(['cluster/conflict', 'cluster/not-found']);
/** Status may move between the read and the write of an object that many write; then it is read again, so often. */
const TRIES = 4;

/**
 * Makes those changes of a plan that are not there yet. Each object is read just before, has to be as it was when the plan was made, and the write
 * is tied to that very version: if anybody else writes first, an earlier attempt of this plan among them, the API server refuses. Throws where
 * nobody answered and nothing is to be seen of the change: who tries again sees.
 */
export async function changeOnce(plan: Plan, writing: Writing): Promise<Written> {
  const said: string[] = [];
  for (const [index, change] of plan.changes.entries()) {
    try {
      said.push(await makeChange(change, plan, writing));
    } catch (cause) {
      const { code, message } = asCodedError(cause);
      // Who came first may have been another attempt of this very plan.
      const isOpen = UNANSWERED.has(code) || OVERTAKEN.has(code);
      if (isOpen && (await isDone(change, plan, writing))) said.push('The change is there.');
      else if (index > 0) return { status: 'unknown', says: `${index} of ${plan.changes.length} changes were made. ${message}` };
      else if (!UNANSWERED.has(code)) return { status: 'refused', says: `${message} Nothing was done.` };
      else throw new CodedError('cluster/outcome-unknown', message, { retryable: true, cause });
    }
  }
  return { status: 'written', says: said.join(' ') };
}

async function makeChange(change: Change, plan: Plan, writing: Writing): Promise<string> {
  const planned = subjectOf(change, plan.objects);
  const name = nameOf({ planned });
  for (let attempt = 1; ; attempt++) {
    const object = await readOrGone(name, writing);
    if (await isThere(change, plan, object, writing)) return 'The change is there.';
    const { state, uid } = object === undefined ? { state: '', uid: '' } : drafted(name.kind, object, writing.hash).planned;
    if (object === undefined || uid !== planned.uid || state !== planned.state)
      throw new CodedError('cluster/conflict', `${name.kind} ${name.name} has changed since the plan was made.`);
    try {
      return await write(change, { name, object, plan }, writing);
    } catch (cause) {
      if (asCodedError(cause).code !== 'cluster/conflict' || attempt === TRIES) throw cause;
    }
  }
}

async function write(
  change: Change,
  { name, object, plan }: { readonly name: ObjectName; readonly object: KubeObject; readonly plan: Plan },
  writing: Writing,
): Promise<string> {
  const { writer, as } = writing;
  const { uid, resourceVersion } = object.metadata;
  if (change.verb === 'create') {
    const order = taskOrder(change, { planId: plan.id, node: name.name }, writing, writing.hash);
    await startTask(order, makingOf(writing));
    return `Pod ${order.name} was made on ${name.name}.`;
  }
  if (change.verb === 'delete') {
    await writer.delete(name, { uid, resourceVersion }, { dryRun: false, as });
    return `${name.kind} ${name.name} was deleted.`;
  }
  const after = await writer.patch(name, tiedPatch(change.patch, { planId: plan.id, resourceVersion }), { dryRun: false, as });
  const differs = changeLines(object, after).some((line) => !plan.dryRun.includes(line));
  return `${name.kind} ${name.name} was changed${differs ? ', and not as the dry run said: look at it' : ''}.`;
}

/** How many of a plan's changes are there: on objects that bear its mark, or that are gone. Throws what the cluster throws. */
export async function changesThere(plan: Plan, writing: Omit<Writing, 'as'>): Promise<'none' | 'some' | 'all'> {
  const seen = await Promise.all(plan.changes.map((change) => isDone(change, plan, writing)));
  return seen.every(Boolean) ? 'all' : seen.some(Boolean) ? 'some' : 'none';
}

async function isDone(change: Change, plan: Plan, writing: Omit<Writing, 'as'>): Promise<boolean> {
  return isThere(change, plan, await readOrGone(nameOf({ planned: subjectOf(change, plan.objects) }), writing), writing);
}

async function isThere(change: Change, plan: Plan, object: KubeObject | undefined, writing: Omit<Writing, 'as'>): Promise<boolean> {
  const { uid, name } = subjectOf(change, plan.objects);
  if (change.verb === 'create') {
    const order = taskOrder(change, { planId: plan.id, node: name }, writing, writing.hash);
    return isBegun(order, makingOf(writing));
  }
  if (change.verb === 'delete') return object === undefined || object.metadata.uid !== uid || Boolean(object.metadata.deletionTimestamp);
  return object?.metadata.uid === uid && object.metadata.annotations?.[PLAN_MARK] === plan.id;
}

async function readOrGone(name: ObjectName, { writer }: Pick<ExecutorCluster, 'writer'>): Promise<KubeObject | undefined> {
  try {
    return await writer.read(name);
  } catch (cause) {
    if (asCodedError(cause).code === 'cluster/not-found') return undefined;
    throw cause;
  }
}
