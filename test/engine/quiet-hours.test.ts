import { describe, expect, it } from 'vitest';
import type { Life } from '../../src/incident/incident.ts';
import type { Destination } from '../../src/routing/route.ts';
import { detectionWorld, sightingObject } from '../support/detection.ts';

const NIGHT = { from: '09:00', to: '11:00', timeZone: 'UTC' };
const HOUR_MS = 3_600_000;

/** At 10:10, in quiet hours until 11:00. */
const world = (given: Partial<Destination> = {}) =>
  detectionWorld({ route: () => ({ place: { channel: 'C1' }, quietHours: NIGHT, ...given }) });

describe('what begins in quiet hours', () => {
  it('is diagnosed at once, and told when they end', async () => {
    const { see, work, cards, clock, incidents, engine, runs } = world();
    await see(sightingObject({ pod: 'web-0' }));
    await work();
    expect([await runs(), (await incidents())[0]?.heldUntil]).toEqual([1, '2026-03-01T11:00:00.000Z']);
    await engine.resume();
    await work();
    expect(cards()).toEqual([]);
    clock.at += HOUR_MS;
    await engine.resume();
    await work();
    expect(cards()).toHaveLength(1);
    expect((await incidents())[0]?.heldUntil).toBeUndefined();
    await engine.resume();
    await work();
    expect(cards()[0]?.edits ?? 0).toBe(0);
  });

  it('is never told where it ended before they did, and is where it came back', async () => {
    const { see, work, cards, clock, incidents, engine, store } = world();
    await see(sightingObject({ pod: 'web-0' }));
    await work();
    const [incident] = await incidents();
    const by = { kind: 'recovery' as const, pods: 1, pulled: 1, changes: [] };
    const set = (life: Life) => store.incidents.update(incident?.id ?? '', (known) => ({ ...known, life }));
    await set({ status: 'resolved', at: '2026-03-01T10:30:00Z', by });
    clock.at += HOUR_MS;
    await engine.resume();
    await work();
    expect(cards()).toEqual([]);
    await set({ status: 'reopened', at: '2026-03-01T11:15:00Z' });
    await engine.resume();
    await work();
    expect(cards()).toHaveLength(1);
  });

  it('is told at once on a route without quiet hours, and mentions whom the route names, once', async () => {
    const { see, work, cards } = detectionWorld({ route: () => ({ place: { channel: 'C1' }, mention: ['S0ONCALL', 'U0ANN'] }) });
    await see(sightingObject({ pod: 'web-0' }));
    await work();
    expect(cards()).toHaveLength(1);
    expect(cards()[0]?.text).toContain('For @S0ONCALL @U0ANN');
  });

  it('is counted quietly, too, where a namespace has no room for more', async () => {
    const { see, work, cards, clock, engine } = detectionWorld({
      limits: { openPerNamespace: 1 },
      route: () => ({ place: { channel: 'C1' }, quietHours: NIGHT, mention: ['U0ANN'] }),
    });
    await see(...['a', 'b', 'c'].map((name) => sightingObject({ pod: name, image: `registry.example/${name}:1` })));
    await work();
    expect(cards()).toEqual([]);
    clock.at += HOUR_MS;
    await engine.resume();
    await work();
    const texts = cards().map(({ text }) => text);
    expect(texts.filter((text) => text.includes('more pods'))).toHaveLength(1);
    expect(texts.find((text) => text.includes('more pods'))).not.toContain('U0ANN');
  });
});
