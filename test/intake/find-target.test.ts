import { describe, expect, it } from 'vitest';
import type { ClusterReader } from '../../src/cluster/cluster.ts';
import { CodedError, type ErrorCode } from '../../src/errors.ts';
import { Controller, Owner } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { findTarget } from '../../src/intake/find-target.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import { createRecorder } from '../../src/recording/recorder.ts';
import { type Recording, readRecording, writeRecording } from '../../src/recording/recording.ts';
import type { Sources } from '../../src/steps/step.ts';
import { diagnoseRecording, recordingOf } from '../support/diagnosis.ts';
import { podObject } from '../support/objects.ts';

type Marks = { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
const POD = { namespace: 'shop', pod: 'web-0' };
const waiting = { reason: 'ErrImagePull', message: 'registry.example/shop/web:1: not found' };
const TRACKED = { annotations: { 'argocd.argoproj.io/tracking-id': 'storefront:apps/Deployment:shop/web', note: 'canary' } };
const CHART = { 'helm.sh/chart': 'web-1.2', 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/instance': 'web' };

/** A failing pod of a Deployment that Argo CD tracks. */
function deployed(given: Parameters<typeof podObject>[0] = {}, marks: Marks = TRACKED): Recording {
  const pod = podObject({
    waiting,
    owner: { kind: 'ReplicaSet', name: 'web-7d9c5' },
    ...given,
    labels: { 'pod-template-hash': '7d9c5', ...given.labels },
  });
  const metadata = { name: 'web', namespace: 'shop', ...marks };
  return { ...recordingOf(pod), controllers: [Controller.parse({ kind: 'Deployment', metadata })] };
}

async function find(recording: Recording, given: Partial<ClusterReader> = {}) {
  const { cluster } = createRecordedSources(recording);
  return { target: await findTarget({ ...cluster, ...given }, POD), requests: cluster.requests() };
}

function refusing(code: ErrorCode): Pick<ClusterReader, 'readController'> {
  return {
    readController: async () => {
      throw new CodedError(code, 'deployments.apps "web" is forbidden.');
    },
  };
}

describe('who applies the workload of a pod', () => {
  it.each<[string, Marks, object]>([
    ['Argo CD', TRACKED, { name: 'storefront', sign: 'annotation argocd.argoproj.io/tracking-id of the Deployment' }],
    [
      'Flux',
      { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' } },
      { name: 'apps', sign: 'label kustomize.toolkit.fluxcd.io/name of the Deployment' },
    ],
    [
      'Flux',
      { labels: { 'helm.toolkit.fluxcd.io/name': 'web' }, annotations: { 'meta.helm.sh/release-name': 'web' } },
      { name: 'web', sign: 'label helm.toolkit.fluxcd.io/name of the Deployment' },
    ],
    [
      'Helm',
      { annotations: { 'meta.helm.sh/release-name': 'web' } },
      { name: 'web', sign: 'annotation meta.helm.sh/release-name of the Deployment' },
    ],
  ])('is asked of the workload, which %s marks and not the pod', async (tool, marks, found) => {
    const { target, requests } = await find(deployed({}, marks));
    expect(target.managedBy).toEqual({ tool, ...found });
    expect(target.workload).toEqual({ kind: 'Deployment', name: 'web' });
    expect(requests).toBe(2);
  });

  it('is nobody where the workload carries only an instance, which any tool sets', async () => {
    expect((await find(deployed({}, { labels: { 'app.kubernetes.io/instance': 'web' } }))).target.managedBy).toBeUndefined();
  });

  it('is what applies the chart, whose labels the pod carries as well', async () => {
    expect((await find(deployed({ labels: CHART }))).target.managedBy).toMatchObject({ tool: 'Argo CD', name: 'storefront' });
    expect((await find(deployed({ labels: CHART }, {}))).target.managedBy).toMatchObject({ tool: 'Helm', name: 'web' });
  });

  it.each<[string, Recording]>([
    ['the pod says it itself', deployed({ labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } })],
    ['nothing fails', deployed({ running: true })],
    ['nothing made the pod', recordingOf(podObject({ waiting }))],
    ['a kind made it that is not known', recordingOf(podObject({ waiting, owner: { kind: 'Rollout', name: 'web' } }))],
  ])('costs no request where %s', async (_, recording) => {
    expect((await find(recording)).requests).toBe(1);
  });

  it('is asked of the CronJob as well, and a Job is not read twice', async () => {
    const pod = podObject({ waiting, owner: { kind: 'Job', name: 'report-1' } });
    const job = (owners: object) => Owner.parse({ kind: 'Job', metadata: { name: 'report-1', namespace: 'shop', ...owners } });
    const metadata = { name: 'report', namespace: 'shop', labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } };
    const controllers = [Controller.parse({ kind: 'CronJob', metadata })];
    const made = job({ ownerReferences: [{ kind: 'CronJob', name: 'report', controller: true }] });
    const { target, requests } = await find({ ...recordingOf(pod), owners: [made], controllers });
    expect(target).toMatchObject({ workload: { kind: 'CronJob', name: 'report' }, job: 'report-1' });
    expect(target.managedBy).toMatchObject({ tool: 'Flux', sign: 'label kustomize.toolkit.fluxcd.io/name of the CronJob' });
    expect(requests).toBe(3);
    expect((await find({ ...recordingOf(pod), owners: [job({})], controllers })).requests).toBe(2);
  });

  it.each(['cluster/forbidden', 'cluster/unavailable', 'cluster/bad-answer'] as const)(
    'stays open where the answer is %s: the diagnosis goes on and says so',
    async (code) => {
      const { target } = await find(deployed(), refusing(code));
      expect(target.managedBy).toBeUndefined();
      expect(target.workload).toEqual({ kind: 'Deployment', name: 'web' });
      expect(target.workloadUnread).toBe(
        'Whether Argo CD, Flux or Helm applies Deployment web is not known. deployments.apps "web" is forbidden.',
      );
    },
  );

  it('is not worth a word where the workload is gone', async () => {
    const { target } = await find({ ...deployed(), controllers: [] });
    expect([target.managedBy, target.workloadUnread]).toEqual([undefined, undefined]);
  });

  it('comes first in the fix, and replays as it was captured', async () => {
    const real = createRecordedSources(deployed());
    const { run, again, files } = await captured(real);
    expect(run.conclusion?.remediation[0]?.title).toMatch(/^Change it in Git first: the workload seems to belong to Argo CD/);
    expect(again.target).toEqual(run.target);
    expect(again.conclusion).toEqual(run.conclusion);
    expect(JSON.stringify(files)).not.toContain('canary');
  });

  it.each([
    ['the workload', refusing('cluster/forbidden'), deployed()],
    [
      'the Job',
      { readJob: () => Promise.reject(new CodedError('cluster/forbidden', 'no')) },
      recordingOf(podObject({ waiting, owner: { kind: 'Job', name: 'report-1' } })),
    ],
  ])('and so does a refusal to show %s', async (_, refusal, recording) => {
    const real = createRecordedSources(recording);
    const { run, again } = await captured({ ...real, cluster: { ...real.cluster, ...refusal } });
    expect(run.target.workloadUnread).toMatch(/ is not known\. /);
    expect(again.target).toEqual(run.target);
  });
});

/** A diagnosis, and one of its recording. */
async function captured(real: Sources) {
  const recorder = createRecorder(real);
  const at = '2026-03-01T10:10:00Z';
  const run = await diagnoseRecording({ ...recordingOf(podObject({})), capturedAt: at }, recorder.sources);
  const files = writeRecording(recorder.recording({ namespace: POD.namespace, name: POD.pod }, at));
  return { run, again: await diagnoseRecording(readRecording(files)), files };
}
