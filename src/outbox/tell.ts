import type { Incident } from '../incident/incident.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { Store } from '../store/store.ts';

/** Puts an incident into the line of its channel, because something of it changed. One without a place is told to nobody. */
export async function tellIncident(
  { id, places: [place] }: Pick<Incident, 'id' | 'places'>,
  urgency: number,
  { store, queue }: { readonly store: Pick<Store, 'line'>; readonly queue: TaskQueue },
): Promise<void> {
  if (place === undefined) return;
  await store.line.add(place.channel, id, urgency);
  await queue.add({ kind: 'speak', channel: place.channel, delayMs: 0 });
}
