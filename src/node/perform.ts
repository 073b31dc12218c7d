import { pause } from '../timing/pause.ts';
import type { ContainerRuntime } from './cri/runtime.ts';
import { openRuntime } from './cri/sockets.ts';
import { ImagesDocument, type NodeDocument, ProbeDocument, PruneDocument, PullDocument } from './document.ts';
import { createHost, type Host } from './host.ts';
import { listImages } from './images.ts';
import { readLogin } from './login.ts';
import { probe } from './probe/probe.ts';
import { prune } from './prune/prune.ts';
import { readPlan } from './prune/read-plan.ts';
import { pullImage } from './pull.ts';
import { checkRegistryAddress } from './reachable.ts';
import type { NodeTask } from './task.ts';

/** The node below a task: its container runtime by the socket that was named, and its files below a folder. */
export interface Below {
  readonly openRuntime: (socket: string | undefined) => Promise<ContainerRuntime>;
  readonly hostAt: (root: string) => Host;
}

/** The machine that this program runs on. */
export const THIS_MACHINE: Below = { openRuntime, hostAt: createHost };

/** What a task works with. */
export interface TaskParts {
  readonly now: () => Date;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  readonly below: Below;
}

/** What a task prints where it could be done. */
export type TaskDocument = Exclude<NodeDocument, { readonly kind: 'failure' }>;

/** Performs one task on this node. Throws CodedErrors where it cannot be done at all. */
export async function performTask(task: NodeTask, parts: TaskParts): Promise<TaskDocument> {
  switch (task.kind) {
    case 'probe':
      return probed(task, parts);
    case 'images':
      return withRuntime(task, parts, async (runtime, host, head) =>
        ImagesDocument.parse({ ...head, kind: task.kind, ...(await listImages(runtime, host)) }),
      );
    case 'pull':
      return pulled(task, parts);
    case 'prune':
      return pruned(task, parts);
    default:
      return task satisfies never;
  }
}

type Task<Kind extends NodeTask['kind']> = Extract<NodeTask, { readonly kind: Kind }>;

/** A probe finds something also where no runtime answers. */
async function probed({ kind, image, socket, hostRoot, allowLoopback, timeoutMs }: Task<'probe'>, { now, signal, below }: TaskParts) {
  const host = below.hostAt(hostRoot);
  const found = await probe(image, { openRuntime: () => below.openRuntime(socket), host, allowLoopback, timeoutMs, now, signal });
  return ProbeDocument.parse({ schemaVersion: 1, at: now().toISOString(), kind, ...found });
}

async function pulled(task: Task<'pull'>, parts: TaskParts): Promise<PullDocument> {
  const { kind, image, keep, timeoutMs } = task;
  // What a person wrote wrong is found before the runtime is asked.
  const credential = await readLogin(task.login, parts.stdin);
  await checkRegistryAddress(image, task.allowLoopback);
  return withRuntime(task, parts, async (runtime, _, head) =>
    PullDocument.parse({ ...head, kind, ...(await pullImage(runtime, image, { credential, timeoutMs, keep, signal: parts.signal })) }),
  );
}

async function pruned(task: Task<'prune'>, parts: TaskParts): Promise<PruneDocument> {
  const plan = readPlan(task.plan);
  return withRuntime(task, parts, async (runtime, host, head) => {
    const { images, ...rest } = await prune(plan, { runtime, host, now: parts.now, pause, signal: parts.signal });
    const told = images.map(({ planned: { id, tags, bytes }, outcome }) => ({ id, tags, bytes, outcome }));
    return PruneDocument.parse({ ...head, kind: task.kind, ...rest, images: told });
  });
}

/** Does something with the runtime, and closes it whatever comes of that. `head` is how every document begins. */
async function withRuntime<T>(
  { socket, hostRoot }: Pick<NodeTask, 'socket' | 'hostRoot'>,
  { now, below }: TaskParts,
  work: (runtime: ContainerRuntime, host: Host, head: Head) => Promise<T>,
): Promise<T> {
  const runtime = await below.openRuntime(socket);
  try {
    const head = { schemaVersion: 1 as const, at: now().toISOString(), runtime: { ...(await runtime.version()), socket: runtime.socket } };
    return await work(runtime, below.hostAt(hostRoot), head);
  } finally {
    runtime.close();
  }
}

type Head = Pick<ImagesDocument, 'schemaVersion' | 'at' | 'runtime'>;
