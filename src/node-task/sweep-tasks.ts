import { z } from 'zod';
import type { ObjectWriter } from '../cluster/writing/object-writer.ts';
import { asCodedError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import { KIND_LABEL, OWNED, type TaskPlace } from './task-pod.ts';

/**
 * Who made a pod removes it within its deadline and the slack of its own wait. What is older by this much was left, ms: of a pull, which has a login
 * beside it, soon; of others late enough for an executor that comes back to read what they found.
 */
const AFTER_MS = { pull: 60_000, other: 20 * 60_000 } as const;

const Deadline = z.object({ spec: z.object({ activeDeadlineSeconds: z.number() }) });

/** What a look for left-over pods works with. */
export interface SweepParts {
  readonly objects: Pick<ObjectWriter, 'list' | 'delete'>;
  readonly place: Pick<TaskPlace, 'namespace'>;
  readonly log: Log;
  readonly now: () => Date;
}

/** Removes the pods of tasks that a process left behind which died; their Secrets go with them. Answers with how many. Throws what listing throws. */
export async function sweepTasks({ objects, place, log, now }: SweepParts): Promise<number> {
  const { namespace } = place;
  const pods = await objects.list({ kind: 'Pod', namespace, labels: OWNED });
  let removed = 0;
  for (const pod of pods) {
    const { name, uid, creationTimestamp, deletionTimestamp, labels = {} } = pod.metadata;
    const seconds = Deadline.safeParse(pod).data?.spec.activeDeadlineSeconds ?? 0;
    const ended = Date.parse(creationTimestamp ?? '') + seconds * 1_000 + (labels[KIND_LABEL] === 'pull' ? AFTER_MS.pull : AFTER_MS.other);
    if (deletionTimestamp || !(ended < now().getTime())) continue;
    try {
      await objects.delete({ kind: 'Pod', namespace, name }, { uid }, { dryRun: false });
      removed += 1;
    } catch (cause) {
      const { code, message } = asCodedError(cause);
      if (code !== 'cluster/not-found' && code !== 'cluster/conflict')
        log.warn('a left-over pod could not be removed', { pod: name, because: message });
    }
  }
  if (removed > 0) log.info('pods of node tasks that were left over are removed', { removed });
  return removed;
}
