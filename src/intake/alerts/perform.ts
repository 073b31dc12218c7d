import type { Alert } from '../../alerts/alert.ts';
import type { AlertDelivery } from '../../alerts/delivery.ts';
import { isQuestion, relevanceOf } from '../../alerts/relevance.ts';
import type { ClusterReader } from '../../cluster/cluster.ts';
import type { Detector, Sighting } from '../../detection/sighting.ts';
import { sightingOf } from '../../detection/sightings-of-pod.ts';
import type { PullErrorClassifier } from '../../diagnosis/message/pull-error.ts';
import { asCodedError } from '../../errors.ts';
import type { TaskQueue } from '../../queue/task-queue.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import { createFindPods, type FindPods } from './failing-pods.ts';

/** What looking into alerts needs. */
export interface AlertParts {
  readonly store: Pick<Store, 'deliveries'>;
  readonly cluster: ClusterReader;
  readonly classify: PullErrorClassifier;
  readonly detector: Detector;
  readonly queue: Pick<TaskQueue, 'add'>;
  readonly log: Log;
}

/** Looks up the pods that a delivery is about and tells of those that cannot pull. Throws what another delivery of the task may mend. */
export async function performAlerts(deliveryId: string, parts: AlertParts): Promise<void> {
  const { store, cluster, detector, queue, log } = parts;
  const delivery = await store.deliveries.read(deliveryId);
  if (delivery.state === 'done') return;
  const find = createFindPods(cluster);
  const sightings: Sighting[] = [];
  for (const alert of delivery.alerts) sightings.push(...(await sightingsOf(alert, delivery, find, parts)));
  if (sightings.length > 0) await detector.see(sightings);
  // About a pull, but nobody knows of which pod: somebody may.
  if (delivery.alerts.some(isQuestion)) await queue.add({ kind: 'ask', deliveryId, delayMs: 0 });
  log.info('alerts were looked into', {
    delivery: deliveryId,
    source: delivery.source,
    cluster: delivery.cluster,
    alerts: delivery.alerts.length,
    failing: new Set(sightings.map(({ uid }) => uid)).size,
  });
  await store.deliveries.update(deliveryId, (known) => (known.state === 'done' ? known : { ...known, state: 'done' }));
}

/** One that says it is over is looked at as well: what still fails is still told. */
async function sightingsOf(
  alert: Alert,
  { cluster, place }: AlertDelivery,
  find: FindPods,
  { classify, log }: AlertParts,
): Promise<readonly Sighting[]> {
  const relevance = relevanceOf(alert);
  if (relevance.status !== 'look') return [];
  const seen = { cluster, seenBy: 'alert', source: alert.source, ...(place === undefined ? {} : { place }) } as const;
  try {
    return (await find(relevance.pointer)).flatMap((pod) => sightingOf(pod, seen, classify) ?? []);
  } catch (cause) {
    const { area, code, message, retryable } = asCodedError(cause);
    if (area !== 'cluster' || retryable) throw cause;
    log.warn('an alert could not be followed', { source: alert.source, alert: alert.name, code, because: message });
    return [];
  }
}
