import type { Incident } from '../incident/incident.ts';
import type { RelatedIncident } from '../report/card/related.ts';
import { type JoinedParts, joinedIncident } from './joined.ts';

/** The incidents that took pods of one over, and the one that it took its own pods from; without those that have expired. */
export async function relatedIncidents({ apart, splits = [] }: Incident, parts: JoinedParts): Promise<readonly RelatedIncident[]> {
  const wanted = [
    ...(apart ? [{ how: 'from', by: apart.by, value: apart.value, id: apart.incident } as const] : []),
    ...splits.map(({ by, value, incident: id }) => ({ how: 'to', by, value, id }) as const),
  ];
  const found = await Promise.all(
    wanted.map(async ({ id, ...how }) => {
      const other = await joinedIncident(id, parts);
      return other === undefined ? [] : [{ ...how, url: other.url }];
    }),
  );
  return found.flat();
}
