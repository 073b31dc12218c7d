import type { ownerOf } from './task-queue.ts';

/** The name of a queue. BullMQ refuses colons; two clusters never share a queue, and none shares the outbox's. */
export function queueName(of: ReturnType<typeof ownerOf>): string {
  if (of === 'outbox') return 'imagepull-outbox';
  const [kind, cluster] = 'work' in of ? ['cluster', of.work] : ['executor', of.execute];
  return `imagepull-${kind}-${encodeURIComponent(cluster.toWellFormed())}`;
}

/** What is before the name of a queue in each of its keys; a colon is in between. */
export function queuePrefix(prefix: string): string {
  return `${prefix}queue`;
}

/** Where the answer to a question is, for a minute: under the name of its queue, so that only who works for that queue has to write there. */
export function answerKey(prefix: string, queue: string, jobId: string): string {
  return `${prefix}answer:${queue}:${jobId}`;
}
