import { z } from 'zod';
import type { KubeObject } from '../cluster/writing/object-writer.ts';

const State = z.object({
  waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  terminated: z.object({ exitCode: z.number(), reason: z.string().optional() }).optional(),
});
const TaskPod = z.object({
  status: z
    .object({
      phase: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      containerStatuses: z.array(z.object({ state: State.optional() })).optional(),
    })
    .optional(),
});

/** How far the pod of a task is. */
export type Progress =
  | { readonly status: 'starting' }
  | { readonly status: 'running' }
  /** The program has ended, and its log can be read. */
  | { readonly status: 'ended' }
  /** The program's own image could not be had; what the kubelet says. */
  | { readonly status: 'no-image'; readonly message: string }
  /** The kubelet ended or refused it; in its words. */
  | { readonly status: 'ended-by-kubelet'; readonly message: string; readonly hasRun: boolean };

/** Waiting that does not end by itself soon. `ErrImagePull` is the first failure, and enough: a task is not worth a second try. */
const IMAGE_REASONS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
]);
/** Waiting with an error of another kind. */
const START_REASONS: ReadonlySet<string> = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);

/** Reads how far a pod is from its status. */
export function progressOf(pod: KubeObject): Progress {
  const { status } = TaskPod.parse(pod);
  const { waiting, terminated } = status?.containerStatuses?.[0]?.state ?? {};
  if (status?.reason !== undefined && status.phase === 'Failed')
    return {
      status: 'ended-by-kubelet',
      message: `${status.reason}: ${status.message ?? 'no reason is given'}`,
      hasRun: terminated !== undefined,
    };
  if (terminated?.reason === 'OOMKilled')
    return { status: 'ended-by-kubelet', message: 'OOMKilled: it needed more memory than it may have', hasRun: true };
  if (terminated) return { status: 'ended' };
  const reason = waiting?.reason ?? '';
  if (IMAGE_REASONS.has(reason)) return { status: 'no-image', message: waiting?.message ?? reason };
  if (START_REASONS.has(reason))
    return { status: 'ended-by-kubelet', message: `${reason}: ${waiting?.message ?? 'no reason is given'}`, hasRun: false };
  return { status: status?.phase === 'Running' ? 'running' : 'starting' };
}

const FailedMount = z.object({ reason: z.literal('FailedMount'), message: z.string() });

/** The volumes whose path is not on the node, or is something else there, from the events of a pod. */
export function absentVolumes(events: readonly KubeObject[]): ReadonlySet<string> {
  const messages = events.flatMap((event) => FailedMount.safeParse(event).data?.message ?? []);
  return new Set(
    messages.flatMap(
      (message) => /MountVolume\.SetUp failed for volume "([^"]{1,63})" : hostPath type check failed/.exec(message)?.[1] ?? [],
    ),
  );
}

/** Whether a pod waits for the Secret that it reads: whoever made the pod may have ended before that. */
export function isInputMissing(events: readonly KubeObject[]): boolean {
  return events.some((event) => {
    const message = FailedMount.safeParse(event).data?.message ?? '';
    return message.startsWith('MountVolume.SetUp failed for volume "input" : secret ') && message.endsWith(' not found');
  });
}
