import type { Incident } from '../incident/incident.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { Store } from '../store/store.ts';

/**
 * Puts an incident into the line of its channel, because something of it changed. One without a place is told to nobody. What waits
 * already is shown by whoever was queued for it; if that may be lost, `resumed` queues again.
 */
export async function tellIncident(
  { id, places: [place] }: Pick<Incident, 'id' | 'places'>,
  urgency: number,
  { store, queue, resumed = false }: { readonly store: Pick<Store, 'line'>; readonly queue: TaskQueue; readonly resumed?: boolean },
): Promise<void> {
  if (place === undefined) return;
  const isNew = await store.line.add(place.channel, id, urgency);
  if (isNew || resumed) await queue.add({ kind: 'speak', channel: place.channel, delayMs: 0 });
}
