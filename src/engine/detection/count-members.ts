import { type Bundle, memberOf } from '../../detection/bundle.ts';
import type { Sighting } from '../../detection/sighting.ts';
import { type Incident, isListed } from '../../incident/incident.ts';
import { isApart } from '../../incident/split.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import { lacksRun, startRun } from './automatic-run.ts';
import { triggerOf } from './by-itself.ts';
import type { DetectionParts } from './parts.ts';

/** Counts pods where they belong: in the incident that this one is a part of, or in one that took such pods over. One without a run gets its first. */
export async function countMembers(met: Incident, bundles: readonly Bundle[], parts: DetectionParts): Promise<void> {
  const incident = met.joined === undefined ? met : await parts.store.incidents.read(met.joined);
  const sightings = bundles.flatMap((bundle) => bundle.sightings);
  const { own, others } = await byIncident(incident, sightings, parts);
  for (const [other, pods] of others) await addMembers(other, pods, parts);
  await addMembers(incident, own, parts);
  const [first] = own;
  if (first && (await lacksRun(incident, parts)))
    await startRun({ incident, pod: memberOf(first), trigger: triggerOf(first), occasion: 'first' }, parts);
}

/** Shows that there are more after everything else that waits in the channel; nothing where none is new. */
export async function addMembers(incident: Incident, sightings: readonly Sighting[], parts: DetectionParts): Promise<void> {
  if (sightings.length === 0) return;
  const added = await parts.store.members.add(incident.id, sightings.map(memberOf));
  if (added > 0) await tellIncident(incident, URGENCY.details, parts);
}

/** Pods that share what was split off go to that incident, as long as it is open. */
async function byIncident({ splits = [] }: Incident, sightings: readonly Sighting[], { store }: DetectionParts) {
  const open = (await store.incidents.readMany(splits.map(({ incident }) => incident))).filter(isListed);
  const places = Map.groupBy(sightings, (sighting) => {
    const split = splits.find((candidate) => isApart(candidate, sighting));
    return open.find(({ id }) => id === split?.incident);
  });
  return { own: places.get(undefined) ?? [], others: open.map((other) => [other, places.get(other) ?? []] as const) };
}
