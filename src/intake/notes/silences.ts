import { aboutOf } from '../../incident/identity.ts';
import type { Incident } from '../../incident/incident.ts';
import { holds, MAX_SILENCE_MS, type Silence, workloadName } from '../../incident/silence.ts';
import { createOnce, walk } from '../../store/collection.ts';
import { OPEN } from '../../store/kinds.ts';
import { shortened } from '../../text/wording.ts';
import type { Rights } from '../access.ts';
import type { IntakeParts } from '../create-intake.ts';
import { idOfDelivery } from '../delivery-id.ts';
import type { Asked, Intake } from '../intake.ts';
import { seenIncident } from '../seen-incident.ts';

const MAX_LISTED = 20;
const MAX_REASON = 200;
const MINUTE_MS = 60_000;

/** What is silenced, where, and for how long. */
type Wanted = Asked & Pick<Silence, 'cluster' | 'namespace' | 'about'> & { readonly forMs: number; readonly reason?: string | undefined };

/** Takes wishes not to be told by itself. Who may ask about a namespace may silence its workloads, and end silences there. */
export function createSilences({
  store,
  access,
  now,
}: IntakeParts): Pick<Intake, 'silence' | 'silenceable' | 'silenceIncident' | 'silences' | 'endSilence'> {
  async function silence({ person, delivery, cluster, namespace, about, forMs, reason }: Wanted): ReturnType<Intake['silence']> {
    const refusal = (await access.rightsOf(person)).refusal(cluster, namespace);
    if (refusal) return refusal;
    if (forMs < MINUTE_MS || forMs > MAX_SILENCE_MS)
      return { status: 'refused', code: 'intake/silence', says: 'A silence lasts at least a minute and at most 24 hours.' };
    const from = now();
    const silence: Silence = {
      id: idOfDelivery(delivery),
      revision: 0,
      cluster,
      namespace,
      about,
      by: person.user,
      ...(reason === undefined ? {} : { reason: shortened(reason, MAX_REASON) }),
      from: from.toISOString(),
      until: new Date(from.getTime() + forMs).toISOString(),
    };
    await createOnce(store.silences, silence);
    return { status: 'silenced', silence };
  }

  return {
    silence: ({ workload, ...wanted }) => silence({ ...wanted, about: { kind: 'workload', workload } }),
    async silenceable(asked) {
      const { incident, rights } = await seenIncident(asked, { store, access });
      const { cluster, namespace } = incident;
      const cause = causeOf(incident, rights);
      return { cluster, namespace, workload: workloadName(incident), ...(cause && { cause }) };
    },
    async silenceIncident({ incidentId, what, ...asked }) {
      const { incident, rights } = await seenIncident({ ...asked, incidentId }, { store, access });
      const { cluster, namespace } = incident;
      const cause = causeOf(incident, rights);
      if (what === 'workload') return silence({ ...asked, cluster, namespace, about: { kind: what, workload: workloadName(incident) } });
      if (!cause) return { status: 'refused', code: 'intake/silence', says: 'No verdict names a cause of that incident any more.' };
      return silence({ ...asked, cluster, namespace, about: { kind: what, keys: [...aboutOf(incident)], ...cause } });
    },
    async silences({ person }) {
      const rights = await access.rightsOf(person);
      const found: Silence[] = [];
      for await (const silence of walk(store.silences, { index: OPEN })) {
        if (!holds(silence, now()) || rights.refusal(silence.cluster, silence.namespace)) continue;
        found.push(silence);
        if (found.length >= MAX_LISTED) break;
      }
      return found;
    },
    async endSilence({ person, silenceId }) {
      const { cluster, namespace } = await store.silences.read(silenceId);
      const refusal = (await access.rightsOf(person)).refusal(cluster, namespace);
      if (refusal) return refusal;
      const at = now().toISOString();
      const { after } = await store.silences.update(silenceId, (known) =>
        known.ended === undefined ? { ...known, ended: { by: person.user, at } } : known,
      );
      return { status: 'ended', silence: after };
    },
  };
}

/** What a verdict says; of all namespaces only for who may ask about all. */
function causeOf(
  { cluster, identity, outcome }: Incident,
  rights: Rights,
): { readonly title: string; readonly everywhere: boolean } | undefined {
  if (identity.established === undefined || outcome === undefined) return undefined;
  return { title: outcome.title, everywhere: rights.namespaces(cluster) === undefined };
}
