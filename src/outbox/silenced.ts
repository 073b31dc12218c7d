import { type Incident, isByItself } from '../incident/incident.ts';
import type { Posted } from '../incident/message.ts';
import { holds, isAbout } from '../incident/silence.ts';
import { walk } from '../store/collection.ts';
import { OPEN } from '../store/kinds.ts';
import type { OutboxParts } from './outbox.ts';
import { isTold } from './shown.ts';

/**
 * Whether nobody is to be told of an incident now: one that nobody asked for, and of which nothing is told yet, in quiet hours or while somebody
 * silences it. Its runs stay unsaid, so it is told once that is over.
 */
export async function isSilenced(incident: Incident, posted: Posted, { store, now }: Pick<OutboxParts, 'store' | 'now'>): Promise<boolean> {
  if (!isByItself(incident) || isTold(posted)) return false;
  const { heldUntil, overflow } = incident;
  if (heldUntil !== undefined && now().getTime() < Date.parse(heldUntil)) return true;
  if (overflow) return false;
  for await (const silence of walk(store.silences, { index: OPEN })) if (isAbout(silence, incident) && holds(silence, now())) return true;
  return false;
}

/** Whether an incident ended in the quiet hours in which it began: in the morning it is no news. */
export function endedInQuiet({ heldUntil, life }: Incident, posted: Posted): boolean {
  return heldUntil !== undefined && life.status === 'resolved' && !isTold(posted);
}
