import type { Incident } from '../../incident/incident.ts';
import type { MemberPod } from '../../incident/members.ts';
import type { DiagnosisRequest } from '../../incident/request.ts';
import { idOfDelivery } from '../../intake/delivery-id.ts';
import type { Trigger } from '../../runbook/run.ts';
import { createOnce } from '../../store/collection.ts';
import { byItselfOf, runsOf } from '../../store/kinds.ts';
import type { DetectionParts } from './parts.ts';

type Parts = Pick<DetectionParts, 'store' | 'queue' | 'limits' | 'now'>;

/** While a run is on its way to begin nobody starts another one for the incident, ms. */
const ON_ITS_WAY_MS = 60_000;

/** Why a run is started by itself: the incident has none yet, or it is open once more. */
type Occasion = 'first' | `reopened ${string}`;

/**
 * Starts a run about one pod of an incident that nobody asked for, unless one is on its way or as many go on in the cluster as may: then
 * whoever looks next tries again. The same pod on the same occasion is one request, however often it is made.
 */
export async function startRun(
  about: { readonly incident: Incident; readonly pod: MemberPod; readonly trigger: Trigger; readonly occasion: Occasion },
  parts: Parts,
): Promise<void> {
  const { store, limits } = parts;
  const { incident, pod, trigger, occasion } = about;
  const index = byItselfOf(incident.cluster);
  const going = (await store.runs.count(index)) + (await store.requests.count(index));
  if (going >= limits.runsAtOnce) return;
  if ((await store.claim(`run.${incident.id}.${occasion}`, ON_ITS_WAY_MS)).status === 'refused') return;
  const at = parts.now().toISOString();
  await request(
    {
      id: idOfDelivery(`detected ${incident.id} ${occasion} ${pod.uid}`),
      revision: 0,
      askedAt: at,
      trigger,
      audience: incident.audience,
      cluster: incident.cluster,
      namespace: pod.namespace,
      pod: pod.pod,
      incidentId: incident.id,
      state: { status: 'accepted' },
      awaitedUntil: at,
      seen: 'nothing',
    },
    parts,
  );
}

/** Whether an incident that nobody asked for still waits for its first run. */
export async function lacksRun({ id, outcome, overflow }: Incident, { store }: Pick<DetectionParts, 'store'>): Promise<boolean> {
  return outcome === undefined && overflow === undefined && (await store.runs.count(runsOf(id))) === 0;
}

async function request(wanted: DiagnosisRequest, { store, queue }: Parts): Promise<void> {
  if (!(await createOnce(store.requests, wanted)) && (await store.requests.read(wanted.id)).state.status !== 'accepted') return;
  await queue.add({ kind: 'begin', cluster: wanted.cluster, requestId: wanted.id });
}
