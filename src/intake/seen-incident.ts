import { CodedError } from '../errors.ts';
import type { Incident } from '../incident/incident.ts';
import type { Store } from '../store/store.ts';
import type { Access, Rights } from './access.ts';
import type { Person } from './people.ts';

/** An incident that somebody may see, and what else they may. Throws `store/not-found`, also for what they may not see: nobody learns that it is there. */
export async function seenIncident(
  { person, incidentId }: { readonly person: Person; readonly incidentId: string },
  { store, access }: { readonly store: Pick<Store, 'incidents'>; readonly access: Access },
): Promise<{ readonly incident: Incident; readonly rights: Rights }> {
  const [incident, rights] = await Promise.all([store.incidents.read(incidentId), access.rightsOf(person)]);
  if (!rights.maySee(incident)) throw noIncident(incidentId);
  return { incident, rights };
}

/** There is none, or none that somebody may see. */
export function noIncident(incidentId: string): CodedError {
  return new CodedError('store/not-found', `There is no incident ${incidentId}.`);
}
