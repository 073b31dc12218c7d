import { describe, expect, it } from 'vitest';
import { targetOf } from '../../../src/diagnosis/pod/pod.ts';
import { Owner } from '../../../src/facts/kubernetes/kubernetes-object.ts';
import { podObject } from '../../support/objects.ts';

type Given = Parameters<typeof podObject>[0];
const managerOf = (given: Given, owner?: Owner) =>
  targetOf(podObject(given), { cluster: 'test', ...(owner === undefined ? {} : { owner }) }).managedBy;

describe('who applies the manifests', () => {
  it.each<[Given, object]>([
    [
      { labels: { 'helm.sh/chart': 'web-1.2', 'app.kubernetes.io/instance': 'shop' } },
      { tool: 'Helm', name: 'shop', sign: 'label helm.sh/chart of the pod' },
    ],
    [{ labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, { tool: 'Helm', sign: 'label app.kubernetes.io/managed-by of the pod' }],
    [
      { metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' } } },
      { tool: 'Argo CD', name: 'shop', sign: 'annotation argocd.argoproj.io/tracking-id of the pod' },
    ],
    [
      { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } },
      { tool: 'Flux', name: 'apps', sign: 'label kustomize.toolkit.fluxcd.io/name of the pod' },
    ],
  ])('is read from labels and annotations: %j', (given, wanted) => {
    expect(managerOf(given)).toEqual(wanted);
  });

  it('is what applies the chart, where both have left their labels', () => {
    const labels = { 'helm.sh/chart': 'web-1.2', 'argocd.argoproj.io/instance': 'web' };
    expect(managerOf({ labels })).toMatchObject({ tool: 'Argo CD' });
  });

  it('is read from the Job behind the pod as well', () => {
    const owner = Owner.parse({ kind: 'Job', metadata: { name: 'import', annotations: { 'meta.helm.sh/release-name': 'batch' } } });
    expect(managerOf({ owner: { kind: 'Job', name: 'import' } }, owner)).toEqual({
      tool: 'Helm',
      name: 'batch',
      sign: 'annotation meta.helm.sh/release-name of the Job',
    });
  });

  it('is nobody without such a sign, and another tool is not taken for Helm', () => {
    expect(managerOf({ labels: { 'app.kubernetes.io/managed-by': 'ansible', app: 'web' } })).toBeUndefined();
  });

  it('gives no name that is none: it ends up in a command', () => {
    expect(managerOf({ labels: { 'argocd.argoproj.io/instance': '-x; reboot' } })).toEqual({
      tool: 'Argo CD',
      sign: 'label argocd.argoproj.io/instance of the pod',
    });
  });
});

describe('other annotations', () => {
  it('are dropped where a pod is read: they may hold anything', () => {
    const pod = podObject({ metadata: { annotations: { 'example.com/token': 'canary', 'meta.helm.sh/release-name': 'web' } } });
    expect(pod.metadata.annotations).toEqual({ 'meta.helm.sh/release-name': 'web' });
  });
});

describe('the workload behind a pod', () => {
  it('is the Rollout of Argo Rollouts, whose ReplicaSets carry its own hash', () => {
    const pod = podObject({ owner: { kind: 'ReplicaSet', name: 'web-7d9c5' }, labels: { 'rollouts-pod-template-hash': '7d9c5' } });
    expect(targetOf(pod, { cluster: 'test' }).workload).toEqual({ kind: 'Rollout', name: 'web' });
  });

  it('is the CronJob that made the Job, and the Job is kept: it has to go when the CronJob is corrected', () => {
    const owner = Owner.parse({
      kind: 'Job',
      metadata: { name: 'report-1', ownerReferences: [{ kind: 'CronJob', name: 'report', controller: true }] },
    });
    const pod = podObject({ owner: { kind: 'Job', name: 'report-1' } });
    expect(targetOf(pod, { cluster: 'test', owner })).toMatchObject({ workload: { kind: 'CronJob', name: 'report' }, job: 'report-1' });
    expect(targetOf(pod, { cluster: 'test' })).toMatchObject({ workload: { kind: 'Job', name: 'report-1' }, job: 'report-1' });
  });
});
