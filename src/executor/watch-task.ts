import type { NodeWork } from '../approval/node-work.ts';
import type { Plan } from '../approval/plan.ts';
import type { Effect, Execution, PlanRecord } from '../approval/plan-record.ts';
import { seal, unseal } from '../approval/sealed.ts';
import type { Finding } from '../diagnosis/finding.ts';
import { probeFindings } from '../diagnosis/node-task/probe-findings.ts';
import { pullFindings } from '../diagnosis/node-task/pull-findings.ts';
import { asCodedError } from '../errors.ts';
import type { ImagesDocument, PruneDocument } from '../node/document.ts';
import { endTask, lookAtTask, type TaskDocument, type TaskResult } from '../node-task/task-steps.ts';
import { hasDiskPressure, podFields, pullState } from '../remedies/object-shape.ts';
import { byteWords, count, duration, list, shortened } from '../text/wording.ts';
import type { ExecutorCluster, ExecutorParts } from './executor-parts.ts';
import { settingsOf, TASK_LOOK_MS, taskOf, taskOrder } from './node-tasks.ts';

/** What a look at a task came to. */
export interface SeenOfTask {
  readonly effect: Effect;
  /** What goes into the plan's record besides. */
  readonly more?: Pick<PlanRecord, 'found' | 'listing'>;
  /** To be called once all is written down. */
  readonly end?: () => Promise<void>;
}

type Applied = Extract<Execution, { readonly status: 'applied' }>;

/** A plan of a node's task that was begun. */
export interface BegunTask {
  readonly record: PlanRecord;
  readonly plan: Plan;
  readonly execution: Applied;
  readonly at: Date;
}

/** After so long what was not seen by then is said, ms: a kubelet takes back DiskPressure after five minutes. */
const GIVE_UP_MS = 30 * 60_000;
/** More images than these are not listed, nor pruned. */
const MAX_LISTED = 300;
const MAX_NAMED = 3;
const MAX_REMOVED = 10;

/** Looks once how far a task is. Throws what may pass by itself. */
export async function lookAtPlanTask(begun: BegunTask, cluster: ExecutorCluster, parts: ExecutorParts): Promise<SeenOfTask> {
  const { record, plan, execution, at } = begun;
  const task = taskOf(plan);
  if (task === undefined) return { effect: effectOf(at, 'failed', 'The plan has no task.') };
  const pruned = record.effect?.says ?? '';
  if (pruned !== '') return { effect: await effectOfPruning(begun, pruned, { cluster, verify: parts.verify.gateway }) };
  const { place } = settingsOf(cluster);
  const runner = { objects: cluster.writer, place, log: parts.log, now: parts.now, signal: AbortSignal.timeout(TASK_LOOK_MS) };
  const order = taskOrder(task.change, task, cluster, parts.hash);
  const state = await lookAtTask(order, { ...runner, since: new Date(execution.at) }).catch(refusal);
  if (state.status === 'under-way') return { effect: effectOf(at, 'watching', '') };
  const end = () => endTask(order, runner);
  if (state.status !== 'done') return { effect: effectOf(at, 'failed', shortened(whyNot(state, task), 2_000)), end };
  return { ...seenIn(state.document, begun, task, parts), end };
}

/** What the cluster says no to stays so; what may pass is looked at again. */
function refusal(cause: unknown): TaskResult {
  const { retryable, fault, message } = asCodedError(cause);
  if (retryable || fault === 'bug') throw cause;
  return { status: 'failed', because: message };
}

function effectOf(at: Date, status: Effect['status'], says: string): Effect {
  return { status, at: at.toISOString(), pods: 0, pulled: 0, says };
}

type Task = NonNullable<ReturnType<typeof taskOf>>;

function whyNot(result: Exclude<TaskResult, { readonly status: 'done' }>, { node, change: { work } }: Task): string {
  if (result.status === 'failed')
    return work.kind === 'prune'
      ? `What ${node} has removed is not known: ${result.because}`
      : `Nothing was found out on ${node}: ${result.because}`;
  return isWithoutPull(work)
    ? `${node} does not hold ${result.image}, the program's own image, and for this it must not be pulled there: nodeTasks.prePull of the chart keeps it on every node.`
    : `${node} could not pull ${result.image} either, the program's own image: ${result.message}`;
}

/** What is done where a disk may be full never pulls. */
function isWithoutPull({ kind }: NodeWork): boolean {
  return kind === 'images' || kind === 'prune';
}

function seenIn(
  document: TaskDocument,
  { plan, at }: BegunTask,
  { node, planId, change: { work } }: Task,
  { sign, classify }: Pick<ExecutorParts, 'sign' | 'classify'>,
): Omit<SeenOfTask, 'end'> {
  const subject = { node, container: 'container' in work ? work.container : '' };
  switch (document.kind) {
    case 'probe': {
      const found = probeFindings(document, subject);
      return {
        effect: effectOf(at, 'worked', wordsOf(found, `${node} was looked at, and nothing there stands out.`)),
        more: foundOn(node, found),
      };
    }
    case 'pull': {
      const found = pullFindings(document, subject, classify);
      return { effect: effectOf(at, 'worked', wordsOf(found, `${node} has tried the pull.`)), more: foundOn(node, found) };
    }
    case 'images': {
      const uid = plan.objects[0]?.uid ?? '';
      const kept = unusedOf(document);
      const listing = seal('listing', { planId, node: { name: node, uid }, document: kept }, sign);
      return { effect: effectOf(at, 'worked', listingWords(kept, node)), more: { listing } };
    }
    case 'prune':
      return { effect: pruningEffect(document, node, at) };
    default:
      return document satisfies never;
  }
}

function foundOn(node: string, findings: readonly Finding[]): Pick<PlanRecord, 'found'> {
  return { found: { node, findings: [...findings] } };
}

function wordsOf(found: readonly Finding[], otherwise: string): string {
  return found.length === 0
    ? otherwise
    : shortened(
        found
          .slice(0, 2)
          .map(({ says }) => says)
          .join(' '),
        2_000,
      );
}

/** The listing as far as a pruning may choose from it: what nothing uses, the largest first. */
function unusedOf(document: ImagesDocument): ImagesDocument {
  const unused = document.images.filter(({ usedBy, pinned, sandbox }) => usedBy.length === 0 && !pinned && !sandbox);
  return { ...document, images: unused.sort((one, other) => other.bytes - one.bytes).slice(0, MAX_LISTED) };
}

function listingWords({ images, unresolved, filesystems }: ImagesDocument, node: string): string {
  const bytes = images.reduce((sum, image) => sum + image.bytes, 0);
  const room = filesystems.find(({ of, room: measured }) => of === 'images' && measured !== undefined)?.room;
  const free = room === undefined ? '' : ` ${byteWords(room.freeBytes)} of ${byteWords(room.totalBytes)} are free.`;
  if (unresolved.length > 0)
    return `The image of ${count(unresolved.length, 'container')} of ${node} cannot be told, so none may be pruned.${free}`;
  return images.length === 0
    ? `No container leaves an image of ${node} unused.${free}`
    : `${count(images.length, 'image')} of ${node} with ${byteWords(bytes)} ${images.length === 1 ? 'is' : 'are'} used by no container.${free}`;
}

/** What became of the images of a plan, each kind by itself: what was not seen is not told as done. */
function pruningEffect({ images, ended, freeBytes }: PruneDocument, node: string, at: Date): Effect {
  const of = (status: (typeof images)[number]['outcome']['status']) => images.filter(({ outcome }) => outcome.status === status);
  const [removed, absent, unknown] = [of('removed').length, of('absent').length, of('unknown').length];
  const free = freeBytes === undefined ? 'What became free cannot be measured there.' : `${byteWords(freeBytes.after)} are free.`;
  if (removed === 0 && ended.status === 'goal-reached')
    return effectOf(
      at,
      'watching',
      `${byteWords(freeBytes?.after ?? 0)} are free on ${node} by now, which is enough: no image was removed.`,
    );
  const kept = images.flatMap(({ id, tags, outcome }) =>
    outcome.status === 'kept' ? [`${tags[0] ?? shortId(id)}: ${outcome.because}`] : [],
  );
  const gained = freeBytes === undefined ? 0 : freeBytes.after - freeBytes.before;
  const words = [
    `${removed} of ${count(images.length, 'image')} ${images.length === 1 ? 'was' : 'were'} removed from ${node}${removed === 0 ? '' : `: ${named(of('removed'))}`}.`,
    ...(absent === 0 ? [] : [`${absent} ${absent === 1 ? 'was' : 'were'} gone by then.`]),
    ...(unknown === 0 ? [] : [`Of ${unknown} it is not known.`]),
    removed > 0 && gained > 0 ? `${free.slice(0, -1)}, ${byteWords(gained)} more than before.` : free,
    ...(ended.status === 'done' || ended.status === 'goal-reached' ? [] : [`It stopped: ${ended.because ?? ended.status}`]),
    ...(kept.length === 0
      ? []
      : [`Kept: ${kept.slice(0, MAX_NAMED).join('; ')}${kept.length > MAX_NAMED ? `; and ${kept.length - MAX_NAMED} more` : ''}.`]),
  ];
  return effectOf(at, removed + absent + unknown === 0 ? 'failed' : 'watching', shortened(words.join(' '), 1_800));
}

function named(images: PruneDocument['images']): string {
  const names = images.slice(0, MAX_REMOVED).map(({ id, tags }) => tags[0] ?? shortId(id));
  return `${names.join(', ')}${images.length > MAX_REMOVED ? ` and ${images.length - MAX_REMOVED} more of the plan` : ''}`;
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

/** Whether the node has room again, and the pod that waited has its images. */
async function effectOfPruning(
  { record, execution, at }: BegunTask,
  pruned: string,
  { cluster, verify }: { readonly cluster: ExecutorCluster; readonly verify: ExecutorParts['verify']['gateway'] },
): Promise<Effect> {
  const wish = unseal('wish', record.wish, verify);
  if (wish === undefined || wish.remedy.id !== 'prune-images') return effectOf(at, 'failed', pruned);
  const { node } = wish.remedy;
  const { namespace, pod } = wish.target;
  const [pressure, waiting] = await Promise.all([
    cluster.writer.read({ kind: 'Node', name: node }).then(hasDiskPressure),
    readOrGone(cluster, { namespace, pod }),
  ]);
  const isThere = waiting !== undefined;
  const isPulled = waiting === 'pulled';
  const counts = isThere ? { pods: 1, pulled: isPulled ? 1 : 0 } : { pods: 0, pulled: 0 };
  if (!pressure && isPulled) return { ...effectOf(at, 'worked', pruned), ...counts };
  if (!pressure && !isThere) return effectOf(at, 'worked', `${pruned} Pod ${namespace}/${pod} is gone, so its pull was not seen.`);
  const elapsed = Math.max(0, at.getTime() - Date.parse(execution.at));
  if (elapsed < GIVE_UP_MS) return { ...effectOf(at, 'watching', pruned), ...counts };
  const still = [
    ...(pressure ? [`${node} still reports DiskPressure`] : []),
    ...(isThere && !isPulled ? [`pod ${namespace}/${pod} still has not all of its images`] : []),
  ];
  return { ...effectOf(at, 'failed', `${pruned} After ${duration(elapsed)} ${list(still)}.`), ...counts };
}

/** How far the waiting pod is; undefined where it is gone, as a full node evicts pods. */
async function readOrGone(
  { writer }: ExecutorCluster,
  { namespace, pod: name }: { readonly namespace: string; readonly pod: string },
): Promise<ReturnType<typeof pullState> | undefined> {
  try {
    const pod = await writer.read({ kind: 'Pod', namespace, name });
    const fields = podFields(pod);
    return pod.metadata.deletionTimestamp || fields.status?.phase === 'Failed' ? undefined : pullState(fields);
  } catch (cause) {
    if (asCodedError(cause).code === 'cluster/not-found') return undefined;
    throw cause;
  }
}
