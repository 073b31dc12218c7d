import type { Pod, PodContainerStatus } from './kubernetes/kubernetes-object.ts';

/** Characters kept of a message: of its beginning, which has the image and the operation, and of its end, which has the error. */
const KEPT = { beginning: 1_536, end: 512 } as const;

/**
 * A pod of a list with messages of at most about 2,000 characters. Lists hold thousands of pods, and whoever may make a pod
 * can make its messages as long as the API server takes.
 */
export function withShortMessages(pod: Pod): Pod {
  const { status } = pod;
  return {
    ...pod,
    status: {
      ...status,
      message: short(status.message),
      conditions: status.conditions?.map((condition) => ({ ...condition, message: short(condition.message) })),
      initContainerStatuses: status.initContainerStatuses?.map(withShortMessage),
      containerStatuses: status.containerStatuses?.map(withShortMessage),
      ephemeralContainerStatuses: status.ephemeralContainerStatuses?.map(withShortMessage),
    },
  };
}

function withShortMessage(container: PodContainerStatus): PodContainerStatus {
  const waiting = container.state?.waiting;
  return waiting ? { ...container, state: { ...container.state, waiting: { ...waiting, message: short(waiting.message) } } } : container;
}

function short(message: string | null | undefined): string | null | undefined {
  if (message === null || message === undefined || message.length <= KEPT.beginning + KEPT.end) return message;
  return `${message.slice(0, KEPT.beginning)} … ${message.slice(-KEPT.end)}`.toWellFormed();
}
