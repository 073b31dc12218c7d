import { expect, it } from 'vitest';
import { examineFor } from '../../src/intake/examination.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { peopleOf } from '../support/people.ts';

const OWN = { at: '2026-03-01T12:00:00.000Z', made: 3, wrong: [] };
const alive = (id: string) => ({ id, roles: ['worker'], clusters: ['prod'], versions: {}, taskVersion: 1 });

async function asking(admins?: { users: string[]; groups: string[] }) {
  const store = new MemoryStore();
  await store.heartbeats.write(alive('this-one'));
  await store.heartbeats.write(alive('another'));
  let looks = 0;
  const people = peopleOf({ outsiders: ['UGUEST'], admins: ['UADMIN', 'UGUEST'], groups: { SADMINS: ['UBOB'] } });
  const look = async () => {
    looks += 1;
    return OWN;
  };
  const ask = (user: string) => examineFor({ user }, { admins, people, store, processId: 'this-one', look });
  return { ask, looks: () => looks };
}

it('tells an admin of the workspace how this process is, and every other one', async () => {
  const { ask } = await asking();
  const answer = await ask('UADMIN');
  expect(answer).toMatchObject({ status: 'examined', processes: [{ roles: ['worker'], examined: OWN }, { id: 'another' }] });
});

it('tells nobody else, and looks at nothing for them', async () => {
  const { ask, looks } = await asking();
  for (const user of ['UANN', 'UGUEST'])
    expect(await ask(user)).toMatchObject({
      status: 'refused',
      code: 'intake/not-an-admin',
      says: expect.stringContaining('admins of the workspace'),
    });
  expect(looks()).toBe(0);
});

it('goes by approvals.yaml where that names admins, by person or group; then those of the workspace are nobody', async () => {
  const { ask, looks } = await asking({ users: ['UANN', 'UGUEST'], groups: ['SADMINS'] });
  expect(await ask('UANN')).toMatchObject({ status: 'examined' });
  expect(await ask('UBOB')).toMatchObject({ status: 'examined' });
  for (const user of ['UADMIN', 'UGUEST'])
    expect(await ask(user)).toMatchObject({ status: 'refused', says: expect.stringContaining('approvals.yaml') });
  expect(looks()).toBe(2);
});
