import { expect, it } from 'vitest';
import { createAccess } from '../../src/intake/access.ts';
import { createIntake } from '../../src/intake/create-intake.ts';
import type { Task } from '../../src/queue/task-queue.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { incidentObject, runObject } from '../support/incidents.ts';
import { peopleOf, unexamined } from '../support/people.ts';

const CONCLUSION = {
  at: '2026-03-01T10:11:00Z',
  title: 'registry.example has no tag 1 of shop/web',
  verdict: { cause: 'tag-not-found', confidence: 'likely', because: [], against: [], context: [], alternatives: [], unchecked: [] },
} as const;

async function world() {
  const store = new MemoryStore();
  const queued: Task[] = [];
  const counted: unknown[] = [];
  const clusters = [{ name: 'prod', namespaces: { deny: [] } }];
  const intake = createIntake({
    examine: unexamined,
    store,
    queue: { add: async (task) => void queued.push(task), ask: async () => undefined },
    access: createAccess({
      clusters,
      rules: [{ clusters: ['*'], namespaces: ['shop'] }],
      people: peopleOf({ outsiders: ['UGUEST'], groups: {} }),
    }),
    clusters: ['prod'],
    causes: ['tag-not-found', 'dns-failure'],
    keepsRecordings: true,
    now: () => new Date('2026-03-01T12:00:00Z'),
    newId: () => 'id',
    metrics: { count: (...given) => void counted.push(given), time: () => undefined, gauge: () => undefined },
  });
  await store.incidents.create(incidentObject({ id: 'i', cluster: 'prod', namespace: 'shop' }));
  await store.incidents.create(incidentObject({ id: 'none', cluster: 'prod', namespace: 'shop', pod: 'db-0' }));
  const run = runObject({ id: 'r', incidentId: 'i' });
  await store.runs.create({ ...run, target: { ...run.target, cluster: 'prod' }, conclusion: CONCLUSION as never });
  const dispute = (user: string, given: { said?: string; words?: string; delivery?: string } = {}) =>
    intake.dispute({
      person: { user, channel: 'C1' },
      delivery: given.delivery ?? 'd',
      incidentId: 'i',
      said: given.said ?? 'dns-failure',
      words: given.words,
    });
  const corrections = async () => (await store.corrections.list({ index: 'all' })).records;
  return { store, queued, counted, intake, dispute, corrections };
}

it('is written down once, without secrets, counted, told on the card, and recorded by a worker of the cluster', async () => {
  const { store, queued, counted, dispute, corrections } = await world();
  const words = 'the password=canary-words of robot did not resolve';
  expect(await dispute('UANN', { words })).toEqual({ status: 'noted' });
  await dispute('UANN', { words });
  const [correction, ...others] = await corrections();
  expect(others).toEqual([]);
  expect(correction).toMatchObject({ runId: 'r', cause: 'tag-not-found', confidence: 'likely', said: 'dns-failure', by: 'UANN' });
  expect(JSON.stringify(correction)).not.toContain('canary');
  expect(counted).toEqual([['imagepull_verdicts_disputed_total', { cause: 'tag-not-found', said: 'dns-failure' }]]);
  expect((await store.incidents.read('i')).disputed).toEqual({ by: 'UANN', said: 'dns-failure', at: '2026-03-01T12:00:00.000Z' });
  expect(queued).toContainEqual({ kind: 'keep', cluster: 'prod', correctionId: correction?.id });
  expect(queued).toContainEqual({ kind: 'speak', channel: 'C1', delayMs: 0 });
});

it('is taken from nobody who may not ask, and names no cause that there is not', async () => {
  const { intake, dispute, corrections } = await world();
  await expect(dispute('UGUEST')).rejects.toMatchObject({ code: 'store/not-found' });
  expect(await dispute('UANN', { said: 'gremlins' })).toMatchObject({ status: 'refused', code: 'intake/correction' });
  expect(await dispute('UANN', { said: 'constructor' })).toMatchObject({ status: 'refused' });
  const disputable = (user: string, incidentId: string) => intake.disputable({ person: { user, channel: 'C1' }, incidentId });
  await expect(disputable('UGUEST', 'i')).rejects.toMatchObject({ code: 'store/not-found' });
  await expect(disputable('UANN', 'none')).rejects.toMatchObject({ code: 'store/not-found' });
  expect(await disputable('UANN', 'i')).toEqual({ title: CONCLUSION.title, causes: ['dns-failure'], isRecorded: true });
  expect(await corrections()).toEqual([]);
});
