import { exactKey, provisionalKey } from '../incident/identity.ts';
import type { MemberPod } from '../incident/members.ts';
import type { Sighting } from './sighting.ts';

/** Pods that are alike in all that can be known before a diagnosis: the same image in the same namespace, errors of one family. */
export interface Bundle {
  /** What only these pods are about. */
  readonly exact: string;
  /** What they may share with pods of other images; undefined where their error may come from anywhere. */
  readonly provisional: string | undefined;
  /** Each pod once, who fails longest first. */
  readonly sightings: readonly [Sighting, ...Sighting[]];
}

/** Sightings of one cluster by what they are about. Neither their order nor that a pod was seen twice makes a difference. */
export function bundlesOf(sightings: readonly Sighting[]): readonly Bundle[] {
  const bundles = new Map<string, { provisional: string | undefined; sightings: [Sighting, ...Sighting[]] }>();
  for (const sighting of distinct(sightings)) {
    const exact = exactKey(sighting.symptom, sighting);
    const known = bundles.get(exact);
    if (known) known.sightings.push(sighting);
    else bundles.set(exact, { provisional: provisionalKey(sighting.symptom, sighting), sightings: [sighting] });
  }
  return [...bundles].map(([exact, bundle]) => ({ exact, ...bundle }));
}

/** Bundles that are taken for one trouble. */
export type Trouble = readonly [Bundle, ...Bundle[]];

/** Bundles that nobody knows, by what makes one incident of them: the error's key, or their own where that says nothing. */
export function troublesOf(bundles: readonly Bundle[]): readonly Trouble[] {
  const troubles = new Map<string, [Bundle, ...Bundle[]]>();
  for (const bundle of bundles) {
    const key = bundle.provisional ?? bundle.exact;
    const known = troubles.get(key);
    if (known) known.push(bundle);
    else troubles.set(key, [bundle]);
  }
  return [...troubles.values()];
}

/** The pod of a sighting, as an incident counts it. */
export function memberOf({ namespace, pod, uid, workload, node, container }: Sighting): MemberPod {
  return { namespace, pod, uid, workload, node, container };
}

/** Each pod once, who fails longest first. */
function distinct(sightings: readonly Sighting[]): readonly Sighting[] {
  const byPod = new Map<string, Sighting>();
  for (const sighting of [...sightings].sort(longestFirst)) {
    const id = `${sighting.namespace}/${sighting.pod} ${sighting.uid}`;
    if (!byPod.has(id)) byPod.set(id, sighting);
  }
  return [...byPod.values()];
}

function longestFirst(a: Sighting, b: Sighting): number {
  return compare(a.since, b.since) || compare(a.namespace, b.namespace) || compare(a.pod, b.pod) || compare(a.image, b.image);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
