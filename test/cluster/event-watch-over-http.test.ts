import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, it } from 'vitest';
import type { RestartReason } from '../../src/cluster/event-watch.ts';
import { createKubernetesCluster, type KubernetesCluster } from '../../src/cluster/kubernetes-cluster.ts';
import { type ClusterServer, startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { eventually } from '../support/eventually.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function world(): Promise<{ readonly server: ClusterServer; readonly cluster: KubernetesCluster }> {
  const server = await startCluster();
  stops.push(server.stop);
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'stand-in', server: server.url, skipTLSVerify: false }, { name: 'nobody' });
  return { server, cluster: createKubernetesCluster(config) };
}

/** Writes an event about a pod, or writes it again with another count. */
function say({ store }: ClusterServer, pod: string, count = 1, reason = 'Failed'): void {
  const involvedObject = { kind: 'Pod', namespace: 'shop', name: pod, uid: `uid-${pod}` };
  store.put({ kind: 'Event', metadata: { namespace: 'shop', name: `${pod}.1` }, involvedObject, reason, count });
}

/** A watch that runs until the test is over. */
function watching(cluster: KubernetesCluster) {
  const told: string[] = [];
  const restarts: RestartReason[] = [];
  const stop = new AbortController();
  const ended = cluster.watchEvents(
    { onEvent: ({ pod }) => void told.push(pod), onRestart: (reason) => void restarts.push(reason) },
    stop.signal,
  );
  stops.push(async () => {
    stop.abort();
    await ended;
  });
  return { told, restarts };
}

/** A watch with a stream that is open, of a cluster where pod `old` has failed. */
async function open() {
  const { server, cluster } = await world();
  say(server, 'old');
  const seen = watching(cluster);
  await eventually(() => expect(server.streams.size).toBe(1));
  return { server, cluster, ...seen };
}

describe('a watch of events over HTTP', () => {
  it('tells all that is there, however many pages, and what comes and comes again, of those reasons alone', async () => {
    const { server, cluster } = await world();
    const names = Array.from({ length: 1_200 }, (_, n) => `web-${n}`);
    for (const name of names) say(server, name);
    say(server, 'well', 1, 'Pulled');
    const { told, restarts } = watching(cluster);
    await eventually(() => expect(server.streams.size).toBe(1));
    expect(told.toSorted()).toEqual(names.toSorted());
    expect(server.requests).toHaveLength(4);
    told.length = 0;
    say(server, 'other', 1, 'Scheduled');
    say(server, 'new');
    say(server, 'web-7', 2);
    await eventually(() => expect(told).toEqual(['new', 'web-7']));
    expect(restarts).toEqual([]);
  });

  it('goes on from where it was after its stream is cut: nothing is lost, and nothing is told twice', async () => {
    const { server, told, restarts } = await open();
    say(server, 'before');
    await eventually(() => expect(told).toEqual(['old', 'before']));
    server.streams.cut();
    say(server, 'meanwhile');
    await eventually(() => expect(told).toEqual(['old', 'before', 'meanwhile']));
    expect(restarts).toEqual(['disconnected']);
  });

  it('lists anew where what it missed is compacted', async () => {
    const { server, told, restarts } = await open();
    server.streams.cut();
    say(server, 'meanwhile');
    server.store.compact();
    await eventually(() => expect(told).toEqual(['old', 'meanwhile', 'old']));
    expect(restarts).toEqual(['disconnected', 'expired']);
  });

  it.each([
    [{ status: 410 }, 'expired'],
    [{ status: 429, retryAfterS: 1 }, 'overloaded'],
    [{ status: 503 }, 'overloaded'],
    [{ status: 403 }, 'refused'],
  ] as const)('gets over %j when it opens a stream', async (fault, reason) => {
    const { server, cluster } = await world();
    server.faults.add({ ...fault, path: /watch=1/ });
    const { told, restarts } = watching(cluster);
    await eventually(() => expect(server.streams.size).toBe(1));
    say(server, 'new');
    await eventually(() => expect(told).toEqual(['new']));
    expect(restarts).toEqual([reason]);
  });

  it.each([
    [410, 'expired'],
    [500, 'refused'],
  ] as const)('gets over a stream that ends with an error %i', async (code, reason) => {
    const { server, told, restarts } = await open();
    server.streams.fail(code, 'told by a test');
    await eventually(() => expect(server.streams.size).toBe(1));
    say(server, 'new');
    await eventually(() => expect(told.at(-1)).toBe('new'));
    expect(restarts).toEqual([reason]);
  });

  it('begins its list anew where the pages expire while it reads them', async () => {
    const { server, cluster } = await world();
    for (let n = 0; n < 600; n++) say(server, `web-${n}`);
    // What has expired is not asked for once more.
    server.faults.add({ status: 410, path: /continue=/ }, 1);
    const { told, restarts } = watching(cluster);
    await eventually(() => expect(server.streams.size).toBe(1));
    expect(new Set(told).size).toBe(600);
    expect(restarts).toEqual(['expired']);
  });
});

describe('a Lease over HTTP', () => {
  const record = (holder: string) => {
    const at = '2026-11-27T10:00:00.000Z';
    return { holder, durationS: 15, acquiredAt: at, renewedAt: at, transitions: 0 };
  };

  it('is written by one of two who read the same', async () => {
    const { cluster } = await world();
    const [mine, other] = [0, 1].map(() => cluster.lease({ namespace: 'default', name: 'watch' }));
    if (!mine || !other) throw new Error('there are two');
    const { signal } = new AbortController();
    expect(await mine.read(signal)).toBeUndefined();
    expect([await mine.write(record('a'), undefined, signal), await other.write(record('b'), undefined, signal)]).toEqual([true, false]);
    const read = await other.read(signal);
    expect(read).toMatchObject({ holder: 'a', durationS: 15 });
    expect([await other.write(record('b'), read, signal), await mine.write(record('a'), read, signal)]).toEqual([true, false]);
    expect(await mine.read(signal)).toMatchObject({ holder: 'b' });
  });
});
