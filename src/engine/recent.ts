import { type Incident, recentKeys } from '../incident/incident.ts';
import { forgotten } from '../incident/life.ts';
import type { Store } from '../store/store.ts';

/** Of incidents that ended about the same thing only the last is found by it: makes room for one that is about to end. */
export async function forgetRecent(ending: Incident, { incidents }: Pick<Store, 'incidents'>): Promise<void> {
  for (const key of recentKeys(ending)) {
    const holder = await incidents.holder(key);
    if (holder && holder.id !== ending.id) await incidents.update(holder.id, forgotten);
  }
}
