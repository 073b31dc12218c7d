import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../src/detection/sighting.ts';
import type { RecoveryParts } from '../../src/engine/detection/look-after.ts';
import { createRecovery } from '../../src/engine/detection/recovery.ts';
import { CodedError } from '../../src/errors.ts';
import { detectionWorld, finds, podOf, sightingObject } from '../support/detection.ts';

function recoveryWorld(
  given: Parameters<typeof detectionWorld>[0] & { readonly readSecret?: RecoveryParts['cluster']['readSecret'] } = {},
) {
  const world = detectionWorld(given);
  const { cluster } = world;
  const recovery = createRecovery({
    ...world.parts,
    cluster: { ...cluster, readSecret: given.readSecret ?? cluster.readSecret },
    mayReadSecrets: true,
  });
  const set = (sighting: Sighting, state: 'failing' | 'pulled') =>
    world.pods.set(`${sighting.namespace}/${sighting.pod}`, podOf(sighting, state));
  const pass = (minutes: number) => {
    world.clock.at += minutes * 60_000;
  };
  const only = async () => {
    const [incident, ...more] = await world.incidents();
    if (!incident || more.length > 0) throw new Error('there is one incident');
    return incident;
  };
  const card = () => world.cards()[0]?.text;
  return { ...world, recovery, set, pass, only, card };
}

const many = (n: number, of: (at: number) => Partial<Sighting> = () => ({})) =>
  Array.from({ length: n }, (_, at) => sightingObject({ pod: `web-${at}`, ...of(at) }));

describe('an incident whose pods recover', () => {
  it('is resolved once all have pulled, three reads at a time, and says how long it lasted', async () => {
    const { see, work, recovery, set, pass, only, card, reads, chat } = recoveryWorld();
    const pods = many(5);
    await see(...pods);
    await work();
    for (const pod of pods.slice(0, 4)) set(pod, 'pulled');
    const before = reads();
    await recovery.look();
    expect(reads() - before).toBe(3);
    await recovery.look();
    expect((await only()).life.status).toBe('open');
    for (const pod of pods) set(pod, 'pulled');
    pass(6);
    await recovery.look();
    await recovery.look();
    await work();
    expect((await only()).life).toMatchObject({ status: 'resolved', by: { kind: 'recovery', pods: 5, pulled: 5, changes: [] } });
    expect(card()).toMatch(/^Resolved by itself: 5 pods pulled · failed for 16 min\nIt was: /);
    expect(chat.said.at(-1)).toMatchObject({
      key: expect.stringMatching(/^resolved\./),
      text: 'Resolved by itself: 5 pods pulled · failed for 16 min',
    });
  });

  it('is not resolved because a pod is gone whose replacement still has no image', async () => {
    const { see, work, recovery, pods, only, store, set } = recoveryWorld();
    await see(sightingObject());
    await work();
    pods.delete('shop/web-0');
    const next = sightingObject({ pod: 'web-1' });
    set(next, 'failing');
    await recovery.look();
    const { id, life } = await only();
    expect(life.status).toBe('open');
    expect((await store.members.list(id, { kind: 'failing', limit: 5 })).names).toEqual(['shop/web-1 uid-web-1 Deployment/web node-1 app']);
    set(next, 'pulled');
    await recovery.look();
    expect((await only()).life.status).toBe('resolved');
  });

  it.each([
    [
      'the image that the workload asks for',
      { image: 'registry.example/shop/web:2' },
      'Deployment shop/web now asks for registry.example/shop/web:2.',
    ],
    ['other nodes', { node: 'node-9' }, 'The pods of Deployment shop/web now run on node-9.'],
    ['other pods', {}, 'The pods of Deployment shop/web were replaced; the new ones have their images.'],
  ] as const)('says what was seen to change: %s', async (_, given, says) => {
    const { see, work, recovery, pods, set, card } = recoveryWorld();
    await see(sightingObject());
    await work();
    pods.delete('shop/web-0');
    set(sightingObject({ pod: 'web-1', ...given }), 'pulled');
    await recovery.look();
    await work();
    expect(card()).toContain('Resolved by itself: the pod is gone · failed for 10 min');
    expect(card()).toContain(says);
  });

  it('says nothing of why where nothing was seen to change', async () => {
    const { see, work, recovery, pods, only } = recoveryWorld();
    await see(sightingObject());
    await work();
    pods.delete('shop/web-0');
    await recovery.look();
    expect((await only()).life).toMatchObject({ by: { changes: [] } });
  });

  it('waits for a run that goes on, and keeps what cannot be read', async () => {
    const world = recoveryWorld();
    const { see, work, recovery, pods, only, set } = world;
    await see(sightingObject());
    await work();
    world.cluster.readPod = async () => {
      throw new CodedError('cluster/forbidden', 'no');
    };
    const blind = createRecovery({ ...world.parts, cluster: world.cluster, mayReadSecrets: false });
    await blind.look();
    expect((await only()).life.status).toBe('open');
    set(sightingObject(), 'pulled');
    pods.clear();
    await recovery.look();
    expect((await only()).life.status).toBe('resolved');
  });

  it('ends with its parts, which nobody finds any more', async () => {
    const { see, work, recovery, pods, incidents } = recoveryWorld({ probe: finds('pull-error/registry-unavailable') });
    await see(sightingObject());
    await see(sightingObject({ pod: 'db-0', image: 'registry.example/shop/db:1', workload: 'Deployment/db', symptom: 'unauthorized' }));
    await work();
    expect((await incidents()).map(({ joined }) => joined)).toEqual([undefined, 'i0']);
    pods.clear();
    await recovery.look();
    await recovery.look();
    expect((await incidents()).map(({ life }) => life.status)).toEqual(['resolved', 'resolved']);
  });
});

describe('what a whole sweep saw', () => {
  it('clears those that fail no more, and leaves the last three to be read', async () => {
    const { see, work, recovery, set, only, store } = recoveryWorld();
    const pods = many(50);
    await see(...pods);
    await work();
    await recovery.stillFailing(pods.slice(0, 20));
    const failing = async () => (await store.members.count((await only()).id)).failing;
    expect(await failing()).toBe(20);
    await recovery.stillFailing([]);
    expect(await failing()).toBe(3);
    expect((await only()).life.status).toBe('open');
    for (const pod of pods) set(pod, 'pulled');
    await recovery.look();
    expect((await only()).life).toMatchObject({ status: 'resolved', by: { pods: 50, pulled: 3 } });
  });
});

describe('an incident that is over', () => {
  it('is opened again within the hour by the same trouble, with a run and red card, and is another one after that', async () => {
    const { see, work, recovery, set, pass, incidents, runs, card, cards } = recoveryWorld();
    const sighting = sightingObject();
    await see(sighting);
    await work();
    set(sighting, 'pulled');
    await recovery.look();
    await work();
    pass(12);
    const again = sightingObject({ pod: 'web-1', since: '2026-03-01T10:21:00Z' });
    await see(again);
    await work();
    expect((await incidents()).map(({ life }) => life.status)).toEqual(['reopened']);
    expect([await runs(), cards().length]).toEqual([2, 1]);
    expect(card()).toContain('back after 12 min');
    set(again, 'pulled');
    await recovery.look();
    pass(61);
    await see(sightingObject({ pod: 'web-2', since: '2026-03-01T11:22:00Z' }));
    await work();
    expect((await incidents()).map(({ life }) => life.status)).toEqual(['resolved', 'open']);
  });

  it('stays so where a run found these very failures well', async () => {
    const { see, work, incidents, runs } = recoveryWorld({ probe: async () => ({ findings: [] }) });
    for (let sweep = 0; sweep < 3; sweep++) {
      await see(sightingObject({ symptom: 'hanging' }));
      await work();
    }
    expect((await incidents()).map(({ life }) => life.status)).toEqual(['resolved']);
    expect(await runs()).toBe(1);
  });

  it('gives its keys to one that ends later about the same', async () => {
    const { see, work, recovery, set, pass, incidents } = recoveryWorld();
    for (let round = 0; round < 3; round++) {
      const sighting = sightingObject({
        pod: `web-${round}`,
        since: new Date(Date.UTC(2026, 2, 1, 10, 5) + round * 4_000_000).toISOString(),
      });
      await see(sighting);
      await work();
      set(sighting, 'pulled');
      await recovery.look();
      pass(61);
    }
    const all = await incidents();
    expect(all.map(({ life }) => life.status)).toEqual(['resolved', 'resolved', 'resolved']);
    expect(all.map(({ aliases }) => aliases.length)).toEqual([0, 0, 1]);
  });
});

describe('what a namespace had no room for', () => {
  it('gets an incident of its own once there is room, and is not counted with the rest any more', async () => {
    const { see, work, recovery, set, incidents, store, pass } = recoveryWorld({ limits: { openPerNamespace: 1 } });
    const all = many(3, (at) => ({ image: `registry.example/x:${at}`, workload: `Deployment/x-${at}` }));
    await see(...all);
    await work();
    const restOf = async () => {
      const rest = (await incidents()).find(({ overflow }) => overflow !== undefined);
      return [rest?.life.status, await store.members.count(rest?.id ?? '')];
    };
    expect(await restOf()).toMatchObject(['open', { pod: 2, failing: 2 }]);
    const [first = sightingObject(), ...others] = all;
    set(first, 'pulled');
    await recovery.look();
    await see(...others);
    expect(await restOf()).toMatchObject(['open', { pod: 1, failing: 1 }]);
    pass(1);
    for (const pod of others) set(pod, 'pulled');
    await work();
    await recovery.look();
    expect(await restOf()).toMatchObject(['resolved', { failing: 0 }]);
  });
});

describe('runs that nobody asked for', () => {
  it('are so many at a time, in turns of the namespaces', async () => {
    const { see, work, recovery, runs, store } = recoveryWorld({ limits: { runsAtOnce: 2 } });
    await see(
      ...many(4, (at) => ({ image: `registry.example/x:${at}` })),
      sightingObject({ namespace: 'z', pod: 'db-0', image: 'registry.example/db:1' }),
    );
    await work();
    expect(await runs()).toBe(2);
    await recovery.look();
    await work();
    expect(await runs()).toBe(4);
    expect((await store.runs.list({ index: 'all' })).records.map(({ target }) => target.namespace)).toContain('z');
    await recovery.look();
    await work();
    expect(await runs()).toBe(5);
  });
});
