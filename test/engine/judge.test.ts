import { beforeEach, describe, expect, it } from 'vitest';
import { loadRunbook } from '../../src/app/runbooks.ts';
import { SILENT_CHAT } from '../../src/chat/silent-chat.ts';
import { observed } from '../../src/diagnosis/evidence.ts';
import type { Finding } from '../../src/diagnosis/finding.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import type { Task } from '../../src/queue/task-queue.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { diagnoseRecording } from '../support/diagnosis.ts';
import { incidentObject } from '../support/incidents.ts';
import { catalogue, classify } from '../support/rules.ts';

const NODE = 'node-7';
const fromNode = (code: Finding['code']): Finding => ({
  code,
  says: `From the node: ${code}.`,
  container: 'app',
  evidence: [observed('endpoint', { from: 'node', at: '2026-03-01T10:10:00Z', text: code })],
});

let store: MemoryStore;
let engine: Engine;
let tasks: Task[];
beforeEach(() => {
  store = new MemoryStore();
  tasks = [];
  const queue = { add: async (task: Task) => void tasks.push(task), ask: () => Promise.reject(new Error('nobody asks here')) };
  const knowledge = { runbook: loadRunbook(), catalogue, classify, probes: {}, clusters: {} };
  engine = createEngine({
    ...knowledge,
    store,
    queue,
    chat: SILENT_CHAT,
    paceMs: 0,
    log: SILENT,
    now: () => new Date('2026-03-01T10:11:00Z'),
  });
});

/** A finished run whose plan has looked from the node and found something. */
async function looked(found: readonly Finding[], name = 'dns-failure'): Promise<void> {
  const run = await diagnoseRecording(await readRecordingFolder(`test/cases/${name}`));
  const [container = 'app'] = [run.conclusion?.container];
  await store.incidents.create(
    incidentObject({ id: 'i', cluster: run.target.cluster, namespace: run.target.namespace, pod: run.target.pod }),
  );
  await store.runs.create({ ...run, id: 'r', incidentId: 'i', revision: 0 });
  const about = {
    id: 'plan-0123',
    revision: 0,
    cluster: run.target.cluster,
    incidentId: 'i',
    runId: 'r',
    createdAt: '2026-03-01T10:10:00Z',
  };
  const findings = found.map((finding) => ({ ...finding, container }));
  await store.plans.create({
    ...about,
    wish: { content: {}, signature: '' },
    decisions: [],
    reminded: false,
    found: { node: NODE, findings },
  });
}
const judge = () => engine.perform({ kind: 'judge', runId: 'r', planId: 'plan-0123', delayMs: 0 });

describe('what a node shows after a diagnosis', () => {
  it('is taken into the run and into its incident, and told', async () => {
    await looked([fromNode('endpoint/dns-failure')]);
    await judge();
    const { conclusion, findings } = await store.runs.read('r');
    expect(findings.some(({ says }) => says === 'From the node: endpoint/dns-failure.')).toBe(true);
    expect(conclusion?.verdict).toMatchObject({ cause: 'dns-failure', confidence: 'confirmed' });
    expect((await store.incidents.read('i')).outcome).toMatchObject({ runId: 'r', confidence: 'confirmed' });
    expect(tasks.some(({ kind }) => kind === 'speak')).toBe(true);
  });

  it('changes nothing the second time, and nothing where nothing was found', async () => {
    await looked([fromNode('endpoint/dns-failure')]);
    await judge();
    const once = await store.runs.read('r');
    await judge();
    expect(await store.runs.read('r')).toEqual(once);
    await store.plans.update('plan-0123', ({ found: _, ...rest }) => rest);
    await judge();
    expect(await store.runs.read('r')).toEqual(once);
  });

  it('says who has to look where bot and node see different things', async () => {
    await looked([fromNode('endpoint/dns-failure')], 'made-dns-failure-on-the-node-only');
    await judge();
    expect((await store.runs.read('r')).conclusion?.means).toContain(
      `imagepull reaches the registry from where it runs, and ${NODE} does not`,
    );
  });
});
