import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createAccess } from '../../src/intake/access.ts';
import { createIntake } from '../../src/intake/create-intake.ts';
import { createPasses } from '../../src/passes/passes.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { incidentObject } from '../support/incidents.ts';
import { peopleOf, unexamined } from '../support/people.ts';

async function world(given: { readonly hasPages?: boolean } = {}) {
  const store = new MemoryStore();
  const now = () => new Date('2026-03-01T12:00:00Z');
  const passes = createPasses({ store, now, randomBytes });
  const clusters = [{ name: 'prod', namespaces: { deny: [] } }];
  const rules = [{ clusters: ['*'], namespaces: ['shop'] }];
  const intake = createIntake({
    examine: unexamined,
    store,
    queue: { add: async () => undefined, ask: async () => undefined },
    access: createAccess({ clusters, rules, people: peopleOf({ outsiders: ['UGUEST'] }) }),
    clusters: ['prod'],
    causes: [],
    keepsRecordings: true,
    now,
    newId: () => 'id',
    pages: given.hasPages === false ? undefined : { passes, publicUrl: 'https://imagepull.example' },
  });
  const common = { cluster: 'prod', namespace: 'shop' };
  await store.incidents.create(incidentObject({ ...common, id: 'shop' }));
  await store.incidents.create(incidentObject({ ...common, id: 'pay', namespace: 'pay', pod: 'api-0' }));
  await store.incidents.create(
    incidentObject({ ...common, id: 'private', pod: 'db-0', audience: { kind: 'channel', channel: 'C0SECRET' } }),
  );
  const invite = (user: string, incidentId = 'shop', channel = 'C1') => intake.invite({ person: { user, channel }, incidentId });
  return { invite, passes };
}

it('gives a link of its own to each who may see the incident, bound to them, their channel and the incident', async () => {
  const { invite, passes } = await world();
  const [ann, bob] = [await invite('UANN'), await invite('UBOB')];
  if (ann.status === 'refused' || bob.status === 'refused') throw new Error('they were refused');
  expect(ann).toMatchObject({ about: 'shop/web-0', until: new Date('2026-03-01T12:05:00Z') });
  const [origin, key = ''] = ann.url.split('/incidents/shop/open/');
  expect([origin, bob.url === ann.url]).toEqual(['https://imagepull.example', false]);
  expect(await passes.invitation(key, 'shop')).toMatchObject({ user: 'UANN', channel: 'C1', incidentId: 'shop' });
});

it('gives none to guests, to who may not ask about the namespace, or outside of the channel that may know of the incident', async () => {
  const { invite } = await world();
  expect(await invite('UGUEST')).toMatchObject({ status: 'refused', code: 'intake/not-a-member' });
  expect(await invite('UANN', 'pay')).toMatchObject({ status: 'refused', code: 'intake/forbidden' });
  await expect(invite('UANN', 'private')).rejects.toMatchObject({ code: 'store/not-found' });
  await expect(invite('UANN', 'gone')).rejects.toMatchObject({ code: 'store/not-found' });
  expect(await invite('UANN', 'private', 'C0SECRET')).toMatchObject({ status: 'invited' });
});

it('gives none where incidents have no pages, and no more than ten a minute', async () => {
  expect(await (await world({ hasPages: false })).invite('UANN')).toMatchObject({
    status: 'refused',
    says: expect.stringContaining('http.publicUrl'),
  });
  const { invite } = await world();
  for (let nth = 0; nth < 10; nth++) expect(await invite('UANN')).toMatchObject({ status: 'invited' });
  expect(await invite('UANN')).toMatchObject({ status: 'refused', code: 'intake/too-many' });
  expect(await invite('UBOB')).toMatchObject({ status: 'invited' });
});
