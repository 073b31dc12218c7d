import { describe, expect, it } from 'vitest';
import { createSaying } from '../../src/outbox/outbox.ts';
import type { Task, TaskQueue } from '../../src/queue/task-queue.ts';
import { applyEvent, type Run } from '../../src/runbook/run.ts';
import type { Runbook } from '../../src/runbook/runbook.ts';
import { settle } from '../../src/runbook/settle.ts';
import { UNSAID } from '../../src/store/kinds.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { incidentObject, runObject } from '../support/incidents.ts';
import { archived, broken, busy, type Fault, MemoryChat } from '../support/memory-chat.ts';
import { catalogue } from '../support/rules.ts';

const START = Date.parse('2026-03-01T10:10:00Z');
const runbook: Runbook = {
  name: 'test',
  version: 1,
  steps: [{ id: 'events', title: 'Read events', uses: 'events', needs: [], timeoutMs: 1000, attempts: 1 }],
};
const say: Extract<Task, { kind: 'say' }> = { kind: 'say', incidentId: 'i', delayMs: 0 };

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

const unsaid = async (store: MemoryStore) => (await store.runs.list({ index: UNSAID })).records.map(({ id }) => id);

/** An incident whose run has just started, a chat, and a clock that the test moves. */
async function world(given: { faults?: readonly Fault[]; turnMs?: number } = {}) {
  const store = new MemoryStore();
  const chat = new MemoryChat();
  chat.faults.push(...(given.faults ?? []));
  const later: Extract<Task, { kind: 'say' }>[] = [];
  const queue: TaskQueue = {
    add: async (task) => {
      if (task.kind === 'say') later.push(task);
    },
    ask: async () => undefined,
  };
  const warnings: string[] = [];
  const log = { ...SILENT, warn: (message: string) => void warnings.push(message) };
  await store.incidents.create(incident());
  await store.runs.create(run());
  await store.runs.update('run-i', started);
  const process = () => createSaying({ store, queue, chat, runbook, turnMs: given.turnMs ?? 0, log, now: () => new Date(START) });
  return { store, chat, later, warnings, process, speak: process() };
}

describe('an incident is told', () => {
  it('by a card that is edited, and details once the run has ended', async () => {
    const { store, chat, speak } = await world();
    await speak(say);
    expect(chat.said).toMatchObject([{ key: 'card', edits: 0, text: expect.stringContaining('Looking into shop/web-0') }]);
    expect(await unsaid(store)).toEqual(['run-i']);
    await store.runs.update('run-i', finished);
    await speak(say);
    expect(chat.said).toMatchObject([
      { key: 'card', edits: 1 },
      { key: 'details.run-i', about: { root: '0' } },
    ]);
    expect(await unsaid(store)).toEqual([]);
  });

  it('silently where nothing is new', async () => {
    const { chat, speak } = await world();
    await speak(say);
    await speak(say);
    expect(chat.said).toMatchObject([{ edits: 0 }]);
  });

  it('by one process; the others come back later', async () => {
    const { chat, later, process } = await world();
    await Promise.all([process()(say), process()(say), process()(say)]);
    expect(chat.said).toHaveLength(1);
    expect(later).toHaveLength(2);
  });

  it('with one message or edit a second and channel', async () => {
    const { store, chat, later, speak } = await world({ turnMs: 1000 });
    await store.incidents.create(incident('j'));
    await store.runs.create(run('j'));
    await store.runs.update('run-j', started);
    await speak(say);
    await speak({ ...say, incidentId: 'j' });
    expect(chat.said.map(({ about }) => about.incidentId)).toEqual(['i']);
    expect(later).toMatchObject([{ incidentId: 'j' }]);
    expect(later[0]?.delayMs).toBeGreaterThan(500);
  });

  it('later where the chat is busy, as late as it asked', async () => {
    const { chat, later, speak } = await world({ faults: [{ error: busy(30_000) }] });
    await speak(say);
    expect(chat.said).toEqual([]);
    expect(later).toMatchObject([{ delayMs: 30_000 }]);
  });

  it('later for every incident of a channel that the chat asked to leave alone', async () => {
    const { store, chat, later, speak } = await world({ turnMs: 1000, faults: [{ error: busy(30_000) }] });
    await store.incidents.create(incident('j'));
    await store.runs.create(run('j'));
    await store.runs.update('run-j', started);
    await speak(say);
    await speak({ ...say, incidentId: 'j' });
    expect(chat.said).toEqual([]);
    expect(later).toMatchObject([{ delayMs: 30_000 }, { incidentId: 'j' }]);
    expect(later[1]?.delayMs).toBeGreaterThan(29_000);
  });

  it('once, although the answer to the post was lost', async () => {
    const { store, chat, later, speak } = await world({ faults: [{ error: broken, applied: true }] });
    await speak(say);
    expect(later).toHaveLength(1);
    await store.runs.update('run-i', finished);
    await speak(say);
    expect(chat.said.map(({ key }) => key)).toEqual(['card', 'details.run-i']);
    expect(chat.said[0]?.text).not.toContain('Looking into');
  });

  it('at last, although the post failed before it arrived', async () => {
    const { chat, speak } = await world({ faults: [{ error: broken }] });
    await speak(say);
    await speak(say);
    expect(chat.said).toHaveLength(1);
  });

  it('no more where that cannot work any more, and that is logged once', async () => {
    const { store, chat, warnings, speak } = await world({ faults: [{ error: archived }] });
    await speak(say);
    await store.runs.update('run-i', finished);
    await speak(say);
    expect(chat.said).toEqual([]);
    expect(warnings).toEqual(['an incident can no longer be told']);
    expect(await store.incidents.read('i')).toMatchObject({ silenced: 'The channel is archived.' });
    expect(await unsaid(store)).toEqual([]);
  });

  it('again for a second run: the card is its, the details of the first one stay', async () => {
    const { store, chat, speak } = await world();
    await store.runs.update('run-i', finished);
    await speak(say);
    await store.runs.create({ ...run(), id: 'run-2', startedAt: '2026-03-01T10:20:00Z' });
    await store.runs.update('run-2', started);
    await speak(say);
    expect(chat.said.map(({ key }) => key)).toEqual(['card', 'details.run-i']);
    expect(chat.said[0]?.text).toContain('Looking into');
    await store.runs.update('run-2', finished);
    await speak(say);
    expect(chat.said.map(({ key }) => key)).toEqual(['card', 'details.run-i', 'details.run-2']);
  });

  it('in full, however many of its runs were not told yet, and all of them are marked', async () => {
    const { store, chat, speak } = await world();
    await store.runs.update('run-i', finished);
    for (let n = 0; n < 50; n++) {
      const startedAt = new Date(Date.parse('2026-03-01T11:00:00Z') + n * 60_000).toISOString();
      await store.runs.create({ ...run(), id: `more-${n}`, startedAt });
      await store.runs.update(`more-${n}`, finished);
    }
    await speak(say);
    expect(chat.said.filter(({ key }) => key.startsWith('details.'))).toHaveLength(51);
    expect(chat.said.find(({ key }) => key === 'card')?.text).toContain('run 51');
    expect(await unsaid(store)).toEqual([]);
  });
});
