import type { AlertReading } from '../alert.ts';
import { readGroup } from '../alert-group.ts';

const WORDS = new Map([
  ['firing', 'firing'],
  ['resolved', 'resolved'],
] as const);

/**
 * Reads the body of Alertmanager's webhook, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. It is
 * sent again every repeat_interval, the same by `deliveryKey`. Throws `alert/unreadable` for a body without alerts.
 */
export function readAlertmanager(body: unknown, source: string): AlertReading {
  return readGroup(body, source, { sender: 'Alertmanager', words: WORDS });
}
