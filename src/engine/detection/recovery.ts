import type { Sighting } from '../../detection/sighting.ts';
import { asCodedError } from '../../errors.ts';
import { type Incident, isByItself } from '../../incident/incident.ts';
import { failingPod, type MemberPod } from '../../incident/members.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import { walk } from '../../store/collection.ts';
import { OPEN } from '../../store/kinds.ts';
import { lacksRun, startRun } from './automatic-run.ts';
import { lookAt } from './look.ts';
import { lookAfter, READ_AT_ONCE, type RecoveryParts } from './look-after.ts';
import { type DetectionParts, fairly } from './parts.ts';
import { lookTwice } from './second-look.ts';

/** Sees that incidents are over. Everything may be done by two at the same time. Throws what store, queue and cluster throw. */
export interface Recovery {
  /** Reads up to three failing pods of each open incident, and starts the runs that had no room so far. */
  look(): Promise<void>;
  /** What a whole sweep saw fail: all others have pulled, or are gone. The last three of an incident are left to `look`, which reads them. */
  stillFailing(sightings: readonly Sighting[]): Promise<void>;
}

const PAGE = 1_000;

/** Looks after the open incidents of one cluster, whoever opened them. */
export function createRecovery(parts: RecoveryParts): Recovery {
  const { cluster, log } = parts;
  /** Incidents that could not be looked after, to be told once each. */
  const told = new Set<string>();

  /** What one incident cannot be read for holds up no other; a cluster or store that is away ends the look. */
  async function forEachOpen(work: (incident: Incident) => Promise<void>): Promise<void> {
    for await (const incident of walk(parts.store.incidents, { index: OPEN, order: 'oldest' })) {
      if (incident.cluster !== cluster.name) continue;
      try {
        await log.about({ incident: incident.id }, () => work(incident));
      } catch (cause) {
        const { code, message, retryable } = asCodedError(cause);
        if (retryable) throw cause;
        const { id, namespace } = incident;
        if (told.has(id)) continue;
        told.add(id);
        log.warn('an incident cannot be looked after', { incident: id, cluster: cluster.name, namespace, code, because: message });
      }
    }
  }

  return {
    async look() {
      const seen = lookAt(cluster);
      const waiting: Incident[] = [];
      await forEachOpen(async (incident) => {
        if (!(await lookAfter(incident, seen, parts)) || !isByItself(incident)) return;
        if (await lacksRun(incident, parts)) waiting.push(incident);
        else await lookTwice(incident, parts);
      });
      for (const incident of fairly(waiting)) await beginFirst(incident, parts);
    },
    async stillFailing(sightings) {
      const failing = new Set(sightings.map(keyOf));
      await forEachOpen((incident) => clear(incident, failing, parts));
    },
  };
}

async function beginFirst(incident: Incident, parts: DetectionParts): Promise<void> {
  const { names } = await parts.store.members.list(incident.id, { kind: 'failing', limit: 1 });
  for (const name of names)
    await startRun({ incident, pod: failingPod(name), trigger: incident.trigger ?? { kind: 'watch' }, occasion: 'first' }, parts);
}

/** Takes out who fails no more, but for as many as `look` reads. */
async function clear(incident: Incident, failing: ReadonlySet<string>, parts: DetectionParts): Promise<void> {
  const { members } = parts.store;
  const over: string[] = [];
  let left = 0;
  let cursor: string | undefined;
  do {
    const page = await members.list(incident.id, { kind: 'failing', limit: PAGE, cursor });
    for (const name of page.names) {
      if (failing.has(keyOf(failingPod(name)))) left += 1;
      else over.push(name);
    }
    cursor = page.next;
  } while (cursor !== undefined);
  const cleared = over.slice(Math.max(0, READ_AT_ONCE - left));
  for (let from = 0; from < cleared.length; from += PAGE)
    await members.removeNames(incident.id, 'failing', cleared.slice(from, from + PAGE));
  if (cleared.length > 0) await tellIncident(incident, URGENCY.details, parts);
}

function keyOf({ namespace, pod, uid }: Pick<MemberPod, 'namespace' | 'pod' | 'uid'>): string {
  return `${namespace}/${pod} ${uid}`;
}
