import type { LeasePort, LeaseRecord, StoredLease } from '../cluster/lease.ts';
import { asCodedError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import { deadline } from '../timing/deadline.ts';
import { pause } from '../timing/pause.ts';

/** The times of an election, ms: by client-go's rules the first is longer than the second, and that longer than 1.2 times the third. */
export interface ElectionTimes {
  /** How long others wait, by their own clocks, after they saw the last renewal. */
  readonly leaseMs: number;
  /** After so long without a renewal the leader stops. */
  readonly renewMs: number;
  /** Between two tries. */
  readonly retryMs: number;
}

const ELECTION_TIMES: ElectionTimes = { leaseMs: 8_000, renewMs: 5_000, retryMs: 1_500 };

/** What an election needs. */
export interface ElectionParts {
  readonly lease: LeasePort;
  /** Who this process is, different from everybody else. */
  readonly identity: string;
  readonly times?: ElectionTimes;
  /** Leads until `signal` is aborted, which happens at the latest when others may take over. */
  readonly lead: (signal: AbortSignal) => Promise<void>;
  readonly onLeader?: (isLeader: boolean) => void;
  readonly log: Log;
  readonly now: () => Date;
}

/**
 * Leads whenever nobody else does, until `signal` is aborted; then the lease is given back. The rules are client-go's
 * (tools/leaderelection): clocks of different machines are never compared, and a write names the version that was read. What is done while
 * leading has to bear a second leader all the same: a process may be stopped between its last look at the clock and its next request.
 */
export async function runElection(parts: ElectionParts, signal: AbortSignal): Promise<void> {
  const { lease, identity, times = ELECTION_TIMES, log, now } = parts;
  /** The record of somebody else as it was last seen, and when by this process's clock it was first seen like that. */
  let seen: { readonly record: StoredLease; readonly at: number } | undefined;
  let troubled = false;

  while (!signal.aborted) {
    const asked = performance.now();
    const held = await tryOnce(times.renewMs);
    if (held) await leadWhileHeld(held, asked);
    else await pause(times.retryMs * (1 + Math.random() * 0.2), signal);
  }

  /** Takes the lease if it is free or ours; undefined where it is somebody else's, or could not be had within so many ms. */
  async function tryOnce(ms: number): Promise<LeaseRecord | undefined> {
    try {
      return await deadline({ ms, signal }, async (limit) => {
        const found = await lease.read(limit);
        if (found && isHeldByOther(found)) return undefined;
        const record = recordFrom(found);
        return (await lease.write(record, found, limit)) ? record : undefined;
      });
    } catch (cause) {
      if (!signal.aborted && !troubled) {
        const { code, message } = asCodedError(cause);
        log.warn('the lease of the watch could not be had', { code, because: message });
      }
      troubled = true;
      return undefined;
    }
  }

  function isHeldByOther(found: StoredLease): boolean {
    if (found.holder === '' || found.holder === identity) return false;
    if (seen?.record.resourceVersion !== found.resourceVersion) seen = { record: found, at: performance.now() };
    return performance.now() - seen.at < Math.max(found.durationS * 1_000, 1);
  }

  function recordFrom(found: StoredLease | undefined): LeaseRecord {
    const at = now().toISOString();
    const isOurs = found?.holder === identity;
    return {
      holder: identity,
      durationS: Math.ceil(times.leaseMs / 1_000),
      acquiredAt: isOurs ? found.acquiredAt : at,
      renewedAt: at,
      transitions: (found?.transitions ?? -1) + (isOurs ? 0 : 1),
    };
  }

  async function leadWhileHeld(held: LeaseRecord, takenAt: number): Promise<void> {
    troubled = false;
    log.info('watching', { identity, transitions: held.transitions });
    parts.onLeader?.(true);
    const term = new AbortController();
    const leading = parts.lead(AbortSignal.any([signal, term.signal])).catch((cause: unknown) => {
      log.error('watching failed', { because: asCodedError(cause).message });
    });
    let renewedAt = takenAt;
    while (!signal.aborted && performance.now() - renewedAt < times.renewMs) {
      await pause(times.retryMs, signal);
      if (signal.aborted) break;
      const asked = performance.now();
      const leftMs = times.renewMs - (asked - renewedAt);
      // Too late: others may take over by now.
      if (leftMs <= 0) break;
      if (await tryOnce(leftMs)) renewedAt = asked;
      // Somebody else has it.
      else if (seen && seen.at > renewedAt) break;
    }
    term.abort();
    await leading;
    parts.onLeader?.(false);
    if (signal.aborted) await release();
    else log.warn('no longer watching: the lease was not renewed', { identity });
  }

  /** Others need not wait then. */
  async function release(): Promise<void> {
    try {
      await deadline({ ms: times.renewMs }, async (limit) => {
        const found = await lease.read(limit);
        if (found?.holder !== identity) return;
        await lease.write({ ...recordFrom(found), holder: '', durationS: 1 }, found, limit);
      });
    } catch (cause) {
      log.warn('the lease of the watch could not be given back', { because: asCodedError(cause).message });
    }
  }
}
