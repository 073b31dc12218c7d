import { CodedError } from '../errors.ts';
import type { AlertReading } from './alert.ts';
import { readAlertmanager } from './senders/alertmanager.ts';
import { readGeneric } from './senders/generic.ts';
import { readGrafana } from './senders/grafana.ts';
import { DATADOG, NETDATA, PAGERDUTY } from './senders/presets.ts';
import type { AlertSource } from './source.ts';

/**
 * Reads the body of a webhook as its source sends it. Throws `alert/not-json`, and `alert/unreadable` where the body is not of that sender;
 * neither quotes the body, and neither gets better by sending it again.
 */
export function readAlerts(text: string, { name, sender, mapping }: Pick<AlertSource, 'name' | 'sender' | 'mapping'>): AlertReading {
  const body = parsed(text);
  switch (sender) {
    case 'alertmanager':
      return readAlertmanager(body, name);
    case 'grafana':
      return readGrafana(body, name);
    case 'generic':
      return readGeneric(body, name, mapping);
    case 'pagerduty':
      return readGeneric(body, name, PAGERDUTY);
    case 'netdata':
      return readGeneric(body, name, NETDATA);
    case 'datadog':
      return readGeneric(body, name, DATADOG);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the body, which may hold secrets.
    throw new CodedError('alert/not-json', 'The body is not JSON, or it was cut off.');
  }
}
