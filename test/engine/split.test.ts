import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../src/detection/sighting.ts';
import type { FindingCode } from '../../src/diagnosis/finding.ts';
import { createRecovery } from '../../src/engine/detection/recovery.ts';
import type { Probe } from '../../src/steps/step.ts';
import { detectionWorld, finds, podOf, sightingObject } from '../support/detection.ts';

const many = (n: number, of: (at: number) => Partial<Sighting>) =>
  Array.from({ length: n }, (_, at) => sightingObject({ pod: `web-${at}`, ...of(at) }));

/** What a pod on a node, or in a namespace, is found to have. */
const findsBy =
  (codeOf: (target: { node?: string; namespace: string }) => FindingCode): Probe =>
  (context) =>
    finds(codeOf(context.target))(context);

function splitWorld(probe: Probe) {
  const world = detectionWorld({
    probe,
    route: ({ namespace }) => ({ place: { channel: namespace === 'data' ? 'C2' : 'C1' } }),
  });
  const recovery = createRecovery({ ...world.parts, cluster: world.cluster, mayReadSecrets: false });
  /** Looks until nothing new comes of it. */
  const settle = async () => {
    for (let n = 0; n < 4; n++) {
      await world.work();
      world.clock.at += 10_000;
      await recovery.look();
    }
    await world.work();
  };
  const shown = () => world.cards().map(({ about, text }) => ({ channel: about.place.channel, text }));
  return { ...world, recovery, settle, shown };
}

const onNode2 = findsBy(({ node }) => (node === 'node-2' ? 'pull-error/disk-full' : 'pull-error/dns-failure'));

describe('a second pod', () => {
  it('is diagnosed once where it lies elsewhere, and changes nothing where it has the same cause', async () => {
    const { see, settle, incidents, runs, store, shown } = splitWorld(finds('pull-error/dns-failure'));
    await see(...many(9, (at) => ({ node: `node-${at % 3}`, symptom: 'dns-failure' })));
    await settle();
    const [whole, second] = await incidents();
    expect([second?.joined, second?.places, await runs()]).toEqual([whole?.id, [], 2]);
    expect(await store.members.count(whole?.id ?? '')).toMatchObject({ pod: 9 });
    expect(shown()).toHaveLength(1);
    expect(shown()[0]?.text).not.toContain('plit');
  });

  it('is not looked for where all pods share namespace and node', async () => {
    const { see, settle, runs } = splitWorld(onNode2);
    await see(...many(9, () => ({})));
    await settle();
    expect(await runs()).toBe(1);
  });

  it('with another cause takes over the pods of its node, now and later, and both cards say so', async () => {
    const { see, settle, incidents, runs, store, shown } = splitWorld(onNode2);
    const pods = (from: number) =>
      many(10, (at) => ({ pod: `web-${from + at}`, node: at < 4 ? 'node-2' : 'node-1', since: `2026-03-01T10:0${from / 10}:00Z` }));
    await see(...pods(0).slice(4));
    await see(...pods(0));
    await settle();
    const [whole, part] = await incidents();
    expect(await incidents()).toHaveLength(2);
    const counts = async () => [await store.members.count(whole?.id ?? ''), await store.members.count(part?.id ?? '')];
    expect(await counts()).toMatchObject([
      { pod: 6, failing: 6, node: 1 },
      { pod: 4, failing: 4, node: 1 },
    ]);
    await see(...pods(10));
    await settle();
    expect(await counts()).toMatchObject([{ pod: 12 }, { pod: 8 }]);
    expect([await incidents(), await runs()]).toMatchObject([{ length: 2 }, 2]);
    const [first, second] = shown();
    expect(first?.text).toMatch(/Split: pods on node-2 fail for another cause · its card \(https:/);
    expect(second?.text).toMatch(/Split from an incident that looked the same and has another cause · its card \(https:/);
    expect(second?.text).toMatch(/^The disk of node-2 is full\n/);
  });

  it('of another namespace is told where that one is told, and names neither in the other channel', async () => {
    const { see, settle, incidents, shown } = splitWorld(
      findsBy(({ namespace }) => (namespace === 'data' ? 'pull-error/disk-full' : 'pull-error/dns-failure')),
    );
    await see(...many(4, (at) => ({ namespace: at < 2 ? 'shop' : 'data', node: 'node-1', symptom: 'dns-failure' })));
    await settle();
    expect((await incidents()).map(({ places }) => places)).toEqual([[{ channel: 'C2' }], [{ channel: 'C1' }]]);
    const [data, shop] = shown();
    expect(data?.text).toContain('Split: pods of another namespace fail for another cause');
    expect(data?.text).not.toContain('shop/web-');
    expect(shop?.text).not.toContain('data/');
  });

  it('hands its pods back where its incident is over', async () => {
    const { see, settle, incidents, store, pods, recovery } = splitWorld(onNode2);
    const all = many(6, (at) => ({ node: at < 3 ? 'node-1' : 'node-2' }));
    await see(...all);
    await settle();
    for (const pod of all.slice(3)) pods.set(`shop/${pod.pod}`, podOf(pod, 'pulled'));
    await recovery.look();
    const [whole, part] = await incidents();
    expect([whole?.life.status, part?.life.status]).toEqual(['open', 'resolved']);
    await see(sightingObject({ pod: 'web-9', node: 'node-2' }));
    expect((await store.members.count(whole?.id ?? '')).failing).toBe(4);
  });
});
