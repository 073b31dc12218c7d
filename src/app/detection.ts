import { randomUUID } from 'node:crypto';
import type { Detector } from '../detection/sighting.ts';
import { createDetector } from '../engine/detection/detector.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import { routeToDefault } from '../routing/route.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Config } from './config.ts';

/** What takes sightings, for whatever sees pods fail. */
export function openDetection(
  config: Pick<Config, 'channels' | 'incidents'>,
  backend: { readonly store: Store; readonly queue: TaskQueue },
  log: Log,
): Detector {
  const { store, queue } = backend;
  return createDetector({
    store,
    queue,
    route: routeToDefault(config.channels.default),
    limits: config.incidents,
    log,
    now: () => new Date(),
    newId: () => randomUUID(),
  });
}
