import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/app/config.ts';
import { openRemedies } from '../../src/app/service/remedies.ts';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import { InlineQueue } from '../../src/queue/inline-queue.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { createPrometheusMetrics } from '../../src/telemetry/prometheus.ts';
import { diagnoseRecording } from '../support/diagnosis.ts';
import { peopleOf } from '../support/people.ts';
import { classify } from '../support/rules.ts';

const POLICY = 'version: 1\norganisation: T0WORK\nrules: [{ name: all, approvers: { users: [U0BOB] } }]\n';

/** What cards show where Slack sends requests over HTTP, and how offers are judged there. */
async function shown(given: { readonly decides: boolean; readonly policy?: string; readonly executor?: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-remedies-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [kubeconfig, policy] = [join(folder, 'kubeconfig'), join(folder, 'approvals.yaml')];
  await writeFile(kubeconfig, kubeconfigFor('http://127.0.0.1:1'));
  await writeFile(policy, given.policy ?? POLICY);
  const executor = given.executor === false ? '' : `, executor: { kubeconfig: ${kubeconfig}, namespace: imagepull }`;
  const text = `clusters: [{ name: prod${executor} }]\nremedies: { policy: ${policy} }\n`;
  const environment = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };
  const config = readConfig({ file: { name: 'test.yaml', text }, environment, roles: undefined, clusters: undefined });
  const recording = await readRecordingFolder('test/cases/made-tag-not-found');
  // Nothing more of a cluster is looked at here.
  const sources = createRecordedSources(recording);
  const clusters = { prod: { sources, direct: sources.cluster, mayRead: () => true } } as unknown as Parameters<
    typeof openRemedies
  >[1]['clusters'];
  const metrics = createPrometheusMetrics(SILENT);
  const kept = { store: new MemoryStore(), queue: new InlineQueue() };
  const remedies = await openRemedies(config, { ...kept, clusters, classify, log: SILENT, metrics, now: () => new Date() });
  const run = await diagnoseRecording(recording);
  const { offers, barred } =
    remedies?.shownBy(peopleOf({}), given).offers({ ...run, target: { ...run.target, cluster: 'prod' } }, undefined) ?? {};
  return { offers: offers?.map(({ id }) => id), barred };
}

describe('what a card offers', () => {
  it('is what somebody may approve', async () => {
    expect(await shown({ decides: true })).toEqual({ offers: ['set-image', 'roll-back'] });
  });

  it('is nothing while requests over HTTP decide nothing, and it says which setting would change that', async () => {
    const { offers, barred } = await shown({ decides: false });
    expect(offers).toEqual([]);
    expect(barred).toBe(
      'Nobody can approve anything while Slack sends requests over HTTP: set remedies.overHttp, or slack.mode to socket.',
    );
  });

  it('is nothing, without a word, on a cluster where nothing is ever changed', async () => {
    for (const decides of [true, false]) expect(await shown({ decides, executor: false })).toEqual({ offers: [] });
  });

  it('is nothing where the policy names nobody', async () => {
    const { offers, barred } = await shown({ decides: true, policy: 'version: 1\norganisation: T0WORK\nrules: [{ name: all }]\n' });
    expect(offers).toEqual([]);
    expect(barred).toContain('add users or groups to approvers of rule "all"');
  });
});
