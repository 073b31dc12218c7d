import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/engine/engine.ts';
import type { CodedError } from '../../src/errors.ts';
import { createBullmqQueue } from '../../src/queue/bullmq-queue.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import { KINDS, type Kinds, UNSAID, versionsOf } from '../../src/store/kinds.ts';
import { openRedis } from '../../src/store/redis/redis-connection.ts';
import { createRedisStore } from '../../src/store/redis/redis-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { requestObject } from '../support/incidents.ts';
import { MemoryChat } from '../support/memory-chat.ts';
import { podObject } from '../support/objects.ts';
import { sharedRedis } from '../support/redis.ts';
import { catalogue, classify } from '../support/rules.ts';

const place = sharedRedis();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The kinds of the next release: a copy of these, one version ahead, whose runs this release cannot read. */
const NEXT: Kinds = {
  ...KINDS,
  runs: {
    ...KINDS.runs,
    version: KINDS.runs.version + 1,
    steps: [...KINDS.runs.steps, { upgrade: (record) => record, downgrade: (record) => record }],
  },
};

const IMAGE = 'registry.example/shop/web:1';
const pods = Array.from({ length: 8 }, (_, n) =>
  podObject({
    name: `web-${n}`,
    image: IMAGE,
    waiting: { reason: 'ErrImagePull', message: `failed to resolve image: ${IMAGE}: not found` },
  }),
);
const [first] = pods;
if (!first) throw new Error('there is a pod');
const sources = createRecordedSources({ ...recordingOf(first), pods });
const step = (id: string, needs: readonly string[] = []) => ({ id, title: id, uses: 'look', needs, timeoutMs: 30_000, attempts: 1 });

/** A process of one release, and what it performed and told. */
function process(prefix: string, kinds: Kinds, chat: MemoryChat) {
  const redis = openRedis(place.url);
  const onError = (error: CodedError) => expect.fail(error.message);
  const store = createRedisStore({ redis, prefix, kinds });
  const queue = createBullmqQueue({ redis, prefix, onError });
  const engine = createEngine({
    runbook: { name: 'test', version: 1, steps: [step('a'), step('b', ['a']), step('c', ['b'])] },
    catalogue,
    classify,
    probes: { look: async () => ({ findings: [] }) },
    clusters: { test: { sources, unwanted: {}, mayReadSecrets: true } },
    store,
    queue,
    chat,
    paceMs: 0,
    log: SILENT,
    now: () => new Date(),
  });
  const worker = queue.work({ clusters: ['test'], speak: true, concurrency: 4, perform: engine.perform });
  closers.push(async () => {
    await worker.close();
    await queue.close();
    await redis.close();
  });
  const beat = {
    id: `of version ${kinds.runs.version}`,
    roles: ['worker'],
    clusters: ['test'],
    versions: versionsOf(kinds),
    taskVersion: 1,
  };
  return { store, queue, engine, beat };
}

describe('during a rollout', () => {
  it.each([
    ['while both give signs of life', true],
    ['while the older one is taken for dead and goes on', false],
  ])(
    'two releases share the work, and every diagnosis is told once, %s',
    async (_, alive) => {
      const prefix = place.prefix();
      const chat = new MemoryChat();
      const older = process(prefix, KINDS, chat);
      const newer = process(prefix, NEXT, chat);
      if (alive) await older.store.heartbeats.write(older.beat);
      await newer.store.heartbeats.write(newer.beat);
      for (const { metadata } of pods) {
        const id = `run-${metadata.name}`;
        await newer.store.requests.create(requestObject({ id, pod: metadata.name }));
        await (metadata.name.endsWith('1') ? older : newer).queue.add({ kind: 'begin', cluster: 'test', requestId: id });
      }
      await vi.waitFor(
        async () => {
          expect(await newer.store.runs.count(UNSAID)).toBe(0);
          expect(chat.said.filter(({ key }) => key.startsWith('evidence.'))).toHaveLength(pods.length);
        },
        { timeout: 60_000, interval: 50 },
      );
      expect(chat.said.filter(({ key }) => key === 'card')).toHaveLength(pods.length);
      if (alive) expect((await older.store.runs.read('run-web-0')).conclusion).toBeDefined();
      for (const { metadata } of pods) expect((await newer.store.runs.read(`run-${metadata.name}`)).conclusion).toBeDefined();
    },
    90_000,
  );

  it('does not overwrite what a newer release wrote', async () => {
    const prefix = place.prefix();
    const chat = new MemoryChat();
    const [older, newer] = [process(prefix, KINDS, chat), process(prefix, NEXT, chat)];
    await newer.store.heartbeats.write(newer.beat);
    await newer.engine.begin(requestObject({ id: 'run-1' }));
    await expect(older.store.runs.update('run-1', (run) => ({ ...run, findings: [] }))).rejects.toMatchObject({ code: 'store/newer' });
    await expect(older.engine.resume()).resolves.toBeUndefined();
    await vi.waitFor(async () => expect((await newer.store.runs.read('run-1')).conclusion).toBeDefined(), {
      timeout: 60_000,
      interval: 50,
    });
  }, 90_000);
});
