import { LRUCache } from 'lru-cache';
import type { RestartReason } from '../cluster/event-watch.ts';
import type { Sighting } from '../detection/sighting.ts';
import { pause } from '../timing/pause.ts';
import { createOptIn } from './opt-in.ts';
import { orLog, type WatcherParts } from './parts.ts';
import { createSuspects } from './suspects.ts';
import { sweep } from './sweep.ts';

/** Pods that were told are not read again for so long, however many events come; their cause may have changed by then, ms. */
const TOLD_MS = 300_000;
const MAX_TOLD = 20_000;

/** Sees pods of one cluster that cannot pull, until `signal` is aborted. Holds names of failing pods, and nothing of others. Never throws. */
export async function runWatcher(parts: WatcherParts, signal: AbortSignal): Promise<void> {
  const { settings, log } = parts;
  const optIn = createOptIn(parts);
  const told = new LRUCache<string, true>({ max: MAX_TOLD, ttl: TOLD_MS });

  async function tell(sightings: readonly Sighting[]): Promise<void> {
    await parts.detector.see(sightings);
    for (const { uid } of sightings) told.set(uid, true);
  }

  async function sweepOnce(): Promise<void> {
    const { failing, ripe } = await sweep({ ...parts, optIn }, signal);
    if (ripe.length > 0) await tell(ripe);
    await parts.onSweep(failing);
  }

  async function sweepAgainAndAgain(): Promise<void> {
    while (!signal.aborted) {
      await orLog(parts, { message: 'the pods could not be swept', signal }, sweepOnce);
      // Not all clusters of a service at the same time.
      await pause(settings.sweepMs * (0.9 + Math.random() / 5), signal);
    }
  }

  function onRestart(reason: RestartReason, because: string): void {
    parts.onRestart(reason);
    if (reason !== 'expired') log.warn('the watch of events begins anew', { cluster: parts.name, reason, because: because.slice(0, 300) });
  }

  const suspects = createSuspects(parts, { tell, isTold: (uid) => told.has(uid), optIn });
  await Promise.all([parts.cluster.watchEvents({ onEvent: suspects.note, onRestart }, signal), suspects.run(signal), sweepAgainAndAgain()]);
}
