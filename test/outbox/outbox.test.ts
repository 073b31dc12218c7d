import { describe, expect, it } from 'vitest';
import { createSaying } from '../../src/outbox/outbox.ts';
import type { Task, TaskQueue } from '../../src/queue/task-queue.ts';
import { applyEvent, type Run } from '../../src/runbook/run.ts';
import type { Runbook } from '../../src/runbook/runbook.ts';
import { settle } from '../../src/runbook/settle.ts';
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

const incident = (id = 'i') => incidentObject({ id, runIds: [`run-${id}`] });
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
  await store.createIncident(incident());
  await store.createRun(run());
  await store.updateRun('run-i', started);
  const process = () => createSaying({ store, queue, chat, runbook, turnMs: given.turnMs ?? 0, log, now: () => new Date(START) });
  return { store, chat, later, warnings, process, speak: process() };
}

describe('an incident is told', () => {
  it('by a card that is edited, and details once the run has ended', async () => {
    const { store, chat, speak } = await world();
    await speak(say);
    expect(chat.said).toMatchObject([{ key: 'card', edits: 0, text: expect.stringContaining('Looking into shop/web-0') }]);
    expect(await store.listUnsaidRuns()).toEqual(['run-i']);
    await store.updateRun('run-i', finished);
    await speak(say);
    expect(chat.said).toMatchObject([
      { key: 'card', edits: 1 },
      { key: 'details.run-i', about: { root: '0' } },
    ]);
    expect(await store.listUnsaidRuns()).toEqual([]);
    expect((await store.readIncident('i')).outcome).toMatchObject({ runId: 'run-i', cause: null });
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
    await store.createIncident(incident('j'));
    await store.createRun(run('j'));
    await store.updateRun('run-j', started);
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
    await store.createIncident(incident('j'));
    await store.createRun(run('j'));
    await store.updateRun('run-j', started);
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
    await store.updateRun('run-i', finished);
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
    await store.updateRun('run-i', finished);
    await speak(say);
    expect(chat.said).toEqual([]);
    expect(warnings).toEqual(['an incident can no longer be told']);
    expect(await store.readIncident('i')).toMatchObject({ silenced: 'The channel is archived.', outcome: { runId: 'run-i' } });
    expect(await store.listUnsaidRuns()).toEqual([]);
  });

  it('again for a second run: the card is its, the details of the first one stay', async () => {
    const { store, chat, speak } = await world();
    await store.updateRun('run-i', finished);
    await speak(say);
    await store.createRun({ ...run(), id: 'run-2' });
    await store.updateRun('run-2', started);
    await store.updateIncident('i', (known) => ({ ...known, runIds: ['run-i', 'run-2'] }));
    await speak(say);
    expect(chat.said.map(({ key }) => key)).toEqual(['card', 'details.run-i']);
    expect(chat.said[0]?.text).toContain('Looking into');
    await store.updateRun('run-2', finished);
    await speak(say);
    expect(chat.said.map(({ key }) => key)).toEqual(['card', 'details.run-i', 'details.run-2']);
  });
});
