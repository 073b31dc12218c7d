import type { Place } from '../incident/incident.ts';

/** What is claimed to speak in a channel. */
export function paceOf({ channel }: Place): string {
  return `pace.${channel}`;
}
