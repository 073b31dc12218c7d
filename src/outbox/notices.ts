import type { Task } from '../queue/task-queue.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

/** Tells who made a request what came of it. Until the chat's port can speak to one person, what would be told is in the log. */
export function createNotices(parts: {
  readonly store: Pick<Store, 'requests'>;
  readonly log: Log;
}): (task: Extract<Task, { kind: 'notice' }>) => Promise<void> {
  return async function notice({ requestId }) {
    const { told, state, asker } = await parts.store.requests.read(requestId);
    if (told === 'answer' || asker === undefined) return;
    parts.log.warn('an asker has not been told', { request: requestId, status: state.status });
  };
}
