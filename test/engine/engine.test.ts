import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, type EngineParts } from '../../src/engine/engine.ts';
import { CodedError } from '../../src/errors.ts';
import type { Message } from '../../src/incident/message.ts';
import { InlineQueue } from '../../src/queue/inline-queue.ts';
import { type Task, type TaskQueue, taskId } from '../../src/queue/task-queue.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import type { Runbook } from '../../src/runbook/runbook.ts';
import type { Probe } from '../../src/steps/step.ts';
import { UNSAID } from '../../src/store/kinds.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { PATIENCE_MS } from '../support/eventually.ts';
import { requestObject } from '../support/incidents.ts';
import { podObject } from '../support/objects.ts';
import { catalogue, classify } from '../support/rules.ts';

const IMAGE = 'registry.example/shop/web:1';
const pod = podObject({
  waiting: {
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "${IMAGE}": ErrImagePull: failed to resolve image: ${IMAGE}: not found`,
  },
});
const sources = createRecordedSources({
  capturedAt: '2026-03-01T10:10:00Z',
  cluster: 'test',
  namespace: 'shop',
  pod: 'web-0',
  podObject: pod,
  events: [],
  pods: [pod],
  owners: [],
  podsComplete: true,
  answers: [],
});

const step = (id: string, given: Partial<Runbook['steps'][number]> = {}) => ({
  id,
  title: id,
  uses: id,
  needs: [],
  timeoutMs: PATIENCE_MS,
  attempts: 1,
  ...given,
});
const finds =
  (code: 'pull-error/dns-failure' | 'pod/no-pull-secret'): Probe =>
  async () => ({ findings: [{ code, says: code, container: 'app', evidence: [] }] });

const request = requestObject({ id: 'run-1', trigger: { kind: 'cli' } });

/** An engine over a memory store, with everything that was said and every probe that was run. */
function world(given: { steps: Runbook['steps']; probes: Record<string, Probe>; queue?: TaskQueue; unwanted?: Record<string, string> }) {
  const said: { op: 'post' | 'update'; key: string }[] = [];
  const probed: string[] = [];
  const store = new MemoryStore();
  const queue = given.queue ?? new InlineQueue();
  let ticks = 0;
  const parts: EngineParts = {
    runbook: { name: 'test', version: 1, steps: given.steps },
    catalogue,
    classify,
    clusters: { test: { sources, unwanted: given.unwanted ?? {}, mayReadSecrets: true } },
    paceMs: 0,
    log: SILENT,
    store,
    queue,
    probes: Object.fromEntries(
      Object.entries(given.probes).map(([id, probe]): [string, Probe] => [
        id,
        (context) => {
          probed.push(id);
          return probe(context);
        },
      ]),
    ),
    chat: {
      async post(_: unknown, message: Message) {
        said.push({ op: 'post', key: message.key });
        return { ts: `ts-${said.length}` };
      },
      async update(_: unknown, __: string, message: Message) {
        said.push({ op: 'update', key: message.key });
      },
      find: async () => undefined,
      findForgotten: async () => undefined,
      notify: async () => undefined,
      link: async () => undefined,
    },
    now: () => new Date(Date.parse('2026-03-01T10:10:00Z') + ticks++),
  };
  return { engine: createEngine(parts), store, queue, said, probed };
}

const steps = [
  step('events'),
  step('far'),
  step('last', { needs: ['events', 'far'] }),
  step('secrets', { needs: ['events'], when: ['pull-error/unauthorized'] }),
];
const probes = {
  events: finds('pull-error/dns-failure'),
  far: finds('pod/no-pull-secret'),
  last: async () => ({ findings: [] }),
  secrets: async () => ({ findings: [] }),
};

async function runInline(given: Parameters<typeof world>[0]) {
  const queue = new InlineQueue();
  const made = world({ ...given, queue });
  await made.engine.begin(request);
  await queue.drain(made.engine.perform);
  return { ...made, run: await made.store.runs.read('run-1') };
}

describe('a run', () => {
  it('performs each step once, in the order of its needs, and skips what is not needed', async () => {
    const { run, probed } = await runInline({ steps, probes });
    expect(probed).toEqual(['events', 'far', 'last']);
    expect(run.steps['secrets']).toEqual({ status: 'skipped', because: 'none of pull-error/unauthorized was found' });
    expect(run.conclusion?.verdict.cause).toBeNull();
  });

  it('leaves out what is not wanted, and goes on with what needed it', async () => {
    const { run, probed } = await runInline({ steps, probes, unwanted: { far: 'Left out: --only was given.' } });
    expect(probed).toEqual(['events', 'last']);
    expect(run.steps['far']).toEqual({ status: 'skipped', because: 'Left out: --only was given.' });
  });

  it('keeps findings in the order people read them, whichever step was faster', async () => {
    const quick = [step('events'), step('far')];
    const slow: Probe = async () => {
      await Promise.resolve();
      return { findings: [{ code: 'pull-error/dns-failure', says: 'slow', evidence: [] }] };
    };
    const { run } = await runInline({ steps: quick, probes: { events: slow, far: probes.far } });
    expect(run.findings.map((finding) => finding.code)).toEqual(['pull-error/dns-failure', 'pod/no-pull-secret']);
  });

  it('goes on when a step fails, and says why it failed', async () => {
    const { run } = await runInline({
      steps,
      probes: { ...probes, far: async () => Promise.reject(new CodedError('cluster/forbidden', 'pods is forbidden')) },
    });
    expect(run.steps['far']).toMatchObject({ status: 'failed', code: 'cluster/forbidden', because: 'pods is forbidden' });
    expect(run.steps['last']?.status).toBe('done');
    expect(run.conclusion).toBeDefined();
  });

  it('tries again what may be tried again, as often as the runbook allows', async () => {
    let calls = 0;
    const flaky: Probe = async () => {
      calls += 1;
      if (calls === 1) throw new CodedError('cluster/unavailable', 'busy', { retryable: true });
      return { findings: [] };
    };
    const { run } = await runInline({ steps: [step('events', { attempts: 2 })], probes: { events: flaky } });
    expect(calls).toBe(2);
    expect(run.steps['events']?.status).toBe('done');
    calls = 0;
    expect((await runInline({ steps: [step('events', { attempts: 1 })], probes: { events: flaky } })).run.steps['events']?.status).toBe(
      'failed',
    );
  });

  it('does not wait for a probe that never answers', async () => {
    const { run } = await runInline({ steps: [step('events', { timeoutMs: 20 })], probes: { events: () => new Promise(() => undefined) } });
    expect(run.steps['events']).toMatchObject({ status: 'failed', code: 'engine/timeout' });
  });

  it('posts one card and edits it, and evidence once at the end', async () => {
    const { said } = await runInline({ steps, probes });
    expect(said.filter(({ op }) => op === 'post')).toEqual([
      { op: 'post', key: 'card' },
      { op: 'post', key: 'evidence.run-1' },
    ]);
    expect(said.filter(({ op }) => op === 'update').length).toBeGreaterThan(0);
  });

  it('does not start for a pod that is not there', async () => {
    const { engine } = world({ steps, probes });
    await expect(engine.begin({ ...request, pod: 'web-1' })).rejects.toMatchObject({
      code: 'target/not-found',
      message: expect.stringContaining('Did you mean web-0?'),
    });
  });
});

/** A queue that keeps what is added, to be delivered by the test. */
class ManualQueue implements TaskQueue {
  readonly added: Task[] = [];
  async add(task: Task): Promise<void> {
    this.added.push(task);
  }
  async ask(): Promise<never> {
    throw new Error('nothing is asked here');
  }
}

/** As in every queue, a task for a channel that waits already absorbs the others. */
function twiceUnlessWaiting(task: Task, waiting: readonly Task[]): readonly Task[] {
  return task.kind === 'speak' && waiting.some((other) => taskId(other) === taskId(task)) ? [] : [task, task];
}

describe('delivered twice and in any order', () => {
  it('ends with the same verdict, findings and messages as delivered once', async () => {
    const expected = await runInline({ steps, probes });
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(1_000_000)), async (choices) => {
        const queue = new ManualQueue();
        const { engine, store, said } = world({ steps, probes, queue });
        await Promise.all([engine.begin(request), engine.begin(request)]);
        const waiting: Task[] = [];
        for (;;) {
          for (const task of queue.added.splice(0)) waiting.push(...twiceUnlessWaiting(task, waiting));
          if (waiting.length === 0) break;
          // Some are taken at random and performed at the same time.
          const batch: Task[] = [];
          const size = 1 + ((choices.next().value ?? 0) % 3);
          for (let n = 0; n < size && waiting.length > 0; n++)
            batch.push(...waiting.splice((choices.next().value ?? 0) % waiting.length, 1));
          await Promise.all(batch.map((task) => engine.perform(task)));
        }
        const run = await store.runs.read('run-1');
        expect(run.conclusion).toEqual(expected.run.conclusion);
        expect(run.findings.map((finding) => finding.code).sort()).toEqual(expected.run.findings.map((finding) => finding.code).sort());
        expect(said.filter(({ op }) => op === 'post')).toEqual([
          { op: 'post', key: 'card' },
          { op: 'post', key: 'evidence.run-1' },
        ]);
        expect(await store.runs.count(UNSAID)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('queues no task twice by itself', async () => {
    const queue = new ManualQueue();
    const { engine } = world({ steps, probes, queue });
    await engine.begin(request);
    const seen: string[] = [];
    while (queue.added.length > 0) {
      const batch = queue.added.splice(0);
      seen.push(...batch.filter((task) => task.kind === 'step').map(taskId));
      // Two that say the same at the same time would make each other come back for ever.
      const delivered = [...batch, ...batch.filter(({ kind }) => kind !== 'speak')];
      await Promise.all(delivered.map((task) => engine.perform(task)));
    }
    expect(seen).toEqual([...new Set(seen)]);
  });

  it('does nothing for a task of an attempt that is over', async () => {
    const { engine, probed, run } = await runInline({ steps, probes });
    const before = probed.length;
    await engine.perform({ kind: 'step', cluster: 'test', runId: run.id, stepId: 'events', attempt: 1, delayMs: 0 });
    await engine.perform({ kind: 'step', cluster: 'test', runId: run.id, stepId: 'events', attempt: 7, delayMs: 0 });
    expect(probed.length).toBe(before);
  });
});

describe('a look over a cluster', () => {
  it('covers only the namespaces that somebody may ask about, and says so', async () => {
    const { engine } = world({ steps, probes });
    const scan = (only?: readonly string[]) => engine.perform({ kind: 'scan', cluster: 'test', id: 'a', ...(only ? { only } : {}) });
    expect(await scan()).toMatchObject({ pods: [{ namespace: 'shop', pod: 'web-0' }], lookedAt: { where: 'the cluster' } });
    expect(await scan(['sh*'])).toMatchObject({
      pods: [{ pod: 'web-0' }],
      lookedAt: { where: 'the namespaces that may be asked about here' },
    });
    expect(await scan(['data'])).toMatchObject({ pods: [], groups: [], lookedAt: { pods: 0 } });
  });
});
