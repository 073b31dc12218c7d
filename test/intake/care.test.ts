import { expect, it } from 'vitest';
import { createAccess } from '../../src/intake/access.ts';
import { createIntake } from '../../src/intake/create-intake.ts';
import type { Task } from '../../src/queue/task-queue.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { incidentObject } from '../support/incidents.ts';
import { peopleOf, unexamined } from '../support/people.ts';

async function world() {
  const store = new MemoryStore();
  const queued: Task[] = [];
  const clusters = [{ name: 'prod', namespaces: { deny: [] } }];
  const rules = [{ clusters: ['*'], namespaces: ['shop'] }];
  const intake = createIntake({
    examine: unexamined,
    store,
    queue: { add: async (task) => void queued.push(task), ask: async () => undefined },
    access: createAccess({ clusters, rules, people: peopleOf({ outsiders: ['UGUEST'], groups: {} }) }),
    clusters: ['prod'],
    causes: ['tag-not-found'],
    keepsRecordings: true,
    now: () => new Date('2026-03-01T12:00:00Z'),
    newId: () => 'id',
  });
  await store.incidents.create(incidentObject({ id: 'shop', cluster: 'prod', namespace: 'shop' }));
  await store.incidents.create(incidentObject({ id: 'pay', cluster: 'prod', namespace: 'pay', pod: 'api-0' }));
  await store.incidents.create(
    incidentObject({ id: 'private', cluster: 'prod', namespace: 'shop', pod: 'db-0', audience: { kind: 'channel', channel: 'C0SECRET' } }),
  );
  const asked = (user: string, incidentId = 'shop') => ({ person: { user, channel: 'C1' }, incidentId });
  const care = async () => (await store.incidents.read('shop')).care;
  return { store, queued, intake, asked, care };
}

it('notes who takes care of an incident, who takes it over, and that nobody does any more; each tells the card once', async () => {
  const { store, queued, intake, asked, care } = await world();
  expect(await intake.takeCare(asked('UANN'))).toEqual({ status: 'noted' });
  await intake.takeCare(asked('UANN'));
  expect([await care(), queued.length]).toEqual([{ by: 'UANN', since: '2026-03-01T12:00:00.000Z' }, 1]);
  await intake.takeCare(asked('UBOB'));
  expect(await care()).toMatchObject({ by: 'UBOB' });
  await intake.endCare(asked('UANN'));
  await intake.endCare(asked('UANN'));
  expect([await care(), (await store.incidents.read('shop')).revision]).toEqual([undefined, 3]);
});

it('takes nothing from who may not ask about the namespace, or see the incident', async () => {
  const { intake, asked, care } = await world();
  expect(await intake.takeCare(asked('UGUEST'))).toMatchObject({ status: 'refused', code: 'intake/not-a-member' });
  expect(await intake.takeCare(asked('UANN', 'pay'))).toMatchObject({ status: 'refused', code: 'intake/forbidden' });
  await expect(intake.takeCare(asked('UANN', 'private'))).rejects.toMatchObject({ code: 'store/not-found' });
  await expect(intake.endCare(asked('UANN', 'private'))).rejects.toMatchObject({ code: 'store/not-found' });
  expect(await care()).toBeUndefined();
});
