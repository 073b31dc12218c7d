import { describe, expect, it } from 'vitest';
import type { LeasePort, LeaseRecord, StoredLease } from '../../src/cluster/lease.ts';
import { CodedError } from '../../src/errors.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { runElection } from '../../src/watch/election.ts';
import { eventually } from '../support/eventually.ts';

const TIMES = { leaseMs: 3_000, renewMs: 1_500, retryMs: 100 };

/** A Lease that any number of candidates share; each reaches it unless it is cut off. */
function shared() {
  let stored: StoredLease | undefined;
  let version = 0;
  const cut = new Set<string>();
  const port = (identity: string): LeasePort => ({
    async read() {
      if (cut.has(identity)) throw new CodedError('cluster/unreachable', 'cut off', { retryable: true });
      return stored;
    },
    async write(record: LeaseRecord, read: StoredLease | undefined) {
      if (cut.has(identity)) throw new CodedError('cluster/unreachable', 'cut off', { retryable: true });
      if (read?.resourceVersion !== stored?.resourceVersion) return false;
      version += 1;
      stored = { ...record, resourceVersion: String(version) };
      return true;
    },
  });
  return { port, cut, stored: () => stored };
}

/** Candidates, who of them leads at the moment, and everything that happened. */
function candidates(...names: readonly string[]) {
  const lease = shared();
  const leading = new Set<string>();
  const history: string[] = [];
  let most = 0;
  const stops = new Map(
    names.map((identity) => {
      const stop = new AbortController();
      const ended = runElection(
        {
          lease: lease.port(identity),
          identity,
          times: TIMES,
          log: SILENT,
          now: () => new Date(),
          async lead(signal) {
            leading.add(identity);
            most = Math.max(most, leading.size);
            history.push(identity);
            await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
            leading.delete(identity);
          },
        },
        stop.signal,
      );
      return [
        identity,
        async () => {
          stop.abort();
          await ended;
        },
      ] as const;
    }),
  );
  const stopAll = () => Promise.all([...stops.values()].map((stop) => stop()));
  return { ...lease, leading, history, most: () => most, stop: (name: string) => stops.get(name)?.(), stopAll };
}

describe('an election', () => {
  it('lets one of several lead', async () => {
    const world = candidates('a', 'b', 'c');
    await eventually(() => expect(world.leading.size).toBe(1));
    const [leader] = world.history;
    const before = world.stored()?.resourceVersion;
    await eventually(() => expect(Number(world.stored()?.resourceVersion)).toBeGreaterThan(Number(before) + 5));
    expect(world.history).toEqual([leader]);
    expect(world.stored()).toMatchObject({ holder: leader, durationS: 3, transitions: 0 });
    await world.stopAll();
    expect(world.most()).toBe(1);
  });

  it('hands on at once where the leader stops, by giving the lease back', async () => {
    const world = candidates('a', 'b');
    await eventually(() => expect(world.leading.size).toBe(1));
    const [first = ''] = world.history;
    await world.stop(first);
    await eventually(() => expect(world.history).toHaveLength(2));
    expect(world.history[1]).not.toBe(first);
    expect(world.stored()?.transitions).toBeGreaterThanOrEqual(1);
    await world.stopAll();
    expect(world.stored()?.holder).toBe('');
  });

  it('replaces a leader that cannot renew, which stops before another may begin', async () => {
    const world = candidates('a', 'b');
    await eventually(() => expect(world.leading.size).toBe(1));
    const [first = ''] = world.history;
    world.cut.add(first);
    await eventually(() => expect(world.history).toHaveLength(2));
    expect([...world.leading]).toEqual(world.history.slice(1));
    expect(world.most()).toBe(1);
    world.cut.clear();
    await world.stopAll();
  });

  it('waits for whoever holds the lease by its own clock, whatever the times in it say', async () => {
    const world = shared();
    const old = { holder: 'dead', durationS: 1, acquiredAt: '2001-01-01T00:00:00Z', renewedAt: '2001-01-01T00:00:00Z', transitions: 3 };
    await world.port('dead').write(old, undefined, AbortSignal.abort());
    const stop = new AbortController();
    const begun = performance.now();
    const led = Promise.withResolvers<number>();
    const ended = runElection(
      {
        lease: world.port('new'),
        identity: 'new',
        times: TIMES,
        log: SILENT,
        now: () => new Date(),
        lead: async () => led.resolve(performance.now() - begun),
      },
      stop.signal,
    );
    expect(await led.promise).toBeGreaterThanOrEqual(900);
    expect(world.stored()?.transitions).toBe(4);
    stop.abort();
    await ended;
  });
});
