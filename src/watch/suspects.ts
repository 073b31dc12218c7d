import type { PodEvent } from '../cluster/event-watch.ts';
import { podPages, unlessAbsent } from '../cluster/pod-pages.ts';
import type { Sighting } from '../detection/sighting.ts';
import { sightingOf } from '../detection/sightings-of-pod.ts';
import type { Pod } from '../facts/kubernetes/kubernetes-object.ts';
import { pause } from '../timing/pause.ts';
import type { OptIn } from './opt-in.ts';
import { orLog, ripeAt, type WatcherParts } from './parts.ts';

/** A pod that an event made suspect, and when it is to be read (ms since 1970). Nothing more is kept of it. */
interface Suspect {
  readonly namespace: string;
  readonly pod: string;
  readonly dueAt: number;
}

/** Those beyond are left to the sweep. */
const MAX_SUSPECTS = 20_000;
/** Before a pod is read: events come in twos and threes. */
const GATHER_MS = 100;
/** Between two looks at what is due, at least and at most. */
const LOOK_MS = { least: 50, most: 60_000 } as const;
/** So many suspects of a namespace are read with one list instead of one by one. */
const LIST_FROM = 5;
const MINUTE_MS = 60_000;

/** Pods that may fail because an event says so. */
export interface Suspects {
  note(event: PodEvent): void;
  /** Reads those that are due and tells of those that fail, until `signal` is aborted. Never throws. */
  run(signal: AbortSignal): Promise<void>;
}

/** `isTold` says that a pod was told lately and needs not be read. */
export function createSuspects(
  parts: WatcherParts,
  {
    tell,
    isTold,
    optIn,
  }: {
    readonly tell: (sightings: readonly Sighting[]) => Promise<void>;
    readonly isTold: (uid: string) => boolean;
    readonly optIn: OptIn;
  },
): Suspects {
  const { settings, cluster, now } = parts;
  const suspects = new Map<string, Suspect>();
  /** When requests were sent within the last minute. */
  const reads: number[] = [];
  let wake: () => void = () => undefined;

  function suspect(namespace: string, pod: string, dueAt: number): void {
    const key = `${namespace}/${pod}`;
    if (suspects.has(key) || suspects.size >= MAX_SUSPECTS) return;
    suspects.set(key, { namespace, pod, dueAt });
    wake();
  }

  /** One namespace after the other, so that none is left out for long; how long until more is due, ms. */
  async function readDue(signal: AbortSignal): Promise<number> {
    const at = now().getTime();
    const due = [...suspects.values()].filter(({ dueAt }) => dueAt <= at);
    for (const [namespace, ofNamespace] of Map.groupBy(due, (one) => one.namespace)) {
      if (!mayReadMore(at)) return MINUTE_MS / 10;
      for (const { pod } of ofNamespace) suspects.delete(`${namespace}/${pod}`);
      const pods = await podsOf(
        namespace,
        ofNamespace.map(({ pod }) => pod),
        signal,
      );
      const ripe = await optIn(
        pods.flatMap((pod) => settled(pod, at) ?? []),
        signal,
      );
      if (ripe.length > 0) await tell(ripe);
    }
    return Math.min(LOOK_MS.most, ...[...suspects.values()].map(({ dueAt }) => dueAt - now().getTime()));
  }

  /** A failing pod that may be told; one that fails too short yet stays suspect. */
  function settled(pod: Pod, at: number): Sighting | undefined {
    const sighting = sightingOf(pod, { cluster: parts.name, seenBy: 'watch' }, parts.classify);
    if (!sighting) return undefined;
    const dueAt = ripeAt(sighting, settings);
    if (dueAt <= at) return sighting;
    suspect(sighting.namespace, sighting.pod, dueAt);
    return undefined;
  }

  async function podsOf(namespace: string, names: readonly string[], signal: AbortSignal): Promise<readonly Pod[]> {
    if (names.length < LIST_FROM) {
      reads.push(...names.map(() => now().getTime()));
      const pods = await Promise.all(names.map((name) => unlessAbsent(cluster.readPod(namespace, name, signal))));
      return pods.flatMap((pod) => pod ?? []);
    }
    const wanted = new Set(names);
    const found: Pod[] = [];
    for await (const page of podPages(cluster, { namespace }, signal)) {
      reads.push(now().getTime());
      found.push(...page.pods.filter(({ metadata }) => wanted.has(metadata.name)));
    }
    return found;
  }

  function mayReadMore(at: number): boolean {
    while (reads[0] !== undefined && at - reads[0] >= MINUTE_MS) reads.shift();
    return reads.length < settings.readsPerMinute;
  }

  return {
    note({ namespace, pod, uid }) {
      if (!isTold(uid) && parts.mayRead(namespace)) suspect(namespace, pod, now().getTime() + GATHER_MS);
    },
    async run(signal) {
      while (!signal.aborted) {
        const woken = Promise.withResolvers<void>();
        wake = woken.resolve;
        const waitMs = await orLog(parts, { message: 'suspect pods could not be read', signal }, () => readDue(signal));
        await pause(LOOK_MS.least, signal);
        await Promise.race([pause(Math.max(0, (waitMs ?? MINUTE_MS / 10) - LOOK_MS.least), signal), woken.promise]);
      }
    },
  };
}
