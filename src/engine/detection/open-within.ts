import type { Bundle, Trouble } from '../../detection/bundle.ts';
import { podKey } from '../../incident/identity.ts';
import { openIncident } from '../../intake/open-incident.ts';
import { byItselfIn } from '../../store/kinds.ts';
import { incidentByItself } from './by-itself.ts';
import { countMembers } from './count-members.ts';
import { countOverflow, leaveOverflow } from './overflow.ts';
import { type DetectionParts, EVERYONE } from './parts.ts';

const HOUR_MS = 3_600_000;

/** Opens incidents as long as a namespace has room for them, and counts the rest together. */
export async function openWithin(
  of: { readonly cluster: string; readonly namespace: string; readonly troubles: readonly Trouble[] },
  parts: DetectionParts,
): Promise<void> {
  const { cluster, namespace, troubles } = of;
  const { store, limits } = parts;
  const left: Bundle[] = [];
  let room = limits.openPerNamespace - (await store.incidents.count(byItselfIn(cluster, namespace)));
  for (const trouble of troubles) {
    const met = await store.incidents.holder(podKey(EVERYONE, trouble[0].sightings[0]));
    if (met) await countMembers(met, trouble, parts);
    else if (room > 0 && (await mayOpen(cluster, namespace, parts))) room -= (await open(trouble, parts)) ? 1 : 0;
    else {
      room = 0;
      left.push(...trouble);
    }
  }
  const [one, ...more] = left;
  if (one) await countOverflow({ cluster, namespace, bundles: [one, ...more] }, parts);
}

/** Takes one of the places that a namespace has each hour. */
async function mayOpen(cluster: string, namespace: string, { store, limits }: DetectionParts): Promise<boolean> {
  for (let place = 0; place < limits.perHour; place++)
    if ((await store.claim(`opens.${cluster}/${namespace}.${place}`, HOUR_MS)).status === 'taken') return true;
  return false;
}

/** False where one is open by now: then the pods count there. */
async function open(trouble: Trouble, parts: DetectionParts): Promise<boolean> {
  const [{ exact, provisional, sightings }] = trouble;
  const wanted = incidentByItself(sightings[0], { identity: provisional === undefined ? {} : { provisional }, aliases: [exact] }, parts);
  const { cluster, namespace, pod, places } = wanted;
  if (places.length === 0)
    parts.log.info('an incident is told to nobody, for no channel is configured', { incident: wanted.id, cluster, namespace, pod });
  const opened = await openIncident(parts.store, wanted);
  await countMembers(opened.incident, trouble, parts);
  if (opened.status !== 'opened') return false;
  parts.log.info('an incident was opened', { incident: wanted.id, cluster, namespace, pod, trigger: wanted.trigger?.kind });
  await leaveOverflow(opened.incident, trouble, parts);
  return true;
}
