import type { ClusterReader } from '../../cluster/cluster.ts';
import { changesOf } from '../../detection/recovery.ts';
import type { Sighting } from '../../detection/sighting.ts';
import { asCodedError } from '../../errors.ts';
import { type Change, type Incident, isByItself } from '../../incident/incident.ts';
import { recovered } from '../../incident/life.ts';
import { failingName, failingPod, type MemberPod } from '../../incident/members.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import { walk } from '../../store/collection.ts';
import { OPEN, runningIn, runsOf } from '../../store/kinds.ts';
import { endParts } from '../merge.ts';
import { forgetRecent } from '../recent.ts';
import { lacksRun, startRun } from './automatic-run.ts';
import { type Fate, type Look, lookAt } from './look.ts';
import { newSecrets } from './new-secrets.ts';
import { type DetectionParts, fairly } from './parts.ts';
import { lookTwice } from './second-look.ts';

/** Sees that incidents are over. Everything may be done by two at the same time. Throws what store, queue and cluster throw. */
export interface Recovery {
  /** Reads up to three failing pods of each open incident, and starts the runs that had no room so far. */
  look(): Promise<void>;
  /** What a whole sweep saw fail: all others have pulled, or are gone. The last three of an incident are left to `look`, which reads them. */
  stillFailing(sightings: readonly Sighting[]): Promise<void>;
}

/** Pods of an incident that are read at a time. */
const READ_AT_ONCE = 3;
const PAGE = 1_000;

/** What looking after incidents needs. */
export interface RecoveryParts extends DetectionParts {
  readonly cluster: Pick<ClusterReader, 'name' | 'readPod' | 'listPods' | 'readSecret'>;
  readonly mayReadSecrets: boolean;
}

/** Looks after the open incidents of one cluster, whoever opened them. */
export function createRecovery(parts: RecoveryParts): Recovery {
  const { store, cluster } = parts;
  /** Incidents that could not be looked after, to be told once each. */
  const told = new Set<string>();

  async function* open(): AsyncGenerator<Incident> {
    for await (const incident of walk(store.incidents, { index: OPEN, order: 'oldest' }))
      if (incident.cluster === cluster.name) yield incident;
  }

  async function look(): Promise<void> {
    const seen = lookAt(cluster);
    const waiting: Incident[] = [];
    for await (const incident of open()) {
      await orLog(incident, async () => {
        const stays = await lookAfter(incident, seen);
        if (!stays || !isByItself(incident)) return;
        if (await lacksRun(incident, parts)) waiting.push(incident);
        else await lookTwice(incident, parts);
      });
    }
    for (const incident of fairly(waiting)) await beginFirst(incident);
  }

  /** False where the incident is over. */
  async function lookAfter(incident: Incident, seen: Look): Promise<boolean> {
    const { id } = incident;
    const { names, next } = await store.members.list(id, { kind: 'failing', limit: READ_AT_ONCE });
    // A run that goes on says by itself what it found.
    if (names.length === 0 || (await store.runs.holder(runningIn(id)))) return true;
    const fates = await Promise.all(
      names.map(async (name) => ({ name, member: failingPod(name), fate: await seen.fateOf(failingPod(name)) })),
    );
    await store.members.addNames(id, 'pulled', namesOf(fates, 'pulled'));
    for (const { fate } of fates) if (fate.status === 'replaced') await store.members.add(id, fate.by);
    const over = fates.filter(({ fate }) => fate.status === 'pulled' || fate.status === 'gone');
    const isOver = over.length === names.length && next === undefined;
    if (isOver) await end(incident, { over, seen });
    // After the end was written: whoever dies in between leaves something to look at.
    await store.members.removeNames(
      id,
      'failing',
      fates.flatMap(({ name, fate }) => (fate.status === 'failing' || isStill(fate, name) ? [] : [name])),
    );
    return !isOver;
  }

  async function end(incident: Incident, about: { readonly over: readonly Fated[]; readonly seen: Look }): Promise<void> {
    const { id } = incident;
    const { pod, pulled } = await store.members.count(id);
    const changes = await changesSince(incident, about);
    const at = parts.now().toISOString();
    const ended = (known: Incident) => recovered(known, { at, pods: pod, pulled: Math.min(pod, pulled), changes });
    for (;;) {
      try {
        const { before, after } = await store.incidents.update(id, ended);
        if (after === before) return;
        await endParts(id, at, store);
        await tellIncident(after, URGENCY.verdict, parts);
        return;
      } catch (cause) {
        if (asCodedError(cause).code !== 'store/held') throw cause;
        await forgetRecent(ended(await store.incidents.read(id)), store);
      }
    }
  }

  /** Only of the incident's own namespace: its channel may not know of others. */
  async function changesSince(
    { id, namespace, since, openedAt, overflow }: Incident,
    { over, seen }: { readonly over: readonly Fated[]; readonly seen: Look },
  ): Promise<readonly Change[]> {
    const own = over.find(({ member }) => member.namespace === namespace);
    if (!own || overflow) return [];
    const { member } = own;
    const isGone = own.fate.status === 'gone';
    const [newest] = (await store.runs.list({ index: runsOf(id), limit: 1 })).records;
    const image = newest?.target.images.find(({ name }) => name === member.container)?.image ?? '';
    const { names: nodes } = await store.members.list(id, { kind: 'node', limit: PAGE });
    const names = parts.mayReadSecrets && !isGone ? (newest?.target.pullSecrets ?? []) : [];
    return [
      ...changesOf({ member, image, isGone, pods: await seen.podsOf(namespace), nodes }),
      ...(await newSecrets({ namespace, names, since: since ?? openedAt }, cluster)),
    ];
  }

  async function beginFirst(incident: Incident): Promise<void> {
    const { names } = await store.members.list(incident.id, { kind: 'failing', limit: 1 });
    for (const name of names)
      await startRun({ incident, pod: failingPod(name), trigger: incident.trigger ?? { kind: 'watch' }, occasion: 'first' }, parts);
  }

  async function stillFailing(sightings: readonly Sighting[]): Promise<void> {
    const failing = new Set(sightings.map(({ namespace, pod, uid }) => keyOf({ namespace, pod, uid })));
    for await (const incident of open()) await orLog(incident, () => clear(incident, failing));
  }

  async function clear({ id, ...incident }: Incident, failing: ReadonlySet<string>): Promise<void> {
    const over: string[] = [];
    let left = 0;
    let cursor: string | undefined;
    do {
      const page = await store.members.list(id, { kind: 'failing', limit: PAGE, cursor });
      for (const name of page.names) {
        if (!failing.has(keyOf(failingPod(name)))) over.push(name);
        else left += 1;
      }
      cursor = page.next;
    } while (cursor !== undefined);
    const cleared = over.slice(Math.max(0, READ_AT_ONCE - left));
    await store.members.removeNames(id, 'failing', cleared);
    if (cleared.length > 0) await tellIncident({ id, places: incident.places }, URGENCY.details, parts);
  }

  /** What one incident cannot be read for holds up no other; a cluster or store that is away ends the look. */
  async function orLog({ id, namespace }: Incident, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const { code, message, retryable } = asCodedError(cause);
      if (retryable) throw cause;
      if (told.has(id)) return;
      told.add(id);
      parts.log.warn('an incident cannot be looked after', { incident: id, cluster: cluster.name, namespace, code, because: message });
    }
  }

  return { look, stillFailing };
}

/** A failing pod of an incident, and what became of it. */
interface Fated {
  readonly name: string;
  readonly member: MemberPod;
  readonly fate: Fate;
}

function namesOf(fates: readonly Fated[], status: Fate['status']): readonly string[] {
  return fates.flatMap(({ name, fate }) => (fate.status === status ? [name] : []));
}

/** A pod may be what took its own place: its node was not known before. */
function isStill(fate: Fate, name: string): boolean {
  return fate.status === 'replaced' && fate.by.some((member) => failingName(member) === name);
}

function keyOf({ namespace, pod, uid }: Pick<MemberPod, 'namespace' | 'pod' | 'uid'>): string {
  return `${namespace}/${pod} ${uid}`;
}
