import { type Incident, isByItself, type Place } from '../incident/incident.ts';
import type { Posted } from '../incident/message.ts';
import type { OutboxParts } from './outbox.ts';
import { isTold } from './shown.ts';
import { tellIncident } from './tell.ts';
import { URGENCY } from './urgency.ts';

/**
 * Tells an incident that nobody asked for in the default channel, where it cannot be told in the channel that its route leads to; its card says
 * so. False where nothing of it can be moved: somebody asked, part of it is posted, or the default channel is the one.
 */
export async function tellElsewhere(
  incident: Incident,
  posted: Posted,
  { store, queue, fallback }: Pick<OutboxParts, 'store' | 'queue' | 'fallback'>,
): Promise<boolean> {
  const [place] = incident.places;
  if (!fallback || !place || place.channel === fallback.channel || !isByItself(incident)) return false;
  if (isTold(posted)) return false;
  const places: readonly Place[] = [fallback, place];
  const { after } = await store.incidents.update(incident.id, (known) =>
    known.places[0]?.channel === place.channel ? { ...known, places } : known,
  );
  await tellIncident(after, URGENCY.verdict, { store, queue });
  return true;
}
