import { type Bundle, memberOf } from '../../detection/bundle.ts';
import { aboutKey } from '../../incident/identity.ts';
import type { Incident } from '../../incident/incident.ts';
import { failingName, podName } from '../../incident/members.ts';
import { openIncident } from '../../intake/open-incident.ts';
import { addMembers } from './count-members.ts';
import { type DetectionParts, EVERYONE } from './parts.ts';
import { triggerOf } from './trigger.ts';

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
  const place = parts.route({ ...first, labels: {}, annotations: {} })?.place;
  const { incident } = await openIncident(parts.store, {
    id: parts.newId(),
    revision: 0,
    places: place === undefined ? [] : [place],
    audience: EVERYONE,
    cluster,
    namespace,
    pod: '',
    workload: '',
    openedAt: parts.now().toISOString(),
    since: first.since,
    trigger: triggerOf(first),
    overflow: { image: first.image },
    identity: {},
    aliases: [keyOf(cluster, namespace)],
    life: { status: 'open' },
  });
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
