import { podPages } from '../cluster/pod-pages.ts';
import type { Sighting } from '../detection/sighting.ts';
import { sightingOf } from '../detection/sightings-of-pod.ts';
import type { Pod } from '../facts/kubernetes/kubernetes-object.ts';
import { hangs, mayHang } from './hanging.ts';
import type { OptIn } from './opt-in.ts';
import { ripeAt, type WatcherParts } from './parts.ts';

/** Pods that may hang whose events are read in one sweep. */
const MAX_HANGING = 20;

/** What one look at all pods showed. */
export interface Swept {
  /** All that fails. */
  readonly failing: readonly Sighting[];
  /** What of it fails long enough to be told. */
  readonly ripe: readonly Sighting[];
}

/** Looks at every pod, whatever events were lost. Throws what the cluster throws: half a sweep says of nothing that it is over. */
export async function sweep(parts: WatcherParts & { readonly optIn: OptIn }, signal: AbortSignal): Promise<Swept> {
  const { cluster, settings } = parts;
  const at = parts.now();
  const failing: Sighting[] = [];
  const slow: Pod[] = [];
  for await (const { pods } of podPages(cluster, {}, signal)) {
    const visible = pods.filter(({ metadata }) => parts.mayRead(metadata.namespace));
    const sightings = visible.map((pod) => sightingOf(pod, { cluster: parts.name, seenBy: 'sweep' }, parts.classify));
    failing.push(...sightings.flatMap((sighting) => sighting ?? []));
    slow.push(...visible.filter((pod, n) => !sightings[n] && mayHang(pod, at)).slice(0, MAX_HANGING - slow.length));
  }
  for (const pod of slow) {
    const { namespace, name, uid } = pod.metadata;
    const found = hangs(pod, await cluster.listPodEvents({ namespace, name, uid }, signal), at);
    if (found) failing.push({ cluster: parts.name, seenBy: 'sweep', ...found });
  }
  const ripe = failing.filter((sighting) => ripeAt(sighting, settings) <= at.getTime());
  return { failing, ripe: await parts.optIn(ripe, signal) };
}
