import type { Listing } from '../approval/node-work.ts';
import type { Change, Plan } from '../approval/plan.ts';
import type { Remedy } from '../approval/remedy.ts';
import { unseal } from '../approval/sealed.ts';
import { OBJECT_KINDS, type ObjectKind, type ObjectName } from '../cluster/writing/object-writer.ts';
import { asCodedError, CodedError } from '../errors.ts';
import { inputOf, inputSecret } from '../node-task/task-pod.ts';
import { firstPod } from '../node-task/task-steps.ts';
import type { Draft, DraftedObject, RefusedDraft } from '../remedies/draft.ts';
import { refused } from '../remedies/draft.ts';
import { changeLines, tiedPatch } from '../remedies/dry-run-diff.ts';
import { draftOf } from '../remedies/index.ts';
import type { Hash } from '../signing/signing.ts';
import { plansOf } from '../store/kinds.ts';
import { byteWords, list } from '../text/wording.ts';
import type { ExecutorCluster, ExecutorParts } from './executor-parts.ts';
import { makingOf, type TaskChange, taskOrder } from './node-tasks.ts';
import { provePull } from './prove-pull.ts';

/** A draft with what the API server says to it. */
export interface TriedDraft {
  readonly status: 'tried';
  readonly draft: Draft;
  /** The answer of the dry run, as lines. */
  readonly dryRun: string;
}

/** What a draft is made for. */
export interface DraftFor {
  readonly planId: string;
  readonly remedy: Remedy;
  readonly target: { readonly namespace: string; readonly pod: string };
  readonly askedAt: string;
}

type DraftParts = Pick<ExecutorParts, 'hash' | 'store' | 'verify'>;

/** So many of a cluster's plans are looked through. */
const MAX_PLANS = 200;

/** Plans of a cluster that were seen to help, as executors signed them. */
async function workedBefore({ writer }: ExecutorCluster, { store, verify }: DraftParts): Promise<readonly Plan[]> {
  const { records } = await store.plans.list({ index: plansOf(writer.name), limit: MAX_PLANS });
  return records.flatMap(({ effect, proposal }) => {
    const read = effect?.status === 'worked' ? unseal('proposal', proposal, verify.executor) : undefined;
    return read === undefined ? [] : [read.plan];
  });
}

/** Status may move between the read and the dry run of an object that many write; then all is drafted anew, so often. */
const TRIES = 4;

/** Drafts a remedy with the cluster as it is and lets the API server go through it without storing anything. Throws what may pass by itself. */
export async function draftAndTry(wanted: DraftFor, cluster: ExecutorCluster, parts: DraftParts): Promise<TriedDraft | RefusedDraft> {
  for (let attempt = 1; ; attempt++)
    try {
      return await draftOnce(wanted, cluster, parts);
    } catch (cause) {
      const { code, retryable, message } = asCodedError(cause);
      if (code === 'cluster/conflict' && attempt < TRIES) continue;
      if (retryable) throw cause;
      return refused(message);
    }
}

async function draftOnce(wanted: DraftFor, cluster: ExecutorCluster, parts: DraftParts): Promise<TriedDraft | RefusedDraft> {
  const context = {
    ...wanted,
    objects: cluster.writer,
    hash: parts.hash,
    workedBefore: () => workedBefore(cluster, parts),
    provePull: (question: Parameters<typeof provePull>[0]) => provePull(question, cluster),
    listing: (planId: string) => listingOf(planId, parts),
    answers: (host: string) => answers(host, cluster),
    nodeTasks: cluster.nodeTasks,
  };
  const drafted = await draftOf(wanted.remedy, context);
  if (drafted.status === 'refused') return drafted;
  const { draft } = drafted;
  const lines: string[] = [];
  for (const change of draft.changes) lines.push(...(await tryChange(change, draft, { planId: wanted.planId, cluster, hash: parts.hash })));
  return { status: 'tried', draft, dryRun: lines.join('\n') };
}

async function tryChange(
  change: Change,
  { objects }: Draft,
  { planId, cluster, hash }: { readonly planId: string; readonly cluster: ExecutorCluster; readonly hash: Hash },
): Promise<readonly string[]> {
  const { writer } = cluster;
  const subject = subjectOf(change, objects);
  const name = nameOf(subject);
  const called = `${name.kind} ${name.namespace === undefined ? '' : `${name.namespace}/`}${name.name}`;
  const { uid, resourceVersion } = subject.planned;
  if (change.verb === 'delete') {
    await writer.delete(name, { uid }, { dryRun: true });
    return [`${called} is deleted`];
  }
  if (change.verb === 'create') return tryTask(change, { planId, node: name.name }, cluster, hash);
  const after = await writer.patch(name, tiedPatch(change.patch, { planId, resourceVersion }), { dryRun: true });
  return [called, ...changeLines(subject.object, after)];
}

/** Has the API server and its policies look at the pod of a task. */
async function tryTask(
  change: TaskChange,
  of: { readonly planId: string; readonly node: string },
  cluster: ExecutorCluster,
  hash: Hash,
): Promise<readonly string[]> {
  const making = makingOf(cluster);
  const { place } = making;
  const order = taskOrder(change, of, cluster, hash);
  const work = await order.work();
  const pod = await firstPod(order, work, making);
  await cluster.writer.create(pod, { dryRun: true });
  const input = inputOf(work);
  const owner = { name: order.name, namespace: place.namespace, uid: TRIED_UID };
  if (input !== undefined) await cluster.writer.create(inputSecret(input, owner), { dryRun: true });
  return [`Pod ${place.namespace}/${order.name} is made on ${of.node}, of ${place.image}`, ...taskLines(change.work)];
}

/** Of a pod that is not there: nothing is kept of a dry run. */
const TRIED_UID = '00000000-0000-0000-0000-000000000000';

function taskLines(work: TaskChange['work']): readonly string[] {
  if (work.kind !== 'prune') return [];
  return work.plan.images.map(
    ({ id, tags, digests, bytes, because }) =>
      `- ${id} (${byteWords(bytes)}): ${list([...tags, ...digests]) || 'without a name'}; ${because}`,
  );
}

/** What a plan of this cluster found on a node, as an executor signed it. */
async function listingOf(planId: string, { store, verify }: DraftParts): Promise<Listing | undefined> {
  try {
    const listing = unseal('listing', (await store.plans.read(planId)).listing, verify.executor);
    return listing?.planId === planId ? listing : undefined;
  } catch (cause) {
    if (asCodedError(cause).code === 'store/not-found') return undefined;
    throw cause;
  }
}

/** How long a registry may take to answer, ms. */
const PING_MS = 5_000;

async function answers(host: string, { sources }: ExecutorCluster): Promise<boolean> {
  const ping = await sources.registry.ping(host, AbortSignal.timeout(PING_MS));
  // Something in front of a registry answers as well while that is down.
  return ping.status === 'answers' && ping.isRegistry && ping.httpStatus < 500;
}

/** The object that a change is about. */
export function subjectOf<T>(change: Change, objects: readonly T[]): T {
  const object = objects[change.object];
  if (object === undefined) throw new CodedError('plan/not-signed', 'A change names an object that the plan does not have.');
  return object;
}

/** The names that the API server has for an object of a plan. */
export function nameOf({ planned: { kind, namespace, name } }: Pick<DraftedObject, 'planned'>): ObjectName {
  if (!isKind(kind)) throw new CodedError('plan/not-signed', `A plan names a ${kind}, which no remedy changes.`);
  return { kind, namespace, name };
}

function isKind(kind: string): kind is ObjectKind {
  return Object.hasOwn(OBJECT_KINDS, kind);
}
