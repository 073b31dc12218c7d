import { CodedError } from '../../errors.ts';
import { redact } from '../../facts/redaction.ts';
import { type Correction, MAX_WORDS, OTHER_CAUSES } from '../../incident/correction.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import type { Run } from '../../runbook/run.ts';
import { createOnce } from '../../store/collection.ts';
import { runsOf } from '../../store/kinds.ts';
import { shortened } from '../../text/wording.ts';
import type { IntakeParts } from '../create-intake.ts';
import { idOfDelivery } from '../delivery-id.ts';
import type { Intake } from '../intake.ts';
import type { Person } from '../people.ts';
import { seenIncident } from '../seen-incident.ts';

/** Takes what people say a verdict should have been. Who may see an incident and ask about its namespace may say so. */
export function createCorrections({
  store,
  queue,
  access,
  causes,
  keepsRecordings,
  now,
  metrics,
}: IntakeParts): Pick<Intake, 'disputable' | 'dispute'> {
  async function verdictOf(asked: { readonly person: Person; readonly incidentId: string }) {
    const { incident, rights } = await seenIncident(asked, { store, access });
    const [run] = (await store.runs.list({ index: runsOf(incident.id), limit: 1 })).records;
    if (!run?.conclusion) throw new CodedError('store/not-found', `There is no verdict on incident ${incident.id}.`);
    return { incident, conclusion: run.conclusion, run, refusal: rights.refusal(incident.cluster, incident.namespace) };
  }

  return {
    async disputable(asked) {
      const { conclusion } = await verdictOf(asked);
      return { title: conclusion.title, causes: causes.filter((cause) => cause !== conclusion.verdict.cause), isRecorded: keepsRecordings };
    },
    async dispute({ person, delivery, incidentId, said, words, onKept }) {
      const { incident, conclusion, run, refusal } = await verdictOf({ person, incidentId });
      if (refusal) return refusal;
      if (!causes.includes(said) && !Object.hasOwn(OTHER_CAUSES, said))
        return { status: 'refused', code: 'intake/correction', says: 'That is no cause that this version knows. Open the window again.' };
      const own = words?.trim() ?? '';
      const correction: Correction = {
        id: idOfDelivery(delivery),
        revision: 0,
        incidentId,
        runId: run.id,
        ...placeOf(run),
        cause: conclusion.verdict.cause ?? 'none',
        confidence: conclusion.verdict.confidence,
        said,
        ...(own === '' ? {} : { words: shortened(redact(own), MAX_WORDS) }),
        by: person.user,
        at: now().toISOString(),
        recording: { status: 'wanted' },
      };
      const isNew = await createOnce(store.corrections, correction);
      onKept?.();
      await queue.add({ kind: 'keep', cluster: incident.cluster, correctionId: correction.id });
      if (isNew) metrics?.count('imagepull_verdicts_disputed_total', { cause: correction.cause, said });
      const { by, at } = correction;
      const { after } = await store.incidents.update(incidentId, (known) => ({ ...known, disputed: { by, said, at } }));
      await tellIncident(after, URGENCY.verdict, { store, queue });
      return { status: 'noted' };
    },
  };
}

function placeOf({ target: { cluster, namespace, pod } }: Run): Pick<Correction, 'cluster' | 'namespace' | 'pod'> {
  return { cluster, namespace, pod };
}
