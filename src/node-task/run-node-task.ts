import { z } from 'zod';
import type { CreatedObject, ObjectWriter } from '../cluster/writing/object-writer.ts';
import { asCodedError, CodedError } from '../errors.ts';
import { NodeDocument } from '../node/document.ts';
import type { Log } from '../telemetry/log.ts';
import { pause } from '../timing/pause.ts';
import { type NodePath, nodePathsFor, socketOf } from './mounts.ts';
import { absentVolumes, progressOf } from './pod-progress.ts';
import { deadlineSeconds, inputOf, inputSecret, type TaskPlace, type TaskWork, taskPod, volumeName } from './task-pod.ts';

/** What a node did, whichever task it was. */
export type TaskDocument = Exclude<NodeDocument, { readonly kind: 'failure' }>;

/** What became of a task. Nothing of it is left in the cluster, as far as the cluster can be reached. */
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
  readonly work: TaskWork;
  /** `containerRuntimeEndpoint` of the kubelet's configuration, where it could be read. */
  readonly endpoint?: string | undefined;
}

const NodeRuntime = z.object({ status: z.object({ nodeInfo: z.object({ containerRuntimeVersion: z.string() }) }) });

/** Between two looks at a pod, ms. */
const LOOK_MS = 500;
/** What is waited for longer than the kubelet's own deadline, ms. */
const SLACK_MS = 20_000;
/** The kubelet names paths that are not there as it comes to them. */
const MAX_TRIES = 6;

/** Has a node do a task by a pod of its own, and removes the pod whatever comes of it. Throws what the cluster throws where it cannot be asked. */
export async function runNodeTask(order: TaskOrder, runner: TaskRunner): Promise<TaskResult> {
  const { objects, signal } = runner;
  const node = NodeRuntime.parse(await objects.read({ kind: 'Node', name: order.node }, signal));
  const socket = socketOf(order.endpoint);
  let paths = nodePathsFor(order.work.kind, { runtime: node.status.nodeInfo.containerRuntimeVersion, socket });
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    if (!paths.some(({ type }) => type === 'Socket')) return failed(`No socket of a container runtime was found on ${order.node}.`);
    const name = attempt === 1 ? order.name : `${order.name}-${attempt}`;
    const ended = await tryOnce({ ...order, name }, { paths, socket }, runner);
    if (ended.status !== 'paths-absent') return ended;
    paths = paths.filter((_, index) => !ended.volumes.has(volumeName(index)));
  }
  return failed(`The kubelet of ${order.node} did not start the pod: too many of the paths that it is given are not there.`);
}

type Ended = TaskResult | { readonly status: 'paths-absent'; readonly volumes: ReadonlySet<string> };

async function tryOnce(
  { name, node, work }: TaskOrder,
  { paths, socket }: { readonly paths: readonly NodePath[]; readonly socket: string | undefined },
  runner: TaskRunner,
): Promise<Ended> {
  const { objects, place } = runner;
  const { namespace } = place;
  try {
    const pod = await objects.create(taskPod({ name, node, work, paths, place, socket }), { dryRun: false });
    const input = inputOf(work);
    if (input !== undefined) await objects.create(inputSecret(input, { name, namespace, uid: pod.uid }), { dryRun: false });
    return await waitFor(pod, work, runner);
  } catch (cause) {
    const { code, message } = asCodedError(cause);
    // What the API server says no to stays so.
    if (code === 'cluster/forbidden' || code === 'cluster/invalid') return failed(message);
    throw cause;
  } finally {
    await removeQuietly(name, runner);
  }
}

async function waitFor(pod: CreatedObject, work: TaskWork, runner: TaskRunner): Promise<Ended> {
  const { objects, place, now, signal } = runner;
  const name = { kind: 'Pod', namespace: place.namespace, name: pod.name } as const;
  const end = now().getTime() + deadlineSeconds(work.kind) * 1_000 + SLACK_MS;
  while (now().getTime() < end) {
    await pause(LOOK_MS, signal);
    if (signal.aborted) throw new CodedError('node/interrupted', 'It was told to end.');
    const seen = await objects.read(name, signal);
    if (seen.metadata.uid !== pod.uid || seen.metadata.deletionTimestamp) return failed('Somebody removed its pod.');
    const progress = progressOf(seen);
    switch (progress.status) {
      case 'ended':
        return readDocument(await objects.log(name, signal));
      case 'no-image':
        return { status: 'no-image', image: place.image, message: progress.message };
      case 'ended-by-kubelet':
        return failed(progress.message);
      case 'starting': {
        const volumes = absentVolumes(
          await objects.list({ kind: 'Event', namespace: place.namespace, fields: `involvedObject.uid=${pod.uid}` }, signal),
        );
        if (volumes.size > 0) return { status: 'paths-absent', volumes };
        break;
      }
      case 'running':
        break;
      default:
        return progress satisfies never;
    }
  }
  return failed('It did not end in time.');
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

/** Removes a pod of this name if there is one; what cannot be removed now is left to the sweeper. */
async function removeQuietly(name: string, { objects, place, log }: TaskRunner): Promise<void> {
  const pod = { kind: 'Pod', namespace: place.namespace, name } as const;
  try {
    const { metadata } = await objects.read(pod);
    await objects.delete(pod, { uid: metadata.uid }, { dryRun: false });
  } catch (cause) {
    const { code, message } = asCodedError(cause);
    if (code !== 'cluster/not-found') log.warn('the pod of a node task could not be removed', { pod: name, code, because: message });
  }
}

function failed(because: string): Extract<TaskResult, { readonly status: 'failed' }> {
  return { status: 'failed', because };
}
