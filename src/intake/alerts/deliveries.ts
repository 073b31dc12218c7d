import { type Alert, deliveryKey } from '../../alerts/alert.ts';
import type { AlertDelivery } from '../../alerts/delivery.ts';
import { idOfDelivery } from '../delivery-id.ts';

/** What is sent again within this is the same delivery; later it is worth another look, ms. */
const SAME_WITHIN_MS = 60_000;
/** Most alerts in one record, and most characters of them. */
const MAX_ALERTS = 100;
const MAX_CHARACTERS = 300_000;

/** Alerts of one source about one cluster as records that are not too large. */
export function deliveriesOf(
  alerts: readonly Alert[],
  about: { readonly source: string; readonly cluster: string; readonly now: Date; readonly place?: AlertDelivery['place'] | undefined },
): readonly AlertDelivery[] {
  const { source, cluster, now, place } = about;
  return chunksOf(alerts).map((chunk) => ({
    id: idOf(chunk, about),
    revision: 0,
    receivedAt: now.toISOString(),
    source,
    cluster,
    alerts: chunk,
    ...(place === undefined ? {} : { place }),
    state: 'accepted',
  }));
}

function idOf(alerts: readonly Alert[], { source, cluster, now }: { source: string; cluster: string; now: Date }): string {
  const about = [source, cluster, Math.floor(now.getTime() / SAME_WITHIN_MS), alerts.map(deliveryKey).sort()];
  return idOfDelivery(JSON.stringify(about));
}

function chunksOf(alerts: readonly Alert[]): readonly (readonly Alert[])[] {
  const chunks: Alert[][] = [];
  let characters = 0;
  for (const alert of alerts) {
    const size = JSON.stringify(alert).length;
    const last = chunks.at(-1);
    if (last && last.length < MAX_ALERTS && characters + size <= MAX_CHARACTERS) {
      last.push(alert);
      characters += size;
    } else {
      chunks.push([alert]);
      characters = size;
    }
  }
  return chunks;
}
