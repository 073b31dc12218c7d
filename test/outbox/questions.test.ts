import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import type { AlertDelivery } from '../../src/alerts/delivery.ts';
import { loadRunbook } from '../../src/app/runbooks.ts';
import { createQuestions } from '../../src/outbox/questions.ts';
import type { Task } from '../../src/queue/task-queue.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { busy, MemoryChat } from '../support/memory-chat.ts';

const alert = (id: string, given: Partial<Alert> = {}): Alert => ({
  source: 'am',
  status: 'firing',
  id,
  name: 'ImagePullBackOff',
  location: {},
  labels: {},
  text: `alert ${id}`,
  ...given,
});

function world(given: { fallback?: boolean; paceMs?: number } = {}) {
  const store = new MemoryStore();
  const chat = new MemoryChat();
  const queued: Task[] = [];
  const questions = createQuestions({
    store,
    queue: { add: async (task) => void queued.push(task), ask: async () => undefined },
    chat,
    runbook: loadRunbook(),
    paceMs: given.paceMs ?? 0,
    fallback: given.fallback === false ? undefined : { channel: 'CDEFAULT' },
    log: SILENT,
    now: () => new Date('2026-03-01T10:10:00Z'),
  });
  const perform = (deliveryId: string) => questions.perform({ kind: 'ask', deliveryId, delayMs: 0 });
  const ask = async (id: string, alerts: readonly Alert[], place?: AlertDelivery['place']) => {
    const common = { id, revision: 0, receivedAt: '2026-03-01T10:10:00Z', source: 'am', cluster: 'prod', state: 'done' } as const;
    await store.deliveries.create({ ...common, alerts, ...(place === undefined ? {} : { place }) });
    await perform(id);
  };
  return { store, chat, queued, perform, ask };
}

describe('an alert that does not say which pod it is about', () => {
  it('is asked about in the default channel, with its words as they are and a button to choose', async () => {
    const { chat, perform, ask } = world();
    await ask('d', [
      alert('a', { text: '<!channel> *bold*' }),
      alert('b'),
      alert('c'),
      alert('d'),
      alert('else', { name: 'Watchdog', text: '' }),
    ]);
    await perform('d');
    expect(chat.said).toHaveLength(1);
    const [said] = chat.said;
    expect(said?.about.place).toEqual({ channel: 'CDEFAULT' });
    expect(said?.text).toContain('An alert of am speaks of an image that cannot be pulled');
    expect(said?.text).toContain('ImagePullBackOff: <!channel> *bold*');
    expect(said?.text).toContain('and 1 more');
  });

  it('is asked about in the thread of the message that it was', async () => {
    const { chat, ask } = world({ fallback: false });
    await ask('d', [alert('a')], { channel: 'C1', thread: '1.0' });
    expect(chat.said.map(({ about }) => about.place)).toEqual([{ channel: 'C1', thread: '1.0' }]);
    await ask('e', [alert('b')]);
    expect(chat.said).toHaveLength(1);
  });

  it('is asked about once a day, and not about more than five of a source in an hour', async () => {
    const { chat, ask } = world();
    await ask('d', [alert('a')]);
    await ask('again', [alert('a')]);
    expect(chat.said).toHaveLength(1);
    for (let n = 0; n < 9; n++) await ask(`d${n}`, [alert(`n${n}`)]);
    expect(chat.said).toHaveLength(5);
  });

  it('is asked about once there is room, where it was sent when there was none', async () => {
    const { store, chat, ask } = world();
    for (let n = 0; n < 6; n++) await ask(`d${n}`, [alert(`n${n}`)]);
    expect(chat.said).toHaveLength(5);
    // The hour is over: the oldest question, and with it what had no room.
    await store.hold('asks.am.0', 0);
    const rest = await store.claim('asked.am.n5', 1);
    expect(rest.status === 'refused' ? rest.freeInMs : undefined).toBeLessThanOrEqual(3_600_000);
    await store.hold('asked.am.n5', 0);
    await ask('later', [alert('n5')]);
    expect(chat.said).toHaveLength(6);
  });

  it('is known by its words where an app posts it again, each channel for itself', async () => {
    const { chat, ask } = world();
    await ask('d', [alert('C1.1.0', { text: 'same' })], { channel: 'C1', thread: '1.0' });
    await ask('e', [alert('C1.2.0', { text: 'same' })], { channel: 'C1', thread: '2.0' });
    expect(chat.said).toHaveLength(1);
    await ask('f', [alert('C1.3.0', { text: 'other' })], { channel: 'C1', thread: '3.0' });
    await ask('g', [alert('C2.1.0', { text: 'same' })], { channel: 'C2', thread: '1.0' });
    expect(chat.said.map(({ about }) => about.place)).toEqual([
      { channel: 'C1', thread: '1.0' },
      { channel: 'C1', thread: '3.0' },
      { channel: 'C2', thread: '1.0' },
    ]);
    for (let n = 0; n < 9; n++) await ask(`d${n}`, [alert(`n${n}`, { text: `${n}` })], { channel: 'C1', thread: `4.${n}` });
    expect(chat.said).toHaveLength(6);
    await ask('h', [alert('x')]);
    expect(chat.said).toHaveLength(7);
  });

  it('is asked about later where the channel has to rest or the chat is away, and then still once', async () => {
    const { store, chat, queued, ask } = world({ paceMs: 1_000 });
    await store.hold('pace.CDEFAULT', 60_000);
    await ask('d', [alert('a')]);
    expect([chat.said.length, queued.length]).toEqual([0, 1]);
    const away = world();
    away.chat.faults.push({ error: busy(7_000) });
    await away.ask('d', [alert('a')]);
    expect(away.queued).toEqual([{ kind: 'ask', deliveryId: 'd', delayMs: 7_000 }]);
    await away.perform('d');
    await away.perform('d');
    expect(away.chat.said).toHaveLength(1);
  });
});
