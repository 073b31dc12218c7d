/** One piece of work. What reads a cluster names it, because only some processes reach it. */
export type Task =
  /** Does what a request asks for: finds the pod and starts a run, unless that was done. */
  | { readonly kind: 'begin'; readonly cluster: string; readonly requestId: string }
  /** Performs a step of a run once. */
  | {
      readonly kind: 'step';
      readonly cluster: string;
      readonly runId: string;
      readonly stepId: string;
      readonly attempt: number;
      readonly delayMs: number;
    }
  /** Looks over the pods of a namespace, or of all; only of those that one of the patterns in `only` matches. */
  | {
      readonly kind: 'scan';
      readonly cluster: string;
      readonly id: string;
      readonly namespace?: string;
      readonly only?: readonly string[];
    }
  /** Looks into alerts that arrived. */
  | { readonly kind: 'alert'; readonly cluster: string; readonly deliveryId: string }
  /** Keeps what a cluster answers about the pod of a correction. */
  | { readonly kind: 'keep'; readonly cluster: string; readonly correctionId: string }
  /** Makes the plan that somebody asked for, carries out one that was granted, or looks once what came of it. For executors. */
  | { readonly kind: 'plan'; readonly cluster: string; readonly planId: string }
  | { readonly kind: 'apply' | 'look'; readonly cluster: string; readonly planId: string; readonly delayMs: number }
  /** Finds out what somebody may choose from, each proven. For executors. */
  | { readonly kind: 'choices'; readonly cluster: string; readonly id: string; readonly choice: unknown }
  /** Freezes remedies, or ends that, by an order that a gateway signed. For executors. */
  | {
      readonly kind: 'order';
      readonly cluster: string;
      readonly orderId: string;
      readonly order: { readonly content: unknown; readonly signature: string };
    }
  /** Brings what a channel shows up to date: whatever waits in the channel's line by then. */
  | { readonly kind: 'speak'; readonly channel: string; readonly delayMs: number }
  /** Has the node of a finished run probed, where that needs nobody's approval. For gateways. */
  | { readonly kind: 'probe'; readonly runId: string; readonly delayMs: number }
  /** Takes into a finished run what a plan's task on a node has found, and judges anew. For gateways. */
  | { readonly kind: 'judge'; readonly runId: string; readonly planId: string; readonly delayMs: number }
  /** Asks in a chat which pod alerts are about that do not say so. */
  | { readonly kind: 'ask'; readonly deliveryId: string; readonly delayMs: number }
  /** Tells who made a request what came of it, unless they know. */
  | { readonly kind: 'notice'; readonly requestId: string; readonly delayMs: number };

/** The version in which tasks of each kind are queued; it counts up when their shape changes. */
export const TASK_VERSIONS: Readonly<Record<Task['kind'], number>> = {
  begin: 1,
  step: 1,
  scan: 1,
  speak: 1,
  notice: 1,
  alert: 2,
  keep: 3,
  judge: 5,
  probe: 5,
  ask: 3,
  plan: 4,
  apply: 4,
  look: 4,
  order: 4,
  choices: 4,
};
/** The newest version that this program knows. A task of a later one is put back for a newer program. */
export const TASK_VERSION: number = Math.max(...Object.values(TASK_VERSIONS));

/** Kinds of task whose answer somebody waits for. */
export const QUESTIONS = ['begin', 'scan', 'order', 'choices'] as const satisfies readonly Task['kind'][];

/** A task whose answer somebody waits for. */
export type Question = Extract<Task, { readonly kind: (typeof QUESTIONS)[number] }>;

/** Delivers every task at least once, in any order, some at the same time. Adding a task that waits already changes nothing. */
export interface TaskQueue {
  /** Throws `queue/unavailable` when the queue cannot be reached. */
  add(task: Task): Promise<void>;
  /**
   * Adds a task and waits for what performing it returned, as JSON keeps it; `onAdded` is called in between. Throws
   * `queue/no-answer` when the time is up; the task stays queued.
   */
  ask(question: Question, waitMs: number, onAdded?: () => void): Promise<unknown>;
}

/** A queue that can say how much waits in it. */
export interface Measured {
  /** Of the clusters named, together, and of the outbox. Throws `queue/unavailable`. */
  backlog(clusters: readonly string[]): Promise<readonly Backlog[]>;
}

/** What waits in a queue: of the tasks of a cluster, or of what goes out to the chat. */
export interface Backlog {
  readonly queue: 'work' | 'outbox';
  /** Tasks that wait or are under way. */
  readonly tasks: number;
  /** How long the oldest task has waited that is due, in seconds; 0 where none is. */
  readonly oldestSeconds: number;
}

/** Kinds of task that only executors perform: they have queues of their own, so that nobody else needs a way into them. */
const FOR_EXECUTORS: ReadonlySet<Task['kind']> = new Set(['plan', 'apply', 'look', 'order', 'choices']);

/** Whose a task is: of the outbox, or of a cluster's workers or executors. */
export function ownerOf(task: Task): 'outbox' | { readonly work: string } | { readonly execute: string } {
  if (!('cluster' in task)) return 'outbox';
  return FOR_EXECUTORS.has(task.kind) ? { execute: task.cluster } : { work: task.cluster };
}

/** The name of a task: equal for equal tasks. Dots, because BullMQ refuses colons in job ids. */
export function taskId(task: Task): string {
  switch (task.kind) {
    case 'begin':
      return `${task.requestId}.begin`;
    case 'step':
      return `${task.runId}.step.${task.stepId}.${task.attempt}`;
    case 'scan':
      return `${task.id}.scan`;
    case 'alert':
      return `${task.deliveryId}.alert`;
    case 'keep':
      return `${task.correctionId}.keep`;
    case 'judge':
    case 'plan':
    case 'apply':
    case 'look':
      return `${task.planId}.${task.kind}`;
    case 'order':
      return `${task.orderId}.order`;
    case 'choices':
      return `${task.id}.choices`;
    case 'speak':
      return `${task.channel}.speak`;
    case 'probe':
      return `${task.runId}.probe`;
    case 'ask':
      return `${task.deliveryId}.ask`;
    case 'notice':
      return `${task.requestId}.notice`;
    default:
      return task satisfies never;
  }
}

/** What a task is about, by the names that it has in the log. */
export function subjectOf(task: Task): Readonly<Record<string, string>> {
  const cluster = 'cluster' in task ? { cluster: task.cluster } : {};
  switch (task.kind) {
    case 'begin':
    case 'notice':
      return { ...cluster, request: task.requestId };
    case 'step':
      return { ...cluster, run: task.runId, step: task.stepId };
    case 'alert':
    case 'ask':
      return { ...cluster, delivery: task.deliveryId };
    case 'keep':
      return { ...cluster, correction: task.correctionId };
    case 'probe':
      return { run: task.runId };
    case 'judge':
      return { run: task.runId, plan: task.planId };
    case 'plan':
    case 'apply':
    case 'look':
      return { ...cluster, plan: task.planId };
    case 'speak':
      return { channel: task.channel };
    case 'scan':
    case 'choices':
    case 'order':
      return cluster;
    default:
      return task satisfies never;
  }
}
