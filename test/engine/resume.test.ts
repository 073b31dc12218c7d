import { describe, expect, it } from 'vitest';
import { performRequest } from '../../src/engine/requests.ts';
import { resumeAll } from '../../src/engine/resume.ts';
import { CodedError } from '../../src/errors.ts';
import type { DiagnosisRequest } from '../../src/incident/request.ts';
import type { Begun } from '../../src/intake/begin.ts';
import type { Task, TaskQueue } from '../../src/queue/task-queue.ts';
import { MemoryContent, MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { requestObject, runObject } from '../support/incidents.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const beat = { id: 'w', roles: ['worker'], clusters: ['test'], versions: {}, taskVersion: 1 };

/** A store, and what is queued, resumed and logged. */
function world(failing: (runId: string) => CodedError | undefined = () => undefined) {
  const content = new MemoryContent();
  const store = new MemoryStore({ content });
  const queued: Task[] = [];
  const queue: TaskQueue = { add: async (task) => void queued.push(task), ask: async () => undefined };
  const resumed: string[] = [];
  const warnings: unknown[] = [];
  const log = { ...SILENT, warn: (message: string, more?: object) => void warnings.push([message, more]) };
  const resumeRun = async (runId: string) => {
    const error = failing(runId);
    if (error) throw error;
    resumed.push(runId);
  };
  const resume = () => resumeAll({ store, queue, log, now: () => NOW, resumeRun });
  return { content, store, queue, queued, resumed, warnings, resume };
}

describe('resuming runs', () => {
  it('reaches all of thousands, past those that cannot be read or resumed', async () => {
    const bad = new CodedError('engine/unknown-step', 'There is no such step.');
    const { content, store, resumed, warnings, resume } = world((id) => (id === 'run-7' ? bad : undefined));
    for (let n = 0; n < 2_500; n++) {
      const startedAt = new Date(NOW.getTime() - (3_000 - n) * 1_000).toISOString();
      const incidentId = `incident-${Math.floor(n / 2)}-${n % 2}`;
      await store.runs.create(runObject({ id: `run-${n}`, incidentId, startedAt }));
    }
    const runs = content.collections.get('run')?.records;
    const damaged = runs?.get('run-3');
    if (damaged) runs?.set('run-3', { ...damaged, kind: undefined, value: { id: 'run-3' } });
    await resume();
    expect([resumed.length, resumed[0], resumed.at(-1)]).toEqual([2_498, 'run-0', 'run-2499']);
    expect(warnings).toEqual([['could not be resumed', { run: 'run-7', code: 'engine/unknown-step', because: 'There is no such step.' }]]);
  });

  it('ends where the store is gone, to begin again later', async () => {
    const { store, resume } = world(() => new CodedError('store/unavailable', 'Redis does not answer.', { retryable: true }));
    await store.runs.create(runObject({ id: 'run' }));
    await expect(resume()).rejects.toMatchObject({ code: 'store/unavailable' });
  });
});

describe('resuming requests', () => {
  const resumeOne = async (given: Partial<DiagnosisRequest>, worker = true) => {
    const { store, queued, resume } = world();
    if (worker) await store.heartbeats.write(beat);
    await store.requests.create(
      requestObject({ id: 'q', askedAt: '2026-03-01T11:59:00Z', awaitedUntil: '2026-03-01T11:59:15Z', ...given }),
    );
    await resume();
    return { kinds: queued.map(({ kind }) => kind), request: await store.requests.read('q') };
  };

  it('queues what was accepted and lost, once nobody waits for it any more', async () => {
    expect((await resumeOne({})).kinds).toEqual(['begin']);
    expect((await resumeOne({ awaitedUntil: '2026-03-01T12:00:01Z' })).kinds).toEqual([]);
  });

  it('has the asker told where no worker lives, and only until they know', async () => {
    expect((await resumeOne({}, false)).kinds).toEqual(['begin', 'notice']);
    expect((await resumeOne({ seen: 'waiting' }, false)).kinds).toEqual(['begin']);
  });

  it('has the asker told what came of it, until they have seen that', async () => {
    const refused = { status: 'refused', code: 'target/not-found', says: 'There is no pod.' } as const;
    expect((await resumeOne({ state: refused })).kinds).toEqual(['notice']);
    expect((await resumeOne({ state: refused, seen: 'waiting' })).kinds).toEqual(['notice']);
    expect((await resumeOne({ state: refused, seen: 'answer' })).kinds).toEqual([]);
  });

  it('gives up after a day, which is told', async () => {
    const { kinds, request } = await resumeOne({ askedAt: '2026-02-28T11:00:00Z', seen: 'waiting' });
    expect(kinds).toEqual(['notice']);
    expect(request.state).toMatchObject({ status: 'refused', code: 'intake/expired' });
  });
});

describe('resuming alerts', () => {
  it('queues those that nobody looked into, and gives up what is an hour old', async () => {
    const { store, queued, warnings, resume } = world();
    const delivery = { revision: 0, source: 'am', cluster: 'test', alerts: [], state: 'accepted' } as const;
    await store.deliveries.create({ ...delivery, id: 'fresh', receivedAt: '2026-03-01T11:30:00Z' });
    await store.deliveries.create({ ...delivery, id: 'stale', receivedAt: '2026-03-01T10:59:00Z' });
    await resume();
    expect(queued).toEqual([{ kind: 'alert', cluster: 'test', deliveryId: 'fresh' }]);
    expect(warnings).toHaveLength(1);
    expect((await store.deliveries.read('stale')).state).toBe('done');
  });
});

describe('a request', () => {
  const perform = async (answer: Begun | CodedError, given: Partial<DiagnosisRequest> = {}) => {
    const { store, queue, queued } = world();
    await store.requests.create(requestObject({ id: 'q', awaitedUntil: '2026-03-01T12:00:10Z', ...given }));
    let begins = 0;
    const begin = async () => {
      begins += 1;
      if (answer instanceof CodedError) throw answer;
      return answer;
    };
    const run = () => performRequest('q', { store, queue, now: () => NOW, begin });
    const first = await run();
    expect(await run()).toEqual(first);
    return { begins, queued, request: await store.requests.read('q') };
  };

  it('that begins an incident is told by its card', async () => {
    const { begins, queued, request } = await perform({ status: 'begun', incidentId: 'q', runId: 'q' });
    expect([begins, queued, request.seen]).toEqual([1, [], 'answer']);
  });

  it.each([
    [{ status: 'begun', incidentId: 'other', runId: 'q' } as const],
    [{ status: 'running', incidentId: 'other', runId: 'r' } as const],
    [new CodedError('target/not-found', 'There is no pod.')],
  ])('that ends in %j is told by a notice once its taker waits no longer', async (answer) => {
    const { begins, queued, request } = await perform(answer);
    expect([begins, queued, request.seen]).toEqual([1, [{ kind: 'notice', requestId: 'q', delayMs: 10_500 }], 'nothing']);
  });

  it('whose doing fails for another reason stays accepted', async () => {
    await expect(perform(new CodedError('store/unavailable', 'gone', { retryable: true }))).rejects.toMatchObject({
      code: 'store/unavailable',
    });
  });
});
