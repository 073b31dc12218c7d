import { type Incident, isOpen } from '../incident/incident.ts';
import { failingPod, podName } from '../incident/members.ts';
import { type Difference, isApart, isOtherCause, MAX_SPLITS } from '../incident/split.ts';
import type { Store } from '../store/store.ts';

type Parts = Pick<Store, 'incidents' | 'members'>;

const AT_ONCE = 1_000;

/**
 * After the verdict about a pod that was set apart: where it is surely another cause, its incident is told from now on and takes the pods
 * over that share what sets it apart; else it stays a part. Twice is harmless. Answers the ids of incidents whose cards now say something else.
 */
export async function splitOff(incidentId: string, store: Parts): Promise<readonly string[]> {
  const part = await store.incidents.read(incidentId);
  const { apart } = part;
  if (!apart || part.joined !== undefined || !isOpen(part)) return [];
  const [whole] = await store.incidents.readMany([apart.incident]);
  if (whole && isOpen(whole) && !isOtherCause(part, whole)) {
    await store.incidents.update(incidentId, (known) => ({ ...known, joined: whole.id }));
    return [];
  }
  await store.incidents.update(incidentId, (known) => (known.places.length > 0 ? known : { ...known, places: apart.places }));
  if (!whole || !isOpen(whole)) return [incidentId];
  await store.incidents.update(whole.id, (known) => withSplit(known, { by: apart.by, value: apart.value, incident: incidentId }));
  await move(apart, { from: whole.id, to: incidentId }, store);
  return [whole.id, incidentId];
}

function withSplit(whole: Incident, split: Difference & { readonly incident: string }): Incident {
  const splits = whole.splits ?? [];
  return splits.some(({ incident }) => incident === split.incident) ? whole : { ...whole, splits: [...splits, split].slice(-MAX_SPLITS) };
}

/** Counts the pods that are set apart in another incident. */
async function move(apart: Difference, { from, to }: { readonly from: string; readonly to: string }, { members }: Parts): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await members.list(from, { kind: 'failing', limit: AT_ONCE, cursor });
    const names = page.names.filter((name) => isApart(apart, failingPod(name)));
    const pods = names.map(failingPod);
    await members.add(to, pods);
    await members.removeNames(from, 'pod', pods.map(podName));
    await members.removeNames(from, 'failing', names);
    if (apart.by === 'namespace')
      await members.removeNames(
        from,
        'workload',
        pods.map(({ namespace, workload }) => `${namespace}/${workload}`),
      );
    cursor = page.next;
  } while (cursor !== undefined);
  await members.removeNames(from, apart.by, [apart.value]);
}
