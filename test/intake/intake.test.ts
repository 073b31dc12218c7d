import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/engine.ts';
import { CodedError } from '../../src/errors.ts';
import { type AccessRule, createAccess } from '../../src/intake/access.ts';
import { createIntake } from '../../src/intake/create-intake.ts';
import { idOfDelivery } from '../../src/intake/delivery-id.ts';
import type { DiagnosisAnswer } from '../../src/intake/intake.ts';
import { InlineQueue } from '../../src/queue/inline-queue.ts';
import type { TaskQueue } from '../../src/queue/task-queue.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import { runsOf } from '../../src/store/kinds.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { ALL } from '../../src/store/record-kind.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { incidentObject, runObject } from '../support/incidents.ts';
import { MemoryChat } from '../support/memory-chat.ts';
import { podObject } from '../support/objects.ts';
import { peopleOf, unexamined } from '../support/people.ts';
import { catalogue, classify } from '../support/rules.ts';

const IMAGE = 'registry.example/shop/web:1';
const failing = (name: string) =>
  podObject({ name, image: IMAGE, waiting: { reason: 'ErrImagePull', message: `failed to resolve image: ${IMAGE}: not found` } });
const PATIENT = { timeout: 15_000 };
const NOW = new Date('2026-03-01T10:10:00Z');

/** An intake with a worker behind it, on a cluster with pods web-0 and web-1; each step ends when the test lets it. */
function world(
  given: { readonly rules?: readonly AccessRule[]; readonly queue?: (inline: InlineQueue) => TaskQueue; readonly working?: boolean } = {},
) {
  const store = new MemoryStore();
  const inline = new InlineQueue();
  const queue = given.queue?.(inline) ?? inline;
  const chat = new MemoryChat();
  const first = failing('web-0');
  const recording = { ...recordingOf(first), pods: [first, failing('web-1')] };
  const gate = Promise.withResolvers<void>();
  const engine = createEngine({
    runbook: { name: 'test', version: 1, steps: [{ id: 'wait', title: 'Wait', uses: 'wait', needs: [], timeoutMs: 60_000, attempts: 1 }] },
    catalogue,
    classify,
    probes: {
      wait: async () => {
        await gate.promise;
        return { findings: [] };
      },
    },
    clusters: { test: { sources: createRecordedSources(recording), unwanted: {}, mayReadSecrets: true } },
    store,
    queue: inline,
    chat,
    paceMs: 0,
    log: SILENT,
    now: () => NOW,
  });
  const worker =
    given.working === false ? undefined : inline.work({ perform: engine.perform, onError: (error) => expect.fail(error.message) });
  let ids = 0;
  const intake = createIntake({
    examine: unexamined,
    causes: [],
    keepsRecordings: true,
    store,
    queue,
    access: createAccess({
      clusters: [{ name: 'test', namespaces: { deny: ['kube-*'] } }],
      rules: given.rules,
      people: peopleOf({ privateChannels: ['CPRIV', 'CPRIV2'], outsiders: ['UGUEST'] }),
    }),
    clusters: ['test'],
    now: () => NOW,
    newId: () => `id-${ids++}`,
  });
  let deliveries = 0;
  const diagnose = (given: { user?: string; channel?: string; pod?: string; delivery?: string; onKept?: () => void } = {}) => {
    const { user = 'U1', channel = 'C1', pod = 'web-0', delivery = `delivery-${deliveries++}`, onKept } = given;
    const person = { user, channel };
    const trigger = { kind: 'command', user } as const;
    const asked = { person, delivery, cluster: 'test', namespace: 'shop', pod, place: { channel }, trigger };
    return intake.diagnose(onKept ? { ...asked, onKept } : asked);
  };
  return {
    store,
    inline,
    engine,
    chat,
    intake,
    diagnose,
    letGo: gate.resolve,
    async close() {
      gate.resolve();
      await worker?.close();
    },
  };
}

const statuses = (answers: readonly DiagnosisAnswer[]) => answers.map(({ status }) => status).toSorted();

describe('a diagnosis', () => {
  it('begins once, whoever asks for the same pod at the same time and in whatever channel', async () => {
    const { store, diagnose, close } = world();
    const answers = await Promise.all(['C1', 'C1', 'C2', 'C2'].map((channel, n) => diagnose({ channel, user: `U${n}` })));
    expect(statuses(answers)).toEqual(['begun', 'running', 'running', 'running']);
    expect([await store.incidents.count(ALL), await store.runs.count(ALL)]).toEqual([1, 1]);
    await close();
  });

  it('begins once, however often Run again is pressed', async () => {
    const { store, intake, diagnose, letGo, close } = world();
    letGo();
    const begun = await diagnose();
    if (begun.status !== 'begun') throw new Error(begun.status);
    const { incidentId } = begun;
    await expect.poll(async () => (await store.incidents.read(incidentId)).outcome?.cause, PATIENT).toBeDefined();
    const press = (n: number) => intake.rerun({ person: { user: 'U1', channel: 'C1' }, delivery: `press-${n}`, incidentId });
    const answers = await Promise.all([0, 1, 2, 3].map(press));
    const begunRuns = answers.filter(({ status }) => status === 'begun').length;
    // Those that are pressed after one has ended start another one; never two go on at the same time.
    expect(await store.runs.count(runsOf(incidentId))).toBe(1 + begunRuns);
    expect(await store.incidents.count(ALL)).toBe(1);
    await close();
  });

  it('goes on in the incident of its pod that is open, and its asker gets the link', async () => {
    const { store, diagnose, letGo, close } = world();
    letGo();
    const first = await diagnose();
    if (first.status !== 'begun') throw new Error(first.status);
    await store.incidents.update(first.incidentId, (known) => ({
      ...known,
      outcome: { runId: 'x', cause: 'dns-failure', title: 'x', confidence: 'likely', at: '' },
    }));
    await expect.poll(() => store.runs.holder(`in.${first.incidentId}`), PATIENT).toBeUndefined();
    await store.incidents.update(first.incidentId, (known) => ({ ...known, life: { status: 'open' } }));
    expect(await diagnose({ channel: 'C2', user: 'U2' })).toMatchObject({
      status: 'joined',
      incidentId: first.incidentId,
      place: { channel: 'C1' },
    });
    await close();
  });

  it('of another pod with the same trouble is one of its own', async () => {
    const { store, diagnose, close } = world();
    const answers = [await diagnose({ pod: 'web-0' }), await diagnose({ pod: 'web-1' })];
    expect(statuses(answers)).toEqual(['begun', 'begun']);
    expect(await store.runs.count(ALL)).toBe(2);
    await close();
  });

  it('in a private channel gives nobody else a hint, and finds what everybody may see', async () => {
    const { store, intake, diagnose, close } = world();
    expect((await diagnose({ channel: 'CPRIV' })).status).toBe('begun');
    // Those outside get a place of their own.
    const elsewhere = [await diagnose({ channel: 'CPRIV2' }), await diagnose({ channel: 'C1' })];
    expect(statuses(elsewhere)).toEqual(['begun', 'begun']);
    expect(await diagnose({ channel: 'CPRIV' })).toMatchObject({ status: 'running', place: { channel: 'C1' } });
    expect(await store.incidents.count(ALL)).toBe(3);
    const seen = async (channel?: string) =>
      (await intake.incidents({ person: { user: 'U1', ...(channel === undefined ? {} : { channel }) }, open: true })).incidents
        .flatMap(({ incident }) => incident.places.map((place) => place.channel))
        .toSorted();
    expect([await seen(), await seen('C1'), await seen('CPRIV')]).toEqual([['C1'], ['C1'], ['C1', 'CPRIV']]);
    await close();
  });

  it('is refused to who may not ask, and nothing is written down', async () => {
    const { store, diagnose, close } = world({ rules: [{ clusters: ['*'], namespaces: ['shop'], channels: ['C1'] }] });
    expect([await diagnose({ user: 'UGUEST' }), await diagnose({ channel: 'C2' })]).toMatchObject([
      { status: 'refused', code: 'intake/not-a-member' },
      { status: 'refused', code: 'intake/forbidden' },
    ]);
    expect(await store.requests.count(ALL)).toBe(0);
    await close();
  });

  it('that is refused by the cluster is told, and stays refused', async () => {
    const { store, engine, diagnose, close } = world();
    const answer = await diagnose({ pod: 'web-7', delivery: 'd' });
    expect(answer).toMatchObject({ status: 'refused', code: 'target/not-found', requestId: idOfDelivery('d') });
    expect(await store.requests.read(idOfDelivery('d'))).toMatchObject({ state: { status: 'refused' }, seen: 'nothing' });
    expect(await engine.perform({ kind: 'begin', cluster: 'test', requestId: idOfDelivery('d') })).toMatchObject({ status: 'refused' });
    await close();
  });
});

describe('a delivery', () => {
  it('that comes twice starts one run', async () => {
    const { store, diagnose, close } = world();
    const answers = await Promise.all([diagnose({ delivery: 'd' }), diagnose({ delivery: 'd' })]);
    expect(statuses(answers)).toEqual(['begun', 'repeated']);
    expect(await store.runs.count(ALL)).toBe(1);
    await close();
  });

  it('is done although the process that took it died before it queued anything', async () => {
    const down = { add: () => new Promise<never>(() => undefined), ask: () => new Promise<never>(() => undefined) };
    const { store, inline, engine, intake, diagnose } = world({ queue: () => down, working: false });
    const kept = Promise.withResolvers<void>();
    void diagnose({ delivery: 'd', onKept: kept.resolve });
    await kept.promise;
    expect(intake.clusters).toEqual(['test']);
    const requestId = idOfDelivery('d');
    await store.requests.update(requestId, (known) => ({ ...known, awaitedUntil: '2026-03-01T10:09:00Z' }));
    await engine.resume();
    const perform = inline.drain(async (task) => (task.kind === 'begin' ? engine.perform(task) : undefined));
    await perform;
    expect(await store.requests.read(requestId)).toMatchObject({ state: { status: 'begun', incidentId: requestId }, seen: 'answer' });
  });

  it('whose answer the queue lost is found again by its id', async () => {
    const lost = (inline: InlineQueue): TaskQueue => ({
      add: (task) => inline.add(task),
      async ask(question, waitMs) {
        await inline.ask(question, waitMs);
        throw new CodedError('queue/unavailable', 'Redis does not answer.', { retryable: true });
      },
    });
    const { diagnose, close } = world({ queue: lost });
    expect(await diagnose()).toMatchObject({ status: 'begun' });
    await close();
  });

  it('that no worker took is said to wait, and whether a worker lives', async () => {
    const noAnswer = (inline: InlineQueue): TaskQueue => ({
      add: (task) => inline.add(task),
      ask: () => Promise.reject(new CodedError('queue/no-answer', 'No worker answered.', { retryable: true })),
    });
    const { store, diagnose, intake } = world({ queue: noAnswer, working: false });
    const first = await diagnose({ delivery: 'd' });
    expect(first).toEqual({ status: 'waiting', requestId: idOfDelivery('d'), worker: false });
    await intake.seen(idOfDelivery('d'), 'waiting');
    await store.heartbeats.write({ id: 'w', roles: ['worker'], clusters: ['test'], versions: {}, taskVersion: 1 });
    expect(await diagnose({ pod: 'web-1' })).toMatchObject({ status: 'waiting', worker: true });
    expect((await store.requests.read(idOfDelivery('d'))).seen).toBe('waiting');
    expect(await intake.scan({ person: { user: 'U1', channel: 'C1' }, cluster: 'test' })).toMatchObject({ code: 'intake/slow' });
  });
});

describe('what was diagnosed', () => {
  it('shows its raw text only to who may see it, and to the others as if it were not there', async () => {
    const { store, intake, close } = world();
    await store.incidents.create(incidentObject({ id: 'i', audience: { kind: 'channel', channel: 'CPRIV' } }));
    await store.runs.create(runObject({ id: 'r', incidentId: 'i' }));
    await store.incidents.create(incidentObject({ id: 'k', namespace: 'kube-system' }));
    const raw = (channel: string, incidentId: string, user = 'U1') => intake.raw({ person: { user, channel }, incidentId });
    expect((await raw('CPRIV', 'i')).title).toBe('shop/web-0');
    for (const refused of [raw('C1', 'i'), raw('CPRIV', 'i', 'UGUEST'), raw('C1', 'k'), raw('C1', 'none')])
      await expect(refused).rejects.toMatchObject({ code: 'store/not-found' });
    expect(await intake.rerun({ person: { user: 'U1', channel: 'C1' }, delivery: 'd', incidentId: 'i' })).toMatchObject({
      status: 'refused',
      code: 'intake/forbidden',
    });
    await close();
  });

  it('is listed as far as somebody may ask about it, and counted', async () => {
    const { store, intake, close } = world();
    for (let n = 0; n < 50; n++)
      await store.incidents.create(incidentObject({ id: `i${n}`, pod: `p${n}`, namespace: n % 2 === 0 ? 'shop' : 'kube-system' }));
    const list = await intake.incidents({ person: { user: 'U1' }, open: true });
    expect([list.incidents.length, list.total, list.complete]).toEqual([20, 25, true]);
    expect(list.incidents.every(({ incident }) => incident.namespace === 'shop')).toBe(true);
    expect((await intake.incidents({ person: { user: 'UGUEST' }, open: true })).total).toBe(0);
    await close();
  });

  it('of a workload reaches back beyond whatever else was diagnosed since', async () => {
    const { store, intake, close } = world();
    const openedAt = '2026-03-01T09:00:00Z';
    await store.incidents.create(incidentObject({ id: 'old', pod: 'web-7d9f-x', workload: 'Deployment/web', openedAt }));
    for (let n = 0; n < 60; n++) {
      const namespace = n % 2 === 0 ? 'shop' : 'data';
      const later = `2026-03-01T09:00:${String(n).padStart(2, '0')}Z`;
      await store.incidents.create(incidentObject({ id: `n${n}`, namespace, pod: `db-${n}`, workload: 'StatefulSet/db', openedAt: later }));
    }
    const of = async (about: { namespace: string; workload?: string }) =>
      (await intake.incidents({ person: { user: 'U1' }, open: false, about })).incidents.map(({ incident }) => incident.id);
    expect(await of({ namespace: 'shop', workload: 'web' })).toEqual(['old']);
    expect(await of({ namespace: 'shop', workload: 'web-7d9f-x' })).toEqual(['old']);
    expect(await of({ namespace: 'shop', workload: 'we' })).toEqual([]);
    expect(await of({ namespace: 'data', workload: 'web' })).toEqual([]);
    expect(await of({ namespace: 'data' })).toHaveLength(20);
    expect((await of({ namespace: 'data' }))[0]).toBe('n59');
    await close();
  });
});
