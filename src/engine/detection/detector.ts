import { type Bundle, bundlesOf, type Trouble, troublesOf } from '../../detection/bundle.ts';
import type { Detector, Sighting } from '../../detection/sighting.ts';
import { aboutKey } from '../../incident/identity.ts';
import type { Incident } from '../../incident/incident.ts';
import { countMembers } from './count-members.ts';
import { openWithin } from './open-within.ts';
import { type DetectionParts, EVERYONE } from './parts.ts';
import { recentOf, reopen } from './reopen.ts';

/** Keys that are asked for at the same time. */
const AT_ONCE = 200;

/**
 * Makes incidents of what was seen. What an open incident is about counts there; what ended within the hour is opened again; everything
 * else opens one incident for all of it, of which one pod is diagnosed. Whoever does the same at the same time meets the same incidents.
 */
export function createDetector(parts: DetectionParts): Detector {
  /** One look at a time in this process, so that it counts its own incidents. */
  let busy: Promise<unknown> = Promise.resolve();
  return {
    see(sightings) {
      const seen = busy.then(() => see(sightings, parts));
      busy = seen.catch(() => undefined); // told to whoever saw it
      return seen;
    },
  };
}

async function see(sightings: readonly Sighting[], parts: DetectionParts): Promise<void> {
  for (const [cluster, ofCluster] of Map.groupBy(sightings, (sighting) => sighting.cluster)) {
    const { known, unknown } = await sorted(bundlesOf(ofCluster), parts);
    for (const { incident, bundles } of known) await countMembers(incident, bundles, parts);
    const troubles = await withoutRecent(troublesOf(unknown), parts);
    for (const [namespace, ofNamespace] of Map.groupBy(troubles, ([{ sightings: pods }]) => pods[0].namespace))
      await openWithin({ cluster, namespace, troubles: ofNamespace }, parts);
  }
}

/** By the open incident that each bundle belongs to, if there is one. */
async function sorted(bundles: readonly Bundle[], parts: DetectionParts) {
  const known = new Map<string, { readonly incident: Incident; readonly bundles: Bundle[] }>();
  const unknown: Bundle[] = [];
  const holders = await inTurn(bundles, (bundle) => holderOf(bundle, parts));
  for (const [at, bundle] of bundles.entries()) {
    const incident = holders[at];
    const before = incident && known.get(incident.id);
    if (before) before.bundles.push(bundle);
    else if (incident) known.set(incident.id, { incident, bundles: [bundle] });
    else unknown.push(bundle);
  }
  return { known: known.values(), unknown };
}

async function holderOf({ exact, provisional }: Bundle, { store: { incidents } }: DetectionParts): Promise<Incident | undefined> {
  const holder = await incidents.holder(aboutKey(EVERYONE, exact));
  return holder ?? (provisional === undefined ? undefined : incidents.holder(aboutKey(EVERYONE, provisional)));
}

/** Opens what ended within the hour again, and answers the rest. */
async function withoutRecent(troubles: readonly Trouble[], parts: DetectionParts): Promise<readonly Trouble[]> {
  const ended = await inTurn(troubles, (trouble) => recentOf(trouble, parts));
  const rest: Trouble[] = [];
  for (const [at, trouble] of troubles.entries()) {
    const incident = ended[at];
    if (!incident || !(await reopen(incident, trouble, parts))) rest.push(trouble);
  }
  return rest;
}

/** What each is answered, a few hundred at a time. */
async function inTurn<T, R>(all: readonly T[], ask: (one: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) answers.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(ask))));
  return answers;
}
