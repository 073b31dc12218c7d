import type { Alert, AlertReading } from '../../alerts/alert.ts';
import type { AlertDelivery } from '../../alerts/delivery.ts';
import { relevanceOf } from '../../alerts/relevance.ts';
import { type AlertSource, boundsOf } from '../../alerts/source.ts';
import type { TaskQueue } from '../../queue/task-queue.ts';
import { createOnce } from '../../store/collection.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import { deliveriesOf } from './deliveries.ts';

/** How many alerts of one body went which way. */
export interface AlertCounts {
  /** Written down, and looked into by a worker, or asked about where they do not say where. */
  readonly taken: number;
  /** Not about image pulls, by what they say. */
  readonly dropped: number;
  /** About clusters and namespaces that their source may not send alerts for. */
  readonly outside: number;
}

/** What taking alerts needs. */
export interface AlertIntakeParts {
  readonly store: Pick<Store, 'deliveries'>;
  readonly queue: TaskQueue;
  /**
   * Whether a namespace of a cluster may be asked about at all, or in the channel in which it would be told; undefined stands for any. False
   * for an unknown cluster.
   */
  readonly mayAsk: (cluster: string, namespace: string | undefined, channel: string | undefined) => boolean;
  readonly log: Log;
  readonly now: () => Date;
}

/** Takes the alerts of one body: they cannot be lost once the answer is there. Throws CodedError where store or queue cannot be reached. */
export type TakeAlerts = (
  reading: AlertReading,
  source: Pick<AlertSource, 'name' | 'cluster' | 'clusters' | 'namespaces'>,
  place?: NonNullable<AlertDelivery['place']>,
) => Promise<AlertCounts>;

/** What an alert leads to. */
type Fate = { readonly status: 'taken'; readonly cluster: string } | { readonly status: 'dropped' | 'outside'; readonly because: string };

/** Alerts that are about something else are not even written down. */
export function createAlertIntake({ store, queue, mayAsk, log, now }: AlertIntakeParts): TakeAlerts {
  function fateOf(alert: Alert, source: Parameters<TakeAlerts>[1], channel: string | undefined): Fate {
    const bounds = boundsOf(source, alert.location);
    if (bounds.status === 'outside') return bounds;
    const { cluster } = bounds;
    if (!mayAsk(cluster, alert.location.namespace, channel))
      return { status: 'outside', because: 'the configuration (clusters, access) does not allow to ask about it' };
    const relevance = relevanceOf(alert);
    return relevance.status === 'drop' ? { status: 'dropped', because: relevance.because } : { status: 'taken', cluster };
  }

  async function keep(delivery: AlertDelivery): Promise<void> {
    // What was sent twice is queued twice: who took it first may have died before.
    if (!(await createOnce(store.deliveries, delivery)) && (await store.deliveries.read(delivery.id)).state === 'done') return;
    await queue.add({ kind: 'alert', cluster: delivery.cluster, deliveryId: delivery.id });
  }

  return async (reading, source, place) => {
    const fates = reading.alerts.map((alert) => ({ alert, fate: fateOf(alert, source, place?.channel) }));
    const byCluster = Map.groupBy(
      fates.flatMap(({ alert, fate }) => (fate.status === 'taken' ? [{ alert, cluster: fate.cluster }] : [])),
      ({ cluster }) => cluster,
    );
    for (const [cluster, taken] of byCluster) {
      const alerts = taken.map(({ alert }) => alert);
      await Promise.all(deliveriesOf(alerts, { source: source.name, cluster, now: now(), place }).map(keep));
    }
    const count = (status: Fate['status']) => fates.filter(({ fate }) => fate.status === status).length;
    const counts: AlertCounts = { taken: count('taken'), dropped: count('dropped'), outside: count('outside') };
    const [left] = fates.flatMap(({ fate }) => (fate.status === 'taken' ? [] : [fate.because]));
    log.info('alerts', {
      source: source.name,
      ...counts,
      leftOut: reading.leftOut,
      ...(left === undefined ? {} : { because: left }),
      ...(reading.problems.length === 0 ? {} : { problems: reading.problems.slice(0, 3) }),
    });
    return counts;
  };
}
