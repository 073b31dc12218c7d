import { workloadLabel } from '../diagnosis/pod/pod.ts';
import type { Reach } from '../diagnosis/reach.ts';
import { asCodedError } from '../errors.ts';
import { identityKeys, podKey } from '../incident/identity.ts';
import type { Incident } from '../incident/incident.ts';
import { joinedTo, withConclusion } from '../incident/life.ts';
import type { CauseCatalogue } from '../remediation/cause-catalogue.ts';
import type { Run } from '../runbook/run.ts';
import type { Store } from '../store/store.ts';

/** What telling an incident of a run's end needs. */
export interface ConclusionParts {
  readonly store: Pick<Store, 'incidents' | 'members'>;
  readonly catalogue: CauseCatalogue;
  readonly now: () => Date;
}

/**
 * Writes the end of a run into its incident: outcome, life, and what it is about. Where an open incident is about the same
 * cause of the same thing already, this one becomes a part of it. Doing it twice changes nothing more.
 */
export async function concludeIncident(run: Run, { store, catalogue, now }: ConclusionParts): Promise<void> {
  const { conclusion, target } = run;
  if (!conclusion) return;
  const at = now().toISOString();
  const given = { conclusion, reach: reachOf(conclusion.verdict.cause, catalogue), at };
  for (;;) {
    try {
      await store.incidents.update(run.incidentId, (incident) => withConclusion(incident, run, given));
      return;
    } catch (cause) {
      if (asCodedError(cause).code !== 'store/held') throw cause;
    }
    const incident = await store.incidents.read(run.incidentId);
    const other = await holderOf(withConclusion(incident, run, given), store);
    if (!other) continue; // it has ended in between
    const { after } = await store.incidents.update(run.incidentId, (known) =>
      known.outcome?.runId === run.id ? known : joinedTo(withConclusion(known, run, given), other, at),
    );
    const { namespace, pod, node = '' } = target;
    if (after.joined === other.id)
      await store.members.add(other.id, [{ namespace, pod, workload: workloadLabel(target.workload, pod), node }]);
    return;
  }
}

/** The other incident that holds a key which this one would hold. */
async function holderOf(
  incident: Incident,
  { incidents }: ConclusionParts['store'],
): Promise<{ readonly id: string; readonly samePod: boolean } | undefined> {
  const pod = await incidents.holder(podKey(incident.audience, incident));
  if (pod && pod.id !== incident.id) return { id: pod.id, samePod: true };
  for (const key of identityKeys(incident.audience, incident.identity)) {
    const holder = await incidents.holder(key);
    if (holder && holder.id !== incident.id) return { id: holder.id, samePod: false };
  }
  return undefined;
}

function reachOf(cause: string | null, catalogue: CauseCatalogue): Reach | undefined {
  return catalogue.causes.find(({ id }) => id === cause)?.reach;
}
