import { type Bundle, memberOf } from '../../detection/bundle.ts';
import { aboutKey } from '../../incident/identity.ts';
import type { Incident } from '../../incident/incident.ts';
import { failingName, podName } from '../../incident/members.ts';
import { openIncident } from '../../intake/open-incident.ts';
import { incidentByItself } from './by-itself.ts';
import { addMembers } from './count-members.ts';
import { type DetectionParts, EVERYONE } from './parts.ts';

/**
 * Counts pods for which a namespace has no room for further incidents of its own in one incident of that namespace, which is never
 * looked into. It ends as others do: once its pods have their images, or are gone.
 */
export async function countOverflow(
  of: { readonly cluster: string; readonly namespace: string; readonly bundles: readonly [Bundle, ...Bundle[]] },
  parts: DetectionParts,
): Promise<void> {
  const { cluster, namespace, bundles } = of;
  const [first] = bundles[0].sightings;
  // Told by namespace alone: it is about no pod.
  const anywhere = { ...first, pod: '', workload: '', labels: {}, annotations: {} };
  const about = { overflow: { image: first.image }, identity: {}, aliases: [keyOf(cluster, namespace)] };
  const { incident } = await openIncident(parts.store, incidentByItself(anywhere, about, parts));
  await addMembers(
    incident,
    bundles.flatMap(({ sightings }) => sightings),
    parts,
  );
}

/** What has an incident of its own by now is not counted together with the rest. */
export async function leaveOverflow(
  { cluster, namespace }: Incident,
  bundles: readonly Bundle[],
  { store }: Pick<DetectionParts, 'store'>,
): Promise<void> {
  const overflow = await store.incidents.holder(aboutKey(EVERYONE, keyOf(cluster, namespace)));
  if (!overflow) return;
  const pods = bundles.flatMap(({ sightings }) => sightings.map(memberOf));
  await store.members.removeNames(overflow.id, 'pod', pods.map(podName));
  await store.members.removeNames(overflow.id, 'failing', pods.map(failingName));
}

function keyOf(cluster: string, namespace: string): string {
  return `${cluster}|overflow|${namespace}`;
}
