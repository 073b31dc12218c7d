import { type Bundle, bundlesOf, memberOf, troublesOf } from '../../detection/bundle.ts';
import type { Detector, Sighting } from '../../detection/sighting.ts';
import { asCodedError } from '../../errors.ts';
import { aboutKey, podKey, recentKey } from '../../incident/identity.ts';
import type { Incident } from '../../incident/incident.ts';
import { mayReopen, reopened } from '../../incident/life.ts';
import { openIncident } from '../../intake/open-incident.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import { byItselfIn } from '../../store/kinds.ts';
import { lacksRun, startRun } from './automatic-run.ts';
import { countOverflow, leaveOverflow } from './overflow.ts';
import type { DetectionParts } from './parts.ts';
import { tellCounts } from './tell-counts.ts';
import { triggerOf } from './trigger.ts';

const EVERYONE = { kind: 'everyone' } as const;
/** Keys that are asked for at the same time. */
const AT_ONCE = 200;
const HOUR_MS = 3_600_000;

type Trouble = readonly [Bundle, ...Bundle[]];

/**
 * Makes incidents of what was seen. What an open incident is about counts there; what ended within the hour is opened again; everything
 * else opens one incident for all of it, of which one pod is diagnosed. Whoever does the same at the same time meets the same incidents.
 */
export function createDetector(parts: DetectionParts): Detector {
  const { store, now } = parts;
  /** One look at a time in this process, so that it counts its own incidents. */
  let busy: Promise<unknown> = Promise.resolve();

  async function see(sightings: readonly Sighting[]): Promise<void> {
    for (const [, ofCluster] of Map.groupBy(sightings, ({ cluster }) => cluster)) {
      const { known, unknown } = await sorted(bundlesOf(ofCluster));
      for (const [, { incident, bundles }] of known) await count(incident, bundles);
      const troubles = await notRecent(troublesOf(unknown));
      for (const [namespace, ofNamespace] of Map.groupBy(troubles, ([{ sightings: pods }]) => pods[0].namespace))
        await openWithin(namespace, ofNamespace);
    }
  }

  /** By the open incident that each bundle belongs to, if there is one. */
  async function sorted(bundles: readonly Bundle[]) {
    const known = new Map<string, { incident: Incident; bundles: Bundle[] }>();
    const unknown: Bundle[] = [];
    const holders = await inTurn(bundles, holderOf);
    for (const [at, bundle] of bundles.entries()) {
      const incident = holders[at];
      if (!incident) unknown.push(bundle);
      else known.set(incident.id, { incident, bundles: [...(known.get(incident.id)?.bundles ?? []), bundle] });
    }
    return { known, unknown };
  }

  async function holderOf({ exact, provisional }: Bundle): Promise<Incident | undefined> {
    const holder = await store.incidents.holder(aboutKey(EVERYONE, exact));
    return holder ?? (provisional === undefined ? undefined : store.incidents.holder(aboutKey(EVERYONE, provisional)));
  }

  /** Opens what ended within the hour again, and answers the rest. What a run found well stays so until it fails anew. */
  async function notRecent(troubles: readonly Trouble[]): Promise<readonly Trouble[]> {
    const ended = await inTurn(troubles, recentOf);
    const rest: Trouble[] = [];
    for (const [at, trouble] of troubles.entries()) {
      const incident = ended[at];
      if (incident && isJudged(incident, trouble)) continue;
      if (!incident || !(await reopen(incident, trouble))) rest.push(trouble);
    }
    return rest;
  }

  async function recentOf(trouble: Trouble): Promise<Incident | undefined> {
    for (const { exact, provisional } of trouble)
      for (const key of [exact, provisional]) {
        const holder = key === undefined ? undefined : await store.incidents.holder(recentKey(EVERYONE, key));
        if (holder && mayReopen(holder, now())) return holder;
      }
    return undefined;
  }

  /** False where somebody else has opened an incident about it meanwhile. */
  async function reopen({ id }: Incident, trouble: Trouble): Promise<boolean> {
    try {
      const at = now().toISOString();
      const { after } = await store.incidents.update(id, (known) => (mayReopen(known, now()) ? reopened(known, at) : known));
      if (after.life.status !== 'reopened') return false;
      await forgetPulled(id);
      await count(after, trouble);
      await tellIncident(after, URGENCY.wrong, parts);
      await begin(after, trouble[0].sightings[0], `reopened ${after.life.at}`);
      return true;
    } catch (cause) {
      if (asCodedError(cause).code === 'store/held') return false;
      throw cause;
    }
  }

  async function forgetPulled(id: string): Promise<void> {
    const { names, next } = await store.members.list(id, { kind: 'pulled', limit: 1_000 });
    await store.members.removeNames(id, 'pulled', names);
    if (next !== undefined) await forgetPulled(id);
  }

  /** Counts pods where they belong. */
  async function count(met: Incident, bundles: readonly Bundle[]): Promise<void> {
    const incident = met.joined === undefined ? met : await store.incidents.read(met.joined);
    const sightings = bundles.flatMap((bundle) => bundle.sightings);
    await tellCounts(incident, await store.members.add(incident.id, sightings.map(memberOf)), parts);
    const [first] = sightings;
    if (first && (await lacksRun(incident, parts))) await begin(incident, first, 'first');
  }

  async function begin(incident: Incident, sighting: Sighting, occasion: 'first' | `reopened ${string}`): Promise<void> {
    await startRun({ incident, pod: memberOf(sighting), trigger: triggerOf(sighting), occasion }, parts);
  }

  /** Opens incidents as long as the namespace has room for them, and counts the rest together. */
  async function openWithin(namespace: string, troubles: readonly Trouble[]): Promise<void> {
    const [first] = troubles[0]?.[0].sightings ?? [];
    if (!first) return;
    const { cluster } = first;
    const left: Bundle[] = [];
    let room = parts.limits.openPerNamespace - (await store.incidents.count(byItselfIn(cluster, namespace)));
    for (const trouble of troubles) {
      const met = await store.incidents.holder(podKey(EVERYONE, trouble[0].sightings[0]));
      if (met) await count(met, trouble);
      else if (room > 0 && (await mayOpen(cluster, namespace))) room -= (await open(trouble)) ? 1 : 0;
      else {
        room = 0;
        left.push(...trouble);
      }
    }
    const [one, ...more] = left;
    if (one) await countOverflow({ cluster, namespace, bundles: [one, ...more] }, parts);
  }

  /** Takes one of the places that a namespace has each hour. */
  async function mayOpen(cluster: string, namespace: string): Promise<boolean> {
    for (let place = 0; place < parts.limits.perHour; place++)
      if ((await store.claim(`opens.${cluster}/${namespace}.${place}`, HOUR_MS)).status === 'taken') return true;
    return false;
  }

  /** False where one is open by now: then the pods count there. */
  async function open(trouble: Trouble): Promise<boolean> {
    const [{ exact, provisional, sightings }] = trouble;
    const [first] = sightings;
    const place = parts.route(first)?.place;
    const { cluster, namespace, pod, workload, since } = first;
    if (place === undefined) parts.log.info('an incident is told to nobody, for no channel is configured', { cluster, namespace, pod });
    const opened = await openIncident(store, {
      id: parts.newId(),
      revision: 0,
      places: place === undefined ? [] : [place],
      audience: EVERYONE,
      cluster,
      namespace,
      pod,
      workload,
      openedAt: now().toISOString(),
      since,
      trigger: triggerOf(first),
      identity: provisional === undefined ? {} : { provisional },
      aliases: [exact],
      life: { status: 'open' },
    });
    await count(opened.incident, trouble);
    if (opened.status !== 'opened') return false;
    await leaveOverflow(opened.incident, trouble, parts);
    return true;
  }

  return {
    see(sightings) {
      const seen = busy.then(() => see(sightings));
      busy = seen.catch(() => undefined);
      return seen;
    },
  };
}

/** A run looked at these very failures and found that no image is at fault: another one would say the same. */
function isJudged({ life }: Incident, trouble: Trouble): boolean {
  if (life.status !== 'resolved' || life.by.kind !== 'run') return false;
  const end = Date.parse(life.at);
  return trouble.every(({ sightings }) => sightings.every(({ since }) => Date.parse(since) <= end));
}

/** What each is answered, a few hundred at a time. */
async function inTurn<T, R>(all: readonly T[], ask: (one: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) answers.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(ask))));
  return answers;
}
