import { afterEach, describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../src/errors.ts';
import type { Place } from '../../src/incident/incident.ts';
import type { DiagnosisRequest } from '../../src/incident/request.ts';
import { createOutbox } from '../../src/outbox/outbox.ts';
import type { Task, TaskQueue } from '../../src/queue/task-queue.ts';
import { applyEvent, type Run } from '../../src/runbook/run.ts';
import type { Runbook } from '../../src/runbook/runbook.ts';
import { settle } from '../../src/runbook/settle.ts';
import { UNSAID } from '../../src/store/kinds.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { incidentObject, requestObject, runObject } from '../support/incidents.ts';
import { archived, broken, busy, type Fault, MemoryChat } from '../support/memory-chat.ts';
import { catalogue } from '../support/rules.ts';

afterEach(() => vi.restoreAllMocks());

const START = Date.parse('2026-03-01T10:10:00Z');
const runbook: Runbook = {
  name: 'test',
  version: 1,
  steps: [{ id: 'events', title: 'Read events', uses: 'events', needs: [], timeoutMs: PATIENCE_MS, attempts: 1 }],
};
type Later = Extract<Task, { kind: 'speak' | 'notice' }>;
const unsaid = async (store: MemoryStore) => (await store.runs.list({ index: UNSAID })).records.map(({ id }) => id);

const incident = (id = 'i') => incidentObject({ id, pod: `web-${id}` });
const run = (id = 'i') => runObject({ id: `run-${id}`, incidentId: id });
const started = (before: Run): Run => settle(before, { runbook, catalogue, now: new Date(START) });
const finished = (before: Run): Run =>
  settle(
    applyEvent(started(before), {
      type: 'step-done',
      stepId: 'events',
      attempt: 1,
      result: { findings: [] },
      at: '2026-03-01T10:10:01Z',
    }),
    { runbook, catalogue, now: new Date(START) },
  );

/** Of the workload of all incidents here, for two hours. */
const SILENCE = {
  id: 's',
  revision: 0,
  cluster: 'test',
  namespace: 'shop',
  about: { kind: 'workload', workload: 'web' },
  by: 'U1',
  from: '2026-03-01T10:00:00Z',
  until: '2026-03-01T12:00:00Z',
} as const;

/** An incident whose run has just started, a chat, and a queue whose delayed tasks the test performs. */
async function world(given: { faults?: readonly Fault[]; paceMs?: number } = {}) {
  const store = new MemoryStore();
  const chat = new MemoryChat();
  chat.faults.push(...(given.faults ?? []));
  const later: Later[] = [];
  const queue: TaskQueue = {
    add: async (task) => {
      if (task.kind === 'speak' || task.kind === 'notice') later.push(task);
    },
    ask: async () => undefined,
  };
  const logged: string[] = [];
  const line = (message: string) => void logged.push(message);
  const log = { ...SILENT, warn: line, error: line };
  const add = async (id: string) => {
    await store.incidents.create(incident(id));
    await store.runs.create(run(id));
    await store.runs.update(`run-${id}`, started);
  };
  await add('i');
  const process = (fallback?: Place) =>
    createOutbox({ store, queue, chat, runbook, fallback, paceMs: given.paceMs ?? 0, log, now: () => new Date(START) });
  const outbox = process();
  /** Announces a run and performs what that queues, without what is to come later. */
  const show = async (id = 'run-i') => {
    await outbox.announce(await store.runs.read(id));
    for (const task of later.splice(0)) await outbox.perform(task);
  };
  return { store, chat, later, logged, process, outbox, show, add };
}

describe('an incident is shown', () => {
  it('by a card that is edited, and replies once the run has ended', async () => {
    const { store, chat, show } = await world();
    await show();
    expect(chat.said).toMatchObject([{ key: 'card', edits: 0, text: expect.stringContaining('Looking into shop/web-0') }]);
    expect(await unsaid(store)).toEqual(['run-i']);
    await store.runs.update('run-i', finished);
    await show();
    expect(chat.said).toMatchObject([
      { key: 'card', edits: 1 },
      { key: 'evidence.run-i', about: { root: '0' } },
    ]);
    expect(await unsaid(store)).toEqual([]);
  });

  it('in its new place, where that changed between two steps', async () => {
    const { store, chat, outbox, show } = await world();
    await outbox.announce(await store.runs.read('run-i'));
    await store.incidents.update('i', (known) => ({ ...known, places: [{ channel: 'C2' }] }));
    await show();
    expect(chat.said.map(({ about }) => about.place.channel)).toEqual(['C2']);
    expect([await store.line.next('C1'), await store.line.next('C2')]).toEqual([undefined, undefined]);
  });

  it('although it had no place at the step before', async () => {
    const { store, chat, outbox, show, later } = await world();
    await store.incidents.update('i', (known) => ({ ...known, places: [] }));
    await outbox.announce(await store.runs.read('run-i'));
    expect(later).toEqual([]);
    await store.incidents.update('i', (known) => ({ ...known, places: [{ channel: 'C1' }] }));
    await show();
    expect(chat.said).toHaveLength(1);
  });

  it('silently where nothing is new', async () => {
    const { chat, show } = await world();
    await show();
    await show();
    expect(chat.said).toMatchObject([{ edits: 0 }]);
  });

  it('by one speaker; another one that comes meanwhile leaves it to that one, and looks again', async () => {
    const { chat, later, store, process } = await world();
    await process().announce(await store.runs.read('run-i'));
    later.length = 0;
    const task: Later = { kind: 'speak', channel: 'C1', delayMs: 0 };
    await Promise.all([process().perform(task), process().perform(task), process().perform(task)]);
    expect(chat.said).toHaveLength(1);
    expect(later).toEqual(Array(2).fill({ kind: 'speak', channel: 'C1', delayMs: 2_000 }));
  });

  it('with one message or edit in the time that a channel rests, and the rest queued for then', async () => {
    const { chat, later, show, add } = await world({ paceMs: 1000 });
    await add('j');
    await show();
    await show('run-j');
    expect(chat.said.map(({ about }) => about.incidentId)).toEqual(['i']);
    expect(later).toMatchObject([{ kind: 'speak', channel: 'C1' }]);
    expect(later[0]?.delayMs).toBeGreaterThan(500);
  });

  it('later where the chat is busy, as late as it asked, and so is everything of the channel', async () => {
    const { chat, later, show, add } = await world({ paceMs: 1000, faults: [{ error: busy(30_000) }] });
    await add('j');
    await show();
    expect(later).toMatchObject([{ delayMs: 30_000 }]);
    later.length = 0;
    await show('run-j');
    expect(chat.said).toEqual([]);
    expect(later[0]?.delayMs).toBeGreaterThan(29_000);
  });

  it('once, although the answer to the post was lost', async () => {
    const { store, chat, later, show } = await world({ faults: [{ error: broken, applied: true }] });
    await show();
    expect(later).toHaveLength(1);
    await store.runs.update('run-i', finished);
    await show();
    expect(chat.said.map(({ key }) => key)).toEqual(['card', 'evidence.run-i']);
    expect(chat.said[0]?.text).not.toContain('Looking into');
  });

  it('at last, although the post failed before it arrived', async () => {
    const { chat, show } = await world({ faults: [{ error: broken }] });
    await show();
    await show();
    expect(chat.said).toHaveLength(1);
  });

  it('no more where that cannot work any more: it is logged once, and whoever asked is told', async () => {
    const { store, chat, logged, later, outbox, show } = await world({ faults: [{ error: archived }] });
    const begun = { status: 'begun', incidentId: 'i', runId: 'run-i' } as const;
    await store.requests.create(requestObject({ id: 'run-i', state: begun, seen: 'answer' }));
    await show();
    expect(later).toEqual([{ kind: 'notice', requestId: 'run-i', delayMs: 0 }]);
    for (const task of later.splice(0)) await outbox.perform(task);
    expect(chat.notices).toMatchObject([{ user: 'U1', text: 'The diagnosis of shop/web-i cannot be shown: The channel is archived.' }]);
    await store.runs.update('run-i', finished);
    await show();
    expect(chat.said).toEqual([]);
    expect(logged).toEqual(['an incident can no longer be shown']);
    expect(await store.incidents.read('i')).toMatchObject({ silenced: 'The channel is archived.' });
    expect(await unsaid(store)).toEqual([]);
  });

  it('in the default channel where nobody asked and its own cannot be written to, which its card says', async () => {
    const { store, chat, logged, later, process, show } = await world({ faults: [{ error: archived }] });
    await store.incidents.update('i', (known) => ({ ...known, trigger: { kind: 'watch' } }));
    await store.runs.update('run-i', finished);
    const withDefault = process({ channel: 'C0DEFAULT' });
    await withDefault.announce(await store.runs.read('run-i'));
    while (later.length > 0) for (const task of later.splice(0)) await withDefault.perform(task);
    expect(logged).toEqual(['an incident can no longer be shown']);
    const [card, ...others] = chat.said.filter(({ key }) => key === 'card');
    expect(others).toEqual([]);
    expect(card).toMatchObject({
      about: { place: { channel: 'C0DEFAULT' } },
      text: expect.stringContaining('instead of C1, where I cannot write'),
    });
    expect((await store.incidents.read('i')).silenced).toBeUndefined();
    await show();
    expect(chat.said.filter(({ key }) => key === 'card')).toHaveLength(1);
  });

  it('not while its workload is silenced, if nobody asked; once that ends it is told', async () => {
    const { store, chat, show, add } = await world();
    await store.silences.create(SILENCE);
    await store.incidents.update('i', (known) => ({ ...known, trigger: { kind: 'watch' } }));
    await store.runs.update('run-i', finished);
    await show();
    expect(chat.said).toEqual([]);
    expect(await unsaid(store)).toEqual(['run-i']);
    // Somebody asked about the other one.
    await add('j');
    await show('run-j');
    expect(chat.said.map(({ about }) => about.incidentId)).toEqual(['j']);
    await store.silences.update('s', (known) => ({ ...known, ended: { by: 'U1', at: '2026-03-01T10:30:00Z' } }));
    await show();
    expect(chat.said.filter(({ about }) => about.incidentId === 'i').map(({ key }) => key)).toEqual(['card', 'evidence.run-i']);
    expect(await unsaid(store)).toEqual(['run-j']);
  });

  it('although its workload is silenced, if somebody asked, or if it is told already', async () => {
    const { store, chat, show } = await world();
    await store.silences.create(SILENCE);
    await show();
    expect(chat.said).toHaveLength(1);
    await store.incidents.update('i', (known) => ({ ...known, trigger: { kind: 'watch' } }));
    await store.runs.update('run-i', finished);
    await show();
    expect(chat.said[0]?.edits).toBe(1);
  });

  it('again for a second run: the card is its, the replies of the first one stay', async () => {
    const { store, chat, show } = await world();
    await store.runs.update('run-i', finished);
    await show();
    await store.runs.create({ ...run(), id: 'run-2', startedAt: '2026-03-01T10:11:00Z' });
    await store.runs.update('run-2', started);
    await show('run-2');
    expect(chat.said.map(({ key }) => key)).toEqual(['card', 'evidence.run-i']);
    expect(chat.said[0]?.text).toContain('Looking into');
    await store.runs.update('run-2', finished);
    await show('run-2');
    expect(chat.said.map(({ key }) => key)).toEqual(['card', 'evidence.run-i', 'evidence.run-2']);
  });

  it('in full, whatever number of runs it has, and all of them count as shown', async () => {
    const { store, chat, show } = await world();
    await store.runs.update('run-i', finished);
    const ids = ['run-i', ...Array.from({ length: 22 }, (_, n) => `run-${n}`)];
    for (const [n, id] of ids.slice(1).entries()) {
      await store.runs.create({ ...run(), id, startedAt: `2026-03-01T10:${n + 11}:00Z` });
      await store.runs.update(id, finished);
    }
    await show();
    expect(chat.said.map(({ key }) => key)).toEqual(['card', ...ids.map((id) => `evidence.${id}`)]);
    expect(await unsaid(store)).toEqual([]);
  });

  it('although another one of its channel cannot be read', async () => {
    const { store, chat, logged, show } = await world();
    await store.line.add('C1', 'damaged', 0);
    const read = store.incidents.read.bind(store.incidents);
    vi.spyOn(store.incidents, 'read').mockImplementation(async (id) => {
      if (id === 'damaged') throw new CodedError('store/unreadable', 'The incident damaged cannot be read.');
      return read(id);
    });
    await show();
    expect(chat.said).toHaveLength(1);
    expect(logged).toEqual(['an incident could not be shown']);
  });

  it('by a newer program where only that can read it, while the others of its channel go on', async () => {
    const { store, chat, logged, later, show } = await world();
    await store.line.add('C1', 'newer', 0);
    const read = store.incidents.read.bind(store.incidents);
    vi.spyOn(store.incidents, 'read').mockImplementation(async (id) => {
      if (id === 'newer') throw new CodedError('store/newer', 'A newer imagepull wrote it.', { retryable: true });
      return read(id);
    });
    await show();
    expect(chat.said).toHaveLength(1);
    expect(logged).toEqual([]);
    expect(await store.line.next('C1')).toMatchObject({ id: 'newer' });
    expect(later).toEqual([{ kind: 'speak', channel: 'C1', delayMs: 3_000 }]);
  });

  it('as a part of another one, whose card it links to', async () => {
    const { chat, store, show, add } = await world();
    await show();
    await add('j');
    await store.members.add('i', [{ namespace: 'shop', pod: 'web-j', uid: 'u', workload: 'Pod/web-j', node: '', container: '' }]);
    await store.runs.update('run-j', finished);
    await store.incidents.update('j', (known) => ({ ...known, joined: 'i' }));
    await show('run-j');
    expect(chat.said.find(({ about, key }) => about.incidentId === 'j' && key === 'card')?.text).toMatch(
      /^Same cause as shop\/web-i\n.*\(https:\/\/chat\.example\/C1\/0\) · 1 pod counted there/,
    );
  });

  it('nowhere where it has no place, and is done with', async () => {
    const { store, chat, later, show } = await world();
    await store.incidents.update('i', (known) => ({ ...known, places: [] }));
    await store.runs.update('run-i', finished);
    await show();
    expect([chat.said, later, await unsaid(store)]).toEqual([[], [], []]);
  });
});

describe('a notice', () => {
  const refused = { status: 'refused', code: 'target/no-pod', says: 'There is no pod web-1.' } as const;
  const notice: Later = { kind: 'notice', requestId: 'r', delayMs: 0 };
  const asked = async (given: Partial<DiagnosisRequest> = {}, faults: readonly Fault[] = []) => {
    const made = await world({ faults });
    await made.store.requests.create(requestObject({ id: 'r', state: refused, ...given }));
    return made;
  };

  it('waits while the chat is away, and is shown once it is back', async () => {
    const { store, chat, later, outbox } = await asked({}, [{ error: busy(7_000) }, { error: broken }]);
    await outbox.perform(notice);
    expect(later).toEqual([{ ...notice, delayMs: 7_000 }]);
    await outbox.perform(later.shift() as Later);
    await outbox.perform(later.shift() as Later);
    expect(chat.notices).toEqual([{ user: 'U1', place: { channel: 'C1' }, text: 'There is no pod web-1.' }]);
    expect(later).toEqual([]);
    expect((await store.requests.read('r')).seen).toBe('answer');
    await outbox.perform(notice);
    expect(chat.notices).toHaveLength(1);
  });

  it('is not tried for ever where it cannot be shown', async () => {
    const { store, later, logged, outbox } = await asked({}, [{ error: archived }]);
    await outbox.perform(notice);
    expect(later).toEqual([]);
    expect(logged).toEqual(['a notice could not be shown']);
    expect((await store.requests.read('r')).seen).toBe('answer');
  });

  it.each([
    [{ status: 'running', incidentId: 'i', runId: 'run-i' }, 'shop/web-0 is being looked into already in C1.', 'answer'],
    [
      { status: 'begun', incidentId: 'i', runId: 'run-i' },
      'An incident about shop/web-0 is open; it is looked into again in C1.',
      'answer',
    ],
    [
      { status: 'accepted' },
      'No worker of test has taken the diagnosis of shop/web-0 yet. Its card appears here as soon as one does.',
      'waiting',
    ],
  ] as const)('says of a request that is %j: %s', async (state, text, told) => {
    const { store, chat, outbox } = await asked({ state });
    await outbox.perform(notice);
    expect(chat.notices).toMatchObject([{ text }]);
    expect((await store.requests.read('r')).seen).toBe(told);
  });

  it('says nothing to who knows already, nor for a request that is gone', async () => {
    const { chat, outbox } = await asked({ seen: 'answer' });
    await outbox.perform(notice);
    await outbox.perform({ ...notice, requestId: 'gone' });
    expect(chat.notices).toEqual([]);
  });
});
