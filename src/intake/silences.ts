import { CodedError } from '../errors.ts';
import { holds, MAX_SILENCE_MS, type Silence, workloadName } from '../incident/silence.ts';
import { createOnce, walk } from '../store/collection.ts';
import { OPEN } from '../store/kinds.ts';
import { shortened } from '../text/wording.ts';
import type { IntakeParts } from './create-intake.ts';
import { idOfDelivery } from './delivery-id.ts';
import type { Intake } from './intake.ts';

const MAX_LISTED = 20;
const MAX_REASON = 200;
const MINUTE_MS = 60_000;
/** What a click on a card silences for: two hours. */
const CLICKED_MS = 2 * 3_600_000;

/** Takes wishes not to be told by itself. Who may ask about a namespace may silence its workloads, and end silences there. */
export function createSilences({
  store,
  access,
  now,
}: IntakeParts): Pick<Intake, 'silence' | 'silenceIncident' | 'silences' | 'endSilence'> {
  async function silence(wanted: Parameters<Intake['silence']>[0]): ReturnType<Intake['silence']> {
    const { person, delivery, cluster, namespace, workload, forMs, reason } = wanted;
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
      workload,
      by: person.user,
      ...(reason === undefined ? {} : { reason: shortened(reason, MAX_REASON) }),
      from: from.toISOString(),
      until: new Date(from.getTime() + forMs).toISOString(),
    };
    await createOnce(store.silences, silence);
    return { status: 'silenced', silence };
  }

  return {
    silence,
    async silenceIncident({ incidentId, ...asked }) {
      const incident = await store.incidents.read(incidentId);
      const { cluster, namespace } = incident;
      if (!(await access.rightsOf(asked.person)).maySee(incident))
        throw new CodedError('store/not-found', `There is no incident ${incidentId}.`);
      return silence({ ...asked, cluster, namespace, workload: workloadName(incident), forMs: CLICKED_MS });
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
