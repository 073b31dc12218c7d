import type { Alert } from '../../alerts/alert.ts';
import { relevanceOf } from '../../alerts/relevance.ts';
import type { ClusterReader } from '../../cluster/cluster.ts';
import type { Detector, Sighting } from '../../detection/sighting.ts';
import { sightingOf } from '../../detection/sightings-of-pod.ts';
import type { PullErrorClassifier } from '../../diagnosis/message/pull-error.ts';
import { asCodedError } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import { createFindPods, type FindPods } from './failing-pods.ts';

/** What looking into alerts needs. */
export interface AlertParts {
  readonly store: Pick<Store, 'deliveries'>;
  readonly cluster: ClusterReader;
  readonly classify: PullErrorClassifier;
  readonly detector: Detector;
  readonly log: Log;
}

/** Looks up the pods that a delivery is about and tells of those that cannot pull. Throws what another delivery of the task may mend. */
export async function performAlerts(deliveryId: string, parts: AlertParts): Promise<void> {
  const { store, cluster, detector, log } = parts;
  const delivery = await store.deliveries.read(deliveryId);
  if (delivery.state === 'done') return;
  const find = createFindPods(cluster);
  const sightings: Sighting[] = [];
  for (const alert of delivery.alerts) sightings.push(...(await sightingsOf({ alert, cluster: delivery.cluster }, find, parts)));
  if (sightings.length > 0) await detector.see(sightings);
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
  { alert, cluster }: { readonly alert: Alert; readonly cluster: string },
  find: FindPods,
  { classify, log }: AlertParts,
): Promise<readonly Sighting[]> {
  const relevance = relevanceOf(alert);
  if (relevance.status !== 'look') return [];
  const seen = { cluster, seenBy: 'alert', source: alert.source } as const;
  try {
    return (await find(relevance.pointer)).flatMap((pod) => sightingOf(pod, seen, classify) ?? []);
  } catch (cause) {
    const { area, code, message, retryable } = asCodedError(cause);
    if (area !== 'cluster' || retryable) throw cause;
    log.warn('an alert could not be followed', { source: alert.source, alert: alert.name, code, because: message });
    return [];
  }
}
