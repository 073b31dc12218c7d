import { type Incident, isByItself } from '../incident/incident.ts';
import type { Posted } from '../incident/message.ts';
import { holds, isAbout } from '../incident/silence.ts';
import { walk } from '../store/collection.ts';
import { OPEN } from '../store/kinds.ts';
import type { OutboxParts } from './outbox.ts';
import { isTold } from './shown.ts';

/**
 * Whether somebody does not want to be told of an incident now: one that nobody asked for, and of which nothing is told yet. Its runs stay
 * unsaid, so it is told once the silence is over.
 */
export async function isSilenced(incident: Incident, posted: Posted, { store, now }: Pick<OutboxParts, 'store' | 'now'>): Promise<boolean> {
  if (!isByItself(incident) || incident.overflow !== undefined || isTold(posted)) return false;
  for await (const silence of walk(store.silences, { index: OPEN })) if (isAbout(silence, incident) && holds(silence, now())) return true;
  return false;
}
