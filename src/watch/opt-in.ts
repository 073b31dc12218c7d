import type { Sighting } from '../detection/sighting.ts';
import { asCodedError } from '../errors.ts';
import { type Marks, WATCH_MARK } from '../facts/kubernetes/kubernetes-object.ts';
import { createAnswerCache } from '../timing/answer-cache.ts';
import type { WatcherParts } from './parts.ts';

/** What a pod or a namespace says of being told by itself; undefined where it says nothing. */
type Wish = boolean | undefined;

/** Those of some sightings that are to be told by themselves: people may ask about the others all the same. */
export type OptIn = (sightings: readonly Sighting[], signal: AbortSignal) => Promise<readonly Sighting[]>;

/** What a namespace says is believed for so long, ms. */
const BELIEVED_MS = 5 * 60_000;
const MAX_NAMESPACES = 10_000;

/**
 * A pod's own label or annotation counts first, then its namespace's, then the setting. Each namespace with failing pods costs a request every
 * five minutes; where it cannot be read it says nothing, which is logged once.
 */
export function createOptIn({ name, cluster, settings, log, now }: WatcherParts): OptIn {
  const namespaces = createAnswerCache({ now: () => now().getTime(), keepMs: BELIEVED_MS, max: MAX_NAMESPACES });
  let isLogged = false;

  async function wishOfNamespace(namespace: string, signal: AbortSignal): Promise<Wish> {
    try {
      return wishOf(await cluster.readNamespace(namespace, signal));
    } catch (cause) {
      signal.throwIfAborted();
      const { area, message } = asCodedError(cause);
      if (area !== 'cluster') throw cause;
      if (!isLogged)
        log.warn('namespaces cannot be read: their own wish to be watched, or not, is not heeded', { cluster: name, because: message });
      isLogged = true;
      return undefined;
    }
  }

  async function isWanted(sighting: Sighting, signal: AbortSignal): Promise<boolean> {
    const { namespace } = sighting;
    const own = wishOf(sighting);
    if (own !== undefined) return own;
    const { answer } = await namespaces({ key: namespace, ask: () => wishOfNamespace(namespace, signal) });
    return answer ?? !settings.optIn;
  }

  return async (sightings, signal) => {
    const wanted: Sighting[] = [];
    // One after the other: of many pods of a namespace the first asks, and nobody waits for the others.
    for (const sighting of sightings) if (await isWanted(sighting, signal)) wanted.push(sighting);
    return wanted;
  };
}

function wishOf({ labels, annotations }: Marks): Wish {
  const says = labels[WATCH_MARK] ?? annotations[WATCH_MARK];
  return says === 'true' ? true : says === 'false' ? false : undefined;
}
