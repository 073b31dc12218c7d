import { randomUUID } from 'node:crypto';
import type { Detector } from '../../detection/sighting.ts';
import type { ClusterParts } from '../../engine/cluster-parts.ts';
import { createDetector } from '../../engine/detection/detector.ts';
import type { DetectionParts } from '../../engine/detection/parts.ts';
import { createRecovery, type Recovery } from '../../engine/detection/recovery.ts';
import { asCodedError } from '../../errors.ts';
import type { TaskQueue } from '../../queue/task-queue.ts';
import { routeByRows } from '../../routing/channel-routes.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Config } from '../config.ts';

/** How often failing pods of open incidents are read, ms. */
const LOOK_EVERY_MS = 10_000;

/** What makes incidents of what was seen, and sees that they are over. */
export interface Detection {
  /** For whatever sees pods fail: alerts, the watch, the sweep. */
  readonly detector: Detector;
  /** For the sweep, by cluster. */
  readonly recoveries: ReadonlyMap<string, Recovery>;
  /** Begins no look any more and waits for those that go on. */
  stop(): Promise<void>;
}

/** Looks after the incidents of the clusters that this process reaches. Of several processes one at a time does so for a cluster. */
export function openDetection(
  config: Pick<Config, 'channels' | 'incidents'>,
  given: {
    readonly store: Store;
    readonly queue: TaskQueue;
    readonly clusters: Readonly<Record<string, Pick<ClusterParts, 'sources' | 'mayReadSecrets'>>>;
    readonly log: Log;
    readonly metrics: Metrics;
    readonly now: () => Date;
  },
): Detection {
  const { store, queue, log, metrics, now } = given;
  const parts: DetectionParts = {
    store,
    queue,
    route: routeByRows(config.channels),
    limits: config.incidents,
    log,
    now,
    newId: () => randomUUID(),
  };
  const recoveries = new Map(
    Object.entries(given.clusters).map(([name, { sources, mayReadSecrets }]) => [
      name,
      createRecovery({ ...parts, cluster: sources.cluster, mayReadSecrets }),
    ]),
  );

  async function lookAt(cluster: string, recovery: Recovery): Promise<void> {
    try {
      await store.exclusively(`recovery.${cluster}`, () => recovery.look());
    } catch (cause) {
      const { code, message } = asCodedError(cause);
      log.warn('open incidents could not be looked after', { cluster, code, because: message });
    }
  }

  /** One look at a time, however long it takes. */
  let looking: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    looking ??= Promise.all([...recoveries].map(([cluster, recovery]) => lookAt(cluster, recovery))).finally(() => {
      looking = undefined;
    });
  }, LOOK_EVERY_MS);

  const detector = createDetector(parts);
  return {
    detector: {
      see(sightings) {
        for (const { seenBy } of sightings) metrics.count('imagepull_detections_total', { source: seenBy });
        return detector.see(sightings);
      },
    },
    recoveries,
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
