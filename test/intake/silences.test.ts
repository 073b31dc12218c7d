import { describe, expect, it } from 'vitest';
import { createAccess } from '../../src/intake/access.ts';
import { createIntake } from '../../src/intake/create-intake.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { incidentObject } from '../support/incidents.ts';
import { peopleOf, unexamined } from '../support/people.ts';

const HOUR_MS = 3_600_000;

function world() {
  const store = new MemoryStore();
  const clock = { at: Date.parse('2026-03-01T10:00:00Z') };
  const intake = createIntake({
    examine: unexamined,
    store,
    queue: { add: async () => undefined, ask: async () => undefined },
    access: createAccess({
      clusters: [{ name: 'prod', namespaces: { deny: ['kube-*'] } }],
      rules: [
        { clusters: ['*'], namespaces: ['shop'] },
        { clusters: ['*'], namespaces: ['*'], groups: ['SADMINS'] },
      ],
      people: peopleOf({ outsiders: ['UGUEST'], groups: { SADMINS: ['UADMIN'] } }),
    }),
    clusters: ['prod'],
    causes: ['tag-not-found'],
    keepsRecordings: true,
    now: () => new Date(clock.at),
    newId: () => 'id',
  });
  const silence = (given: { user?: string; namespace?: string; forMs?: number; delivery?: string } = {}) =>
    intake.silence({
      person: { user: given.user ?? 'U1', channel: 'C1' },
      delivery: given.delivery ?? 'd1',
      cluster: 'prod',
      namespace: given.namespace ?? 'shop',
      workload: 'web',
      forMs: given.forMs ?? HOUR_MS,
    });
  const listed = async (user = 'U1') => (await intake.silences({ person: { user, channel: 'C1' } })).map(({ namespace }) => namespace);
  return { store, clock, intake, silence, listed };
}

describe('a silence', () => {
  it('holds for its time, is listed meanwhile, and is one where a delivery comes twice', async () => {
    const { clock, silence, listed } = world();
    expect(await silence()).toMatchObject({ status: 'silenced', silence: { by: 'U1', until: '2026-03-01T11:00:00.000Z' } });
    await silence();
    expect(await listed()).toEqual(['shop']);
    clock.at += HOUR_MS;
    expect(await listed()).toEqual([]);
  });

  it('lasts a day at most, and is made and seen by those only who may ask about the namespace', async () => {
    const { silence, listed } = world();
    expect(await silence({ forMs: 25 * HOUR_MS })).toMatchObject({ status: 'refused', code: 'intake/silence' });
    expect(await silence({ forMs: 0 })).toMatchObject({ status: 'refused' });
    expect(await silence({ user: 'UGUEST' })).toMatchObject({ status: 'refused', code: 'intake/not-a-member' });
    expect(await silence({ namespace: 'pay' })).toMatchObject({ status: 'refused', code: 'intake/forbidden' });
    expect(await silence({ namespace: 'pay', user: 'UADMIN' })).toMatchObject({ status: 'silenced' });
    expect(await listed()).toEqual([]);
    expect(await listed('UADMIN')).toEqual(['pay']);
  });

  it('is made for the workload of an incident by who may see that', async () => {
    const { store, intake } = world();
    await store.incidents.create(incidentObject({ id: 'i', cluster: 'prod', namespace: 'shop', workload: 'Deployment/web' }));
    const about = (user: string, what: 'workload' | 'cause') => ({
      person: { user, channel: 'C1' },
      delivery: `${what} ${user}`,
      incidentId: 'i',
      what,
      forMs: HOUR_MS,
    });
    expect(await intake.silenceIncident(about('U1', 'workload'))).toMatchObject({
      status: 'silenced',
      silence: { namespace: 'shop', about: { kind: 'workload', workload: 'web' }, until: '2026-03-01T11:00:00.000Z' },
    });
    await expect(intake.silenceIncident(about('UGUEST', 'workload'))).rejects.toMatchObject({ code: 'store/not-found' });
    await expect(intake.silenceable(about('UGUEST', 'workload'))).rejects.toMatchObject({ code: 'store/not-found' });
    // No verdict, no cause.
    expect(await intake.silenceable(about('U1', 'cause'))).toEqual({ cluster: 'prod', namespace: 'shop', workload: 'web' });
    expect(await intake.silenceIncident(about('U1', 'cause'))).toMatchObject({ status: 'refused' });
  });

  it('is made for the cause of an incident: elsewhere, too, by who may ask about every namespace', async () => {
    const { store, intake } = world();
    const outcome = { runId: 'r', cause: 'registry-unavailable', title: 'registry.example is away', confidence: 'confirmed', at: '' };
    const identity = { provisional: 'prod|?registry|registry.example', established: 'prod|registry-unavailable|registry.example' };
    await store.incidents.create(incidentObject({ id: 'i', cluster: 'prod', namespace: 'shop', outcome, identity }));
    const about = (user: string) =>
      ({ person: { user, channel: 'C1' }, delivery: user, incidentId: 'i', what: 'cause', forMs: HOUR_MS }) as const;
    expect((await intake.silenceable(about('U1'))).cause).toEqual({ title: 'registry.example is away', everywhere: false });
    expect(await intake.silenceIncident(about('U1'))).toMatchObject({
      silence: { about: { everywhere: false, keys: Object.values(identity) } },
    });
    expect(await intake.silenceIncident(about('UADMIN'))).toMatchObject({ silence: { about: { everywhere: true } } });
  });

  it('is ended by whoever may ask about it, once', async () => {
    const { store, intake, silence, listed } = world();
    await silence({ namespace: 'pay', user: 'UADMIN' });
    const [record] = await intake.silences({ person: { user: 'UADMIN', channel: 'C1' } });
    const silenceId = record?.id ?? '';
    const end = (user: string) => intake.endSilence({ person: { user, channel: 'C1' }, silenceId });
    expect(await end('U1')).toMatchObject({ status: 'refused' });
    expect(await end('UADMIN')).toMatchObject({ status: 'ended', silence: { ended: { by: 'UADMIN' } } });
    await end('UADMIN');
    expect((await store.silences.read(silenceId)).revision).toBe(1);
    expect(await listed('UADMIN')).toEqual([]);
  });
});
