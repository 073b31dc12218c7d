import { CodedError } from '../errors.ts';
import { pause } from '../timing/pause.ts';
import type { ContainerRuntime } from './cri/runtime.ts';
import { openRuntime } from './cri/sockets.ts';
import { ImagesDocument, PruneDocument, PullDocument } from './document.ts';
import { createHost } from './host.ts';
import { listImages } from './images.ts';
import { readLogin } from './login.ts';
import { prune } from './prune/prune.ts';
import { readPlan } from './prune/read-plan.ts';
import { pullImage } from './pull.ts';
import { checkRegistryAddress } from './reachable.ts';
import type { NodeTask } from './task.ts';

/** What a task works with besides the node. */
export interface TaskParts {
  readonly now: () => Date;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/** What a task prints where it could be done. */
export type NodeDocument = ImagesDocument | PullDocument | PruneDocument;

/** Performs one task on this node. Throws CodedErrors where it cannot be done at all. */
export async function performTask(task: NodeTask, parts: TaskParts): Promise<NodeDocument> {
  // What a person wrote wrong is found before the runtime is asked.
  const plan = task.kind === 'prune' ? readPlan(task.plan) : undefined;
  const credential = await readLogin(task.kind === 'pull' ? task.login : undefined, parts.stdin);
  if (task.kind === 'pull') await checkRegistryAddress(task.image, task.allowLoopback);
  const runtime = await openRuntime(task.socket);
  try {
    const host = createHost(task.hostRoot);
    const head = {
      schemaVersion: 1 as const,
      at: parts.now().toISOString(),
      runtime: { ...(await runtime.version()), socket: runtime.socket },
    };
    switch (task.kind) {
      case 'images':
        return ImagesDocument.parse({ ...head, kind: task.kind, ...(await listImages(runtime, host)) });
      case 'pull': {
        const { keep, timeoutMs, image } = task;
        return PullDocument.parse({
          ...head,
          kind: task.kind,
          ...(await pullImage(runtime, image, { credential, timeoutMs, keep, signal: parts.signal })),
        });
      }
      case 'prune':
        return PruneDocument.parse({ ...head, kind: task.kind, ...(await pruned(runtime)) });
      default:
        return task satisfies never;
    }
  } finally {
    runtime.close();
  }

  async function pruned(runtime: ContainerRuntime) {
    if (!plan) throw new CodedError('node/plan', 'There is no plan.');
    const host = createHost(task.hostRoot);
    const { images, ...rest } = await prune(plan, { runtime, host, now: parts.now, pause, signal: parts.signal });
    return { ...rest, images: images.map(({ planned: { id, tags, bytes }, outcome }) => ({ id, tags, bytes, outcome })) };
  }
}
