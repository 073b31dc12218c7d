import { z } from 'zod';
import type { KubeObject, ObjectWriter } from '../cluster/writing/object-writer.ts';
import { asCodedError } from '../errors.ts';
import { NodeDocument } from '../node/document.ts';
import type { Log } from '../telemetry/log.ts';
import { type NodePath, nodePathsFor, socketOf } from './mounts.ts';
import { absentVolumes, isInputMissing, progressOf } from './pod-progress.ts';
import { deadlineSeconds, inputOf, inputSecret, OWNED, type TaskPlace, type TaskWork, taskPod } from './task-pod.ts';

/** What a node did, whichever task it was. */
export type TaskDocument = Exclude<NodeDocument, { readonly kind: 'failure' }>;

/** What became of a task. */
export type TaskResult =
  | { readonly status: 'done'; readonly document: TaskDocument }
  /** The program's own image could not be had there: evidence about the registry that it comes from. */
  | { readonly status: 'no-image'; readonly image: string; readonly message: string }
  | { readonly status: 'failed'; readonly because: string };

/** What tasks are run with. */
export interface TaskRunner {
  readonly objects: Pick<ObjectWriter, 'read' | 'list' | 'create' | 'delete' | 'log'>;
  readonly place: TaskPlace;
  readonly log: Log;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** One task on one node. */
export interface TaskOrder {
  /** Of the pod; each is used once. */
  readonly name: string;
  readonly node: string;
  readonly kind: TaskWork['kind'];
  /** All of it, a login or a plan as well; asked for only where a pod is made. */
  readonly work: () => Promise<TaskWork>;
  /** `containerRuntimeEndpoint` of the kubelet's configuration, where it could be read. */
  readonly endpoint?: () => Promise<string | undefined>;
}

const NodeRuntime = z.object({ status: z.object({ nodeInfo: z.object({ containerRuntimeVersion: z.string() }) }) });
const Volumes = z.object({
  spec: z.object({
    volumes: z.array(
      z.object({ name: z.string(), hostPath: z.object({ path: z.string(), type: z.enum(['Socket', 'File', 'Directory']) }).optional() }),
    ),
  }),
});

/** What is waited for longer than the kubelet's own deadline, ms. */
const SLACK_MS = 20_000;
/** The kubelet names paths that are not there as it comes to them. */
const MAX_TRIES = 6;

/** The pod by which a task begins. Throws what the cluster throws where the node cannot be read. */
export async function firstPod({ name, node, kind, endpoint }: TaskOrder, work: TaskWork, { objects, place, signal }: Making) {
  const { nodeInfo } = NodeRuntime.parse(await objects.read({ kind: 'Node', name: node }, signal)).status;
  const socket = socketOf(await endpoint?.());
  const paths = nodePathsFor(kind, { runtime: nodeInfo.containerRuntimeVersion, socket });
  return taskPod({ name, node, work, paths, place, socket });
}

/** Who makes pods. */
type Making = Pick<TaskRunner, 'objects' | 'place' | 'signal'>;

/** Whether a task has a pod. Throws what the cluster throws. */
export async function isBegun(order: Pick<TaskOrder, 'name'>, making: Making): Promise<boolean> {
  return (await podsOf(order, making)).length > 0;
}

/** Makes the pod of a task and what it reads. Twice is once. Throws what the cluster throws. */
export async function startTask(order: TaskOrder, runner: Making): Promise<void> {
  const work = await order.work();
  await makePod(await firstPod(order, work, runner), work, runner);
}

/** Looks once how far a task is, and does what has to be done for it to go on. Twice is once. Throws what the cluster throws. */
export async function lookAtTask(
  order: TaskOrder,
  { since, ...runner }: TaskRunner & { readonly since: Date },
): Promise<TaskResult | { readonly status: 'under-way' }> {
  const { objects, place, now, signal } = runner;
  const { namespace } = place;
  const newest = (await podsOf(order, runner)).at(-1);
  if (newest === undefined || newest.metadata.deletionTimestamp) return failed('Its pod is gone, and with it what it had found out.');
  const name = { kind: 'Pod', namespace, name: newest.metadata.name } as const;
  const progress = progressOf(newest);
  switch (progress.status) {
    case 'ended':
      return readDocument(await objects.log(name, signal));
    case 'no-image':
      return { status: 'no-image', image: place.image, message: progress.message };
    case 'ended-by-kubelet': {
      // A program that is told to end says what it has done.
      const read = progress.hasRun ? readDocument(await objects.log(name, signal)) : undefined;
      return read?.status === 'done' ? read : failed(progress.message);
    }
    case 'starting': {
      const { uid } = newest.metadata;
      const events = await objects.list({ kind: 'Event', namespace, fields: `involvedObject.uid=${uid}` }, signal);
      const absent = absentVolumes(events);
      if (absent.size > 0) return goOnWithout(absent, newest, order, runner);
      if (isInputMissing(events)) await makeInput(await order.work(), { name: name.name, uid }, runner);
      break;
    }
    case 'running':
      break;
    default:
      return progress satisfies never;
  }
  return now().getTime() < since.getTime() + deadlineSeconds(order.kind) * 1_000 + SLACK_MS
    ? { status: 'under-way' }
    : failed('It did not end in time.');
}

/** Removes all pods of a task; their Secrets go with them. What cannot be reached now is swept later. Never throws what a cluster says. */
export async function endTask(order: Pick<TaskOrder, 'name'>, runner: TaskRunner): Promise<void> {
  const { objects, log, place } = runner;
  try {
    // The order may be gone by the time that its signal says so: what it made has to go all the same.
    const pods = await podsOf(order, { objects, place });
    await Promise.all(pods.map((pod) => removePod(pod, runner)));
  } catch (cause) {
    log.warn('pods of a node task are not removed; they are swept later', { task: order.name, because: asCodedError(cause).message });
  }
}

async function removePod({ metadata: { name, namespace, uid } }: KubeObject, { objects, log }: TaskRunner): Promise<void> {
  try {
    await objects.delete({ kind: 'Pod', namespace, name }, { uid }, { dryRun: false });
  } catch (cause) {
    const { code, message } = asCodedError(cause);
    if (code !== 'cluster/not-found' && code !== 'cluster/conflict')
      log.warn('the pod of a node task is not removed; it is swept later', { pod: name, because: message });
  }
}

/** Oldest first. */
async function podsOf(
  { name }: Pick<TaskOrder, 'name'>,
  { objects, place: { namespace }, signal }: Pick<Making, 'objects' | 'place'> & Partial<Making>,
): Promise<readonly KubeObject[]> {
  const pods = await objects.list({ kind: 'Pod', namespace, labels: OWNED }, signal);
  return pods
    .filter(({ metadata }) => attemptOf(metadata.name, name) !== undefined)
    .sort((one, other) => (attemptOf(one.metadata.name, name) ?? 0) - (attemptOf(other.metadata.name, name) ?? 0));
}

/** Which of a task's pods one is: the first has the task's name, others a number behind it. */
function attemptOf(pod: string, name: string): number | undefined {
  if (pod === name) return 1;
  const [, digits] = pod.startsWith(name) ? (/^-([2-9])$/.exec(pod.slice(name.length)) ?? []) : [];
  return digits === undefined ? undefined : Number(digits);
}

/** Makes the pod anew without the paths that its node does not have. */
async function goOnWithout(
  absent: ReadonlySet<string>,
  pod: KubeObject,
  { name, node, endpoint, ...order }: TaskOrder,
  runner: TaskRunner,
): Promise<TaskResult | { readonly status: 'under-way' }> {
  const attempt = (attemptOf(pod.metadata.name, name) ?? 1) + 1;
  if (attempt > MAX_TRIES)
    return failed(`The kubelet of ${node} did not start the pod: too many of the paths that it is given are not there.`);
  const paths = Volumes.parse(pod).spec.volumes.flatMap(({ name: volume, hostPath }): readonly NodePath[] =>
    hostPath === undefined || absent.has(volume) ? [] : [hostPath],
  );
  if (!paths.some(({ type }) => type === 'Socket')) return failed(`No socket of a container runtime was found on ${node}.`);
  const work = await order.work();
  const next = taskPod({ name: `${name}-${attempt}`, node, work, paths, place: runner.place, socket: socketOf(await endpoint?.()) });
  await makePod(next, work, runner);
  await removePod(pod, runner);
  return { status: 'under-way' };
}

async function makePod(pod: ReturnType<typeof taskPod>, work: TaskWork, runner: Making): Promise<void> {
  const { objects, signal } = runner;
  const { namespace, name } = pod.metadata;
  const made = await unlessThere(() => objects.create(pod, { dryRun: false }));
  const uid = made?.uid ?? (await objects.read({ kind: 'Pod', namespace, name }, signal)).metadata.uid;
  try {
    await makeInput(work, { name, uid }, runner);
  } catch (cause) {
    // Without what it reads it would wait for its deadline. What is not known to be refused may be there.
    if (!asCodedError(cause).retryable) await objects.delete({ kind: 'Pod', namespace, name }, { uid }, { dryRun: false });
    throw cause;
  }
}

async function makeInput(
  work: TaskWork,
  pod: { readonly name: string; readonly uid: string },
  { objects, place: { namespace } }: Making,
): Promise<void> {
  const input = inputOf(work);
  if (input !== undefined) await unlessThere(() => objects.create(inputSecret(input, { ...pod, namespace }), { dryRun: false }));
}

/** Undefined where there is one of that name already, from an earlier attempt. */
async function unlessThere<T>(make: () => Promise<T>): Promise<T | undefined> {
  try {
    return await make();
  } catch (cause) {
    if (asCodedError(cause).code === 'cluster/conflict') return undefined;
    throw cause;
  }
}

/** The document is the one line that is JSON; what is for people is between. */
function readDocument(log: string): TaskResult {
  const line = log.split('\n').findLast((one) => one.startsWith('{'));
  const read = NodeDocument.safeParse(line === undefined ? undefined : jsonOf(line));
  if (!read.success) return failed('What its program printed is no document of a task.');
  const { data: document } = read;
  return document.kind === 'failure' ? failed(document.error.message) : { status: 'done', document };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The schema refuses undefined, and the caller says so.
    return undefined;
  }
}

function failed(because: string): Extract<TaskResult, { readonly status: 'failed' }> {
  return { status: 'failed', because };
}
