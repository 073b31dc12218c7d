import { asCodedError } from '../../errors.ts';
import { type Incident, isOpen } from '../../incident/incident.ts';
import { failingPod, type MemberPod } from '../../incident/members.ts';
import { type Difference, differenceOf } from '../../incident/split.ts';
import { idOfDelivery } from '../../intake/delivery-id.ts';
import { runsOf } from '../../store/kinds.ts';
import { lacksRun, startRun } from './automatic-run.ts';
import type { DetectionParts } from './parts.ts';

/** Failing pods that are looked through for one whose evidence may differ. */
const LOOKED_AT = 500;

/**
 * Diagnoses a second pod of an incident, once, where its evidence may differ: it lies in another namespace, or on another node. It gets an
 * incident of its own that is a part of this one and is told nowhere; its verdict makes it free or leaves it a part.
 */
export async function lookTwice(incident: Incident, parts: DetectionParts): Promise<void> {
  const { cause } = incident.outcome ?? {};
  if (cause === undefined || cause === null || cause === 'undetermined' || incident.apart) return;
  const id = idOfDelivery(`second look ${incident.id}`);
  const [known] = await parts.store.incidents.readMany([id]);
  const second = known ?? (await create(id, incident, parts));
  if (!second || !isOpen(second) || !(await lacksRun(second, parts))) return;
  const [name] = (await parts.store.members.list(id, { kind: 'failing', limit: 1 })).names;
  if (name !== undefined)
    await startRun({ incident: second, pod: failingPod(name), trigger: second.trigger ?? { kind: 'watch' }, occasion: 'first' }, parts);
}

/** Undefined where no pod differs, or somebody has asked about the one that does. */
async function create(id: string, incident: Incident, parts: DetectionParts): Promise<Incident | undefined> {
  const { store } = parts;
  const found = await candidateOf(incident, parts);
  if (!found) return undefined;
  const { pod, difference } = found;
  const { namespace, workload } = pod;
  const place = parts.route({ cluster: incident.cluster, namespace, workload, labels: {}, annotations: {} })?.place;
  const places = difference.by === 'node' ? incident.places : place === undefined ? [] : [place];
  const second: Incident = {
    id,
    revision: 0,
    places: [],
    audience: incident.audience,
    cluster: incident.cluster,
    namespace,
    pod: pod.pod,
    workload,
    openedAt: parts.now().toISOString(),
    trigger: incident.trigger ?? { kind: 'watch' },
    apart: { ...difference, incident: incident.id, places: [...places] },
    identity: {},
    aliases: [],
    joined: incident.id,
    life: { status: 'open' },
  };
  try {
    await store.incidents.create(second);
  } catch (cause) {
    const { code } = asCodedError(cause);
    if (code === 'store/held') return undefined;
    if (code !== 'store/exists') throw cause;
  }
  await store.members.add(id, [pod]);
  return second;
}

async function candidateOf(
  { id }: Incident,
  { store }: DetectionParts,
): Promise<{ readonly pod: MemberPod; readonly difference: Difference } | undefined> {
  const { node, namespace } = await store.members.count(id);
  if (node < 2 && namespace < 2) return undefined;
  const [newest] = (await store.runs.list({ index: runsOf(id), limit: 1 })).records;
  if (!newest) return undefined;
  const { names } = await store.members.list(id, { kind: 'failing', limit: LOOKED_AT });
  const different = names.flatMap((name) => {
    const pod = failingPod(name);
    const difference = differenceOf(pod, newest.target);
    return difference ? [{ pod, difference }] : [];
  });
  return different.find(({ difference }) => difference.by === 'namespace') ?? different[0];
}
