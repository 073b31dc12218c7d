import { describe, expect, it } from 'vitest';
import { createDesk } from '../../src/intake/intake.ts';
import { InlineQueue } from '../../src/queue/inline-queue.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { incidentObject } from '../support/incidents.ts';

/** A desk over a memory store that nobody works for. */
function open() {
  const store = new MemoryStore();
  const desk = createDesk({
    store,
    queue: new InlineQueue(),
    clusters: ['prod'],
    mayAsk: () => true,
    now: () => new Date('2026-03-01T10:00:00Z'),
    newId: () => 'id',
    pause: async () => undefined,
  });
  return { store, desk };
}

describe('the history of a workload', () => {
  it('reaches back beyond whatever else was diagnosed since', async () => {
    const { store, desk } = open();
    const openedAt = '2026-03-01T09:00:00Z';
    await store.createIncident(incidentObject({ id: 'old', namespace: 'shop', pod: 'web-7d9f-x', workload: 'Deployment/web', openedAt }));
    for (let n = 0; n < 60; n++) {
      const namespace = n % 2 === 0 ? 'shop' : 'data';
      const later = `2026-03-01T09:00:${String(n).padStart(2, '0')}Z`;
      await store.createIncident(incidentObject({ id: `n${n}`, namespace, pod: `db-${n}`, workload: 'StatefulSet/db', openedAt: later }));
    }
    const of = async (about: { namespace: string; workload?: string }) =>
      (await desk.incidents({ open: false, about })).map(({ id }) => id);
    expect(await of({ namespace: 'shop', workload: 'web' })).toEqual(['old']);
    expect(await of({ namespace: 'shop', workload: 'web-7d9f-x' })).toEqual(['old']);
    expect(await of({ namespace: 'shop', workload: 'we' })).toEqual([]);
    expect(await of({ namespace: 'data', workload: 'web' })).toEqual([]);
    expect(await of({ namespace: 'data' })).toHaveLength(20);
    expect((await of({ namespace: 'data' }))[0]).toBe('n59');
  });
});
