import type { Reach } from '../diagnosis/reach.ts';
import { asCodedError, CodedError } from '../errors.ts';
import { aboutKey, aboutOf, podKey } from '../incident/identity.ts';
import { type Incident, isOpen } from '../incident/incident.ts';
import { isOlder, joinedTo, withConclusion } from '../incident/life.ts';
import type { CauseCatalogue } from '../remediation/cause-catalogue.ts';
import type { Run } from '../runbook/run.ts';
import type { Store } from '../store/store.ts';
import { becomePart, countIn, endParts, handKeys } from './merge.ts';
import { forgetRecent } from './recent.ts';

/** What telling an incident of a run's end needs. */
export interface ConclusionParts {
  readonly store: Pick<Store, 'incidents' | 'members'>;
  readonly catalogue: CauseCatalogue;
  readonly now: () => Date;
}

/**
 * Writes the end of a run into its incident: outcome, life, and what it is about. Where an open incident is about the same
 * cause of the same thing already, the younger of both becomes a part of the older. Doing it twice changes nothing more.
 * Answers the ids of other incidents whose cards now say something else.
 */
export async function concludeIncident(run: Run, { store, catalogue, now }: ConclusionParts): Promise<readonly string[]> {
  const { conclusion, incidentId } = run;
  if (!conclusion) return [];
  const at = now().toISOString();
  const taken = new Set<string>();
  const concluded = (incident: Incident) =>
    withConclusion(incident, run, { conclusion, reach: reachOf(conclusion.verdict.cause, catalogue), at, taken });
  const touched: string[] = [];
  for (let tries = 0; !(await isWritten(incidentId, concluded, { store, at })); tries++) {
    if (tries === MAX_TRIES) throw heldAlways(incidentId);
    const wanted = concluded(await store.incidents.read(incidentId));
    const other = await holderOf(wanted, store);
    if (!other) {
      for (const key of await keysOfOthers(wanted, store)) taken.add(key);
      await forgetRecent(wanted, store); // or the other one has ended in between
    } else if (!other.samePod && isOlder(wanted, other.incident)) {
      await becomePart({ part: other.incident.id, whole: incidentId }, store);
      touched.push(other.incident.id);
    } else {
      const { id } = other.incident;
      const { after } = await store.incidents.update(incidentId, (known) =>
        known.outcome?.runId === run.id ? known : joinedTo(concluded(known), { id, samePod: other.samePod }, at),
      );
      if (after.joined !== id) return touched;
      await countIn({ part: incidentId, whole: id }, store);
      if (!other.samePod) await handKeys({ part: after, whole: id }, store);
      return [...touched, id];
    }
  }
  return touched;
}

/** Others open, join and end incidents meanwhile; so often in a row that is no coincidence any more. */
const MAX_TRIES = 100;

function heldAlways(id: string): CodedError {
  return new CodedError('store/held', `The end of a run could not be written into incident ${id}: others kept its keys.`, {
    retryable: true,
  });
}

/** False where another incident holds a key of this one. */
async function isWritten(
  id: string,
  concluded: (incident: Incident) => Incident,
  { store, at }: Pick<ConclusionParts, 'store'> & { readonly at: string },
): Promise<boolean> {
  try {
    const { before, after } = await store.incidents.update(id, concluded);
    if (after !== before && !isOpen(after)) await endParts(id, at, store);
    return true;
  } catch (cause) {
    if (asCodedError(cause).code === 'store/held') return false;
    throw cause;
  }
}

/** The other incident of the same pod, or of the same cause of the same thing. */
async function holderOf(
  incident: Incident,
  { incidents }: ConclusionParts['store'],
): Promise<{ readonly incident: Incident; readonly samePod: boolean } | undefined> {
  const { id, audience, identity } = incident;
  const pod = await incidents.holder(podKey(audience, incident));
  if (pod && pod.id !== id) return { incident: pod, samePod: true };
  const [first] = await othersOf(incident, aboutOf({ identity, aliases: [] }), incidents);
  return first && { incident: first.holder, samePod: false };
}

/** Those of the further keys that other incidents have: they may be about another cause. */
async function keysOfOthers(incident: Incident, { incidents }: ConclusionParts['store']): Promise<readonly string[]> {
  return (await othersOf(incident, incident.aliases, incidents)).map(({ key }) => key);
}

async function othersOf({ id, audience }: Incident, keys: readonly string[], incidents: Pick<Store['incidents'], 'holder'>) {
  const holders = await Promise.all(keys.map(async (key) => ({ key, holder: await incidents.holder(aboutKey(audience, key)) })));
  return holders.flatMap(({ key, holder }) => (holder && holder.id !== id ? [{ key, holder }] : []));
}

function reachOf(cause: string | null, catalogue: CauseCatalogue): Reach | undefined {
  return catalogue.causes.find(({ id }) => id === cause)?.reach;
}
