import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../src/detection/sighting.ts';
import { createDetector } from '../../src/engine/detection/detector.ts';
import { detectionWorld, finds, podOf, sightingObject } from '../support/detection.ts';
import { requestObject } from '../support/incidents.ts';

const many = (n: number, of: (at: number) => Partial<Sighting>): readonly Sighting[] =>
  Array.from({ length: n }, (_, at) => sightingObject({ pod: `web-${at}`, ...of(at) }));

describe('what was seen', () => {
  it('becomes one incident with one run and one card, however often and by whomever it is told', async () => {
    const { see, work, incidents, runs, cards, detector, parts } = detectionWorld();
    const other = createDetector(parts);
    await Promise.all([see(sightingObject()), other.see([sightingObject({ seenBy: 'alert', source: 'prom' })])]);
    await work();
    await see(sightingObject(), sightingObject());
    await detector.see([sightingObject({ seenBy: 'sweep', symptom: 'unauthorized' })]);
    await work();
    expect(await incidents()).toMatchObject([{ pod: 'web-0', since: '2026-03-01T10:00:00Z', places: [{ channel: 'C1' }] }]);
    expect([await runs(), cards().length]).toEqual([1, 1]);
  });

  it('begins by what saw it, and the pods after it are counted without a run of their own', async () => {
    const { see, work, incidents, store, runs } = detectionWorld();
    await see(sightingObject({ seenBy: 'alert', source: 'prom' }));
    await work();
    await see(...many(14, (at) => ({ node: `node-${1 + (at % 6)}` })));
    await work();
    const [incident] = await incidents();
    expect(incident?.trigger).toEqual({ kind: 'alert', source: 'prom' });
    expect(await store.members.count(incident?.id ?? '')).toMatchObject({ pod: 14, node: 6, failing: 14 });
    expect(await runs()).toBe(1);
  });

  it('joins the incident that somebody asked for', async () => {
    const { see, work, incidents, engine, runs, pods } = detectionWorld();
    pods.set('shop/web-0', podOf(sightingObject()));
    await engine.begin(requestObject({ id: 'asked' }));
    await see(...many(3, () => ({ symptom: 'hanging' })));
    await work();
    expect((await incidents()).map(({ id }) => id)).toEqual(['asked']);
    expect(await runs()).toBe(1);
  });

  it('is told to nobody without a channel, and is an incident all the same', async () => {
    const { see, work, incidents, chat } = detectionWorld({ route: () => undefined });
    await see(sightingObject());
    await work();
    expect([(await incidents()).length, chat.said.length]).toEqual([1, 0]);
  });

  it('gives the same incidents in any order, repeated and in any portions', async () => {
    const symptoms = ['tag-not-found', 'unauthorized', 'registry-unavailable', 'unknown', 'hanging', 'disk-full'] as const;
    const sighting = fc
      .record({
        pod: fc.nat(20),
        node: fc.nat(2),
        image: fc.constantFrom('a.example/x:1', 'a.example/y:1', 'b.example/x:1'),
        symptom: fc.constantFrom(...symptoms),
        namespace: fc.constantFrom('shop', 'data'),
      })
      .map((of) => sightingObject({ ...of, pod: `web-${of.symptom}-${of.pod}`, node: `node-${of.node}` }));
    const groupsOf = async (portions: readonly (readonly Sighting[])[]): Promise<readonly string[]> => {
      const { detector, incidents, store } = detectionWorld({ limits: { openPerNamespace: 100, perHour: 100 } });
      for (const portion of portions) await detector.see(portion);
      const members = await Promise.all(
        (await incidents()).map(async ({ id }) => (await store.members.list(id, { kind: 'failing', limit: 100 })).names.join(', ')),
      );
      return members.toSorted();
    };
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(sighting, { selector: ({ namespace, pod }) => `${namespace}/${pod}`, maxLength: 25 }),
        fc.nat(25),
        fc.gen(),
        async (all, cut, gen) => {
          const shuffled = gen(fc.shuffledSubarray, [...all], { minLength: all.length });
          const portions = [shuffled.slice(0, cut), shuffled.slice(cut), shuffled.slice(0, 5)];
          expect(await groupsOf(portions)).toEqual(await groupsOf([all]));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a storm', () => {
  it('of ten thousand pods of one image is one thread and at most two runs, at most one message a pause', async () => {
    const paceMs = 50;
    const { see, work, incidents, runs, cards, chat, store } = detectionWorld({ probe: finds('pull-error/dns-failure'), paceMs });
    const began = performance.now();
    for (let from = 0; from < 10_000; from += 500) {
      await see(...many(500, (at) => ({ pod: `web-${from + at}`, uid: `u-${from + at}`, node: `node-${at % 50}` })));
      if (from % 2_000 === 0) await work();
    }
    await work();
    // The verdict is of another family than the error, so nothing but the image itself leads here.
    const [incident] = await incidents();

    expect(incident?.identity.provisional).toBeUndefined();
    expect(await incidents()).toHaveLength(1);
    expect(await store.members.count(incident?.id ?? '')).toMatchObject({ pod: 10_000, node: 50 });
    expect(await runs()).toBeLessThanOrEqual(2);
    expect(cards()).toHaveLength(1);
    const calls = chat.said.reduce((sum, { edits }) => sum + 1 + edits, 0);
    expect(calls).toBeLessThanOrEqual((performance.now() - began) / paceMs + 1);
  });

  it.each(['registry-unavailable', 'network-timeout'] as const)(
    'of a registry with three hundred images in ten namespaces is one thread, be the error %s',
    async (symptom) => {
      const probe = finds('pull-error/registry-unavailable');
      const { see, work, incidents, runs, cards, store } = detectionWorld({ limits: { openPerNamespace: 1 }, probe });
      const outage = many(3_000, (at) => ({
        namespace: `shop-${at % 10}`,
        image: `registry.example/shop/web-${at % 300}:1`,
        workload: `Deployment/web-${at % 300}`,
        symptom,
      }));
      await see(...outage.slice(0, 1_000));
      await work();
      await see(...outage);
      await work();
      const [incident] = await incidents();
      expect([(await incidents()).length, await runs(), cards().length]).toEqual([1, 1, 1]);
      expect(await store.members.count(incident?.id ?? '')).toMatchObject({ pod: 3_000, namespace: 10 });
    },
  );

  it('of ten thousand invented registries is five incidents and one that counts the rest, and another tenant is told as ever', async () => {
    const { see, work, incidents, runs, cards, store, chat } = detectionWorld();
    const flood = many(10_000, (at) => ({
      namespace: 'tenant',
      image: `r${at}.example/x:1`,
      workload: `Deployment/x-${at}`,
      symptom: 'dns-failure',
    }));
    await see(...flood, sightingObject({ namespace: 'shop' }));
    await see(...flood);
    await work();
    const all = await incidents();
    expect(all.filter(({ namespace, overflow }) => namespace === 'tenant' && !overflow)).toHaveLength(5);
    const rest = all.filter(({ overflow }) => overflow !== undefined);
    expect(rest).toHaveLength(1);
    expect((await store.members.count(rest[0]?.id ?? '')).pod).toBe(9_995);
    expect(all.filter(({ namespace }) => namespace === 'shop')).toHaveLength(1);
    expect(await runs()).toBe(6);
    // At one message a second that is within a minute, wherever among them the other tenant's are.
    expect(chat.said.reduce((sum, { edits }) => sum + 1 + edits, 0)).toBeLessThanOrEqual(60);
    expect(
      cards()
        .map(({ text }) => text)
        .filter((text) => text.includes('9,995')),
    ).toHaveLength(1);
  });

  it('opens no more than ten incidents of a namespace within an hour, even where they end at once', async () => {
    const { see, incidents, store, detector } = detectionWorld();
    for (let n = 0; n < 20; n++) {
      await see(sightingObject({ pod: `web-${n}`, image: `registry.example/x:${n}` }));
      for (const { id, overflow } of await incidents())
        if (!overflow)
          await store.incidents.update(id, (known) => ({
            ...known,
            life: { status: 'resolved', at: '2026-03-01T09:00:00Z', by: { kind: 'run', id } },
          }));
    }
    await detector.see([]);
    expect((await incidents()).filter(({ overflow }) => !overflow)).toHaveLength(10);
  });
});
