import { asCodedError } from '../../errors.ts';
import { installedVersion } from '../../installed.ts';
import { TASK_VERSION } from '../../queue/task-queue.ts';
import { HEARTBEAT_EVERY_MS, type Heartbeat } from '../../store/heartbeat.ts';
import { KINDS, versionsOf } from '../../store/kinds.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';

/** Tells others that this process lives, what it does and which versions it reads, until it is stopped. */
export async function startHeartbeat(given: {
  readonly store: Pick<Store, 'heartbeats' | 'began'>;
  readonly id: string;
  readonly roles: readonly string[];
  readonly clusters: readonly string[];
  /** What this process last found out about itself; undefined until it has. */
  readonly examined: () => Heartbeat['examined'];
  readonly log: Log;
}): Promise<{ stop(): Promise<void> }> {
  const { store, id, roles, clusters, examined, log } = given;
  const fixed = {
    id,
    roles: [...roles],
    clusters: [...clusters],
    versions: versionsOf(KINDS),
    taskVersion: TASK_VERSION,
    release: installedVersion(),
  };
  const heartbeat = (): Heartbeat => ({ ...fixed, examined: examined() });
  // Before anything is written or taken: from then on others write what this process can read.
  await store.heartbeats.write(heartbeat());
  await store.began();
  const timer = setInterval(() => {
    store.heartbeats
      .write(heartbeat())
      .catch((cause: unknown) => log.warn('no sign of life could be given', { because: asCodedError(cause).message }));
  }, HEARTBEAT_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await store.heartbeats.remove(id);
    },
  };
}
