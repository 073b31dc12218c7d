import type { Alert, AlertReading } from '../alert.ts';
import { readGroup } from '../alert-group.ts';

const WORDS = new Map([
  ['firing', 'firing'],
  ['alerting', 'firing'],
  ['resolved', 'resolved'],
  ['ok', 'resolved'],
  ['normal', 'resolved'],
] as const);
/** What Grafana sends when a rule could not be evaluated; the rule's own name is in another label. */
const NOT_EVALUATED = /^Datasource(?:Error|NoData)$/;

/**
 * Reads the body of the webhook of Grafana Alerting, version 1:
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/.
 * Rules that could not be evaluated are passed over. Throws `alert/unreadable` for a body without alerts.
 */
export function readGrafana(body: unknown, source: string): AlertReading {
  const reading = readGroup(body, source, { sender: 'Grafana', words: WORDS });
  const alerts = reading.alerts.filter(isEvaluated);
  return { ...reading, alerts, ignored: reading.alerts.length - alerts.length };
}

function isEvaluated({ name }: Alert): boolean {
  return !NOT_EVALUATED.test(name);
}
