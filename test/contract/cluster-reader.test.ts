import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterReader } from '../../src/cluster/cluster.ts';
import { createKubernetesCluster } from '../../src/cluster/kubernetes-cluster.ts';
import { Controller, Node, Owner, Secret, ServiceAccount } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { labelSelectorText } from '../../src/facts/kubernetes/label-selector.ts';
import { createRecordedCluster } from '../../src/recording/recorded-world.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { eventObject, podObject } from '../support/objects.ts';

const web = podObject({ labels: { app: 'web', tier: 'front' }, waiting: { reason: 'ErrImagePull', message: 'x: not found' } });
const other = podObject({ name: 'api-0', namespace: 'other', labels: { app: 'api' }, node: 'node-2', running: true });
const MARKED = { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' };
const recording: Recording = {
  capturedAt: '2026-03-01T10:10:00Z',
  cluster: 'test',
  namespace: 'shop',
  pod: 'web-0',
  podObject: web,
  events: [
    eventObject({ reason: 'Failed', message: 'x: not found' }),
    eventObject({ reason: 'Failed', message: 'of an earlier pod', uid: 'old' }),
    eventObject({ reason: 'Pulling', message: 'Pulling' }),
  ],
  pods: [web, other],
  owners: [
    Owner.parse({
      kind: 'Job',
      metadata: { name: 'import', namespace: 'shop', ownerReferences: [{ kind: 'CronJob', name: 'nightly', controller: true }] },
    }),
  ],
  controllers: [
    Controller.parse({
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop', annotations: { 'deployment.kubernetes.io/revision': '7', ...MARKED, note: 'canary' } },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['front'] }] },
      },
      status: { replicas: 2 },
    }),
    Controller.parse({ kind: 'ReplicationController', metadata: { name: 'old', namespace: 'shop' }, spec: { selector: { app: 'old' } } }),
    Controller.parse({ kind: 'CronJob', metadata: { name: 'nightly', namespace: 'shop' }, status: { active: [{ name: 'nightly-1' }] } }),
    Controller.parse({ kind: 'Job', metadata: { name: 'load', namespace: 'shop' }, status: { active: 1 } }),
  ],
  serviceAccounts: [ServiceAccount.parse({ metadata: { name: 'default', namespace: 'shop' }, imagePullSecrets: [{ name: 'regcred' }] })],
  secrets: [Secret.parse({ metadata: { name: 'regcred', namespace: 'shop' }, type: 'Opaque', data: { a: 'Yg==' } })],
  nodes: [Node.parse({ metadata: { name: 'node-1' }, spec: { unschedulable: true } })],
  podsComplete: true,
  answers: [],
};

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer(recording);
});
afterAll(() => server.stop());

function overHttp(): ClusterReader {
  const config = new KubeConfig();
  config.loadFromString(server.kubeconfig);
  return createKubernetesCluster(config);
}

/** Both must answer alike: whatever a recording replays, a cluster would have said. */
describe.each<[string, () => ClusterReader]>([
  ['a recording', () => createRecordedCluster(recording)],
  ['an API server', overHttp],
])('read from %s', (_, open) => {
  it('a pod is the one of that name in that namespace', async () => {
    expect(await open().readPod('shop', 'web-0')).toEqual(web);
    await expect(open().readPod('other', 'web-0')).rejects.toMatchObject({
      code: 'cluster/not-found',
      message: expect.stringContaining('web-0'),
    });
  });

  it('events are those of the pod with that uid', async () => {
    const events = await open().listPodEvents({ namespace: 'shop', name: 'web-0', uid: 'uid-web-0' });
    expect(events.map((event) => event.message)).toEqual(['x: not found', 'Pulling']);
    expect(await open().listPodEvents({ namespace: 'shop', name: 'web-0' })).toHaveLength(3);
  });

  it('events of any pod are those with that reason', async () => {
    expect(await open().listEvents({ reason: 'Pulling', limit: 10 })).toHaveLength(1);
    expect(await open().listEvents({ reason: 'Failed', limit: 10 })).toHaveLength(2);
    expect(await open().listEvents({ namespace: 'other', reason: 'Failed', limit: 10 })).toHaveLength(0);
  });

  it('events that end a pull are those of all pods', async () => {
    const { events, complete } = await open().listPullEnds(10);
    expect([events.map(({ reason }) => reason), complete]).toEqual([['Failed', 'Failed'], true]);
    expect((await open().listPullEnds(2)).complete).toBe(false);
  });

  it('pods are narrowed by namespace, node and phase', async () => {
    const names = async (selection: Omit<Parameters<ClusterReader['listPods']>[0], 'limit'>) =>
      (await open().listPods({ ...selection, limit: 500 })).pods.map((pod) => pod.metadata.name);
    // A recording has no order to keep.
    expect((await names({})).toSorted()).toEqual(['api-0', 'web-0']);
    expect(await names({ namespace: 'other' })).toEqual(['api-0']);
    expect(await names({ node: 'node-1' })).toEqual(['web-0']);
    expect(await names({ phase: 'Running' })).toEqual(['api-0']);
  });

  it('pods are narrowed by labels', async () => {
    const names = async (labels: string) => (await open().listPods({ labels, limit: 500 })).pods.map((pod) => pod.metadata.name);
    expect(await names('app=web')).toEqual(['web-0']);
    expect(await names('app in (web,api),tier!=front')).toEqual(['api-0']);
    expect(await names('!tier')).toEqual(['api-0']);
    expect(await names('app=none')).toEqual([]);
  });

  it('what makes pods says how to find them', async () => {
    const deployment = await open().readController('Deployment', 'shop', 'web');
    expect(deployment).toMatchObject({ kind: 'Deployment', spec: { replicas: 2 } });
    expect(labelSelectorText(deployment.spec.selector ?? {})).toBe('app=web,tier in (front)');
    expect(deployment.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '7', ...MARKED });
    const old = await open().readController('ReplicationController', 'shop', 'old');
    expect(labelSelectorText(old.spec.selector ?? {})).toBe('app=old');
    expect((await open().readController('CronJob', 'shop', 'nightly')).status.active).toEqual([{ name: 'nightly-1' }]);
    expect((await open().readController('Job', 'shop', 'load')).kind).toBe('Job');
    await expect(open().readController('StatefulSet', 'shop', 'web')).rejects.toMatchObject({ code: 'cluster/not-found' });
    await expect(open().readController('Deployment', 'other', 'web')).rejects.toMatchObject({ code: 'cluster/not-found' });
  });

  it('namespaces have names', async () => {
    const names = await open().listNamespaces(10);
    expect(names.filter((name) => !/^(?:default|kube-.*)$/.test(name)).toSorted()).toEqual(['other', 'shop']);
  });

  it('a job says who made it', async () => {
    expect((await open().readJob('shop', 'import')).metadata.ownerReferences?.[0]?.name).toBe('nightly');
    await expect(open().readJob('shop', 'export')).rejects.toMatchObject({ code: 'cluster/not-found' });
  });

  it('jobs of a namespace, or of all, say who made them', async () => {
    const makers = (await open().listJobs({ namespace: 'shop', limit: 10 })).map(({ metadata }) => metadata.ownerReferences?.[0]?.name);
    // A recording lists only Jobs that were read as owners of pods.
    expect(makers).toContain('nightly');
    expect(await open().listJobs({ limit: 1 })).toHaveLength(1);
    expect(await open().listJobs({ namespace: 'other', limit: 10 })).toEqual([]);
  });

  it('a service account says which pull secrets it names', async () => {
    expect((await open().readServiceAccount('shop', 'default')).imagePullSecrets).toEqual([{ name: 'regcred' }]);
    await expect(open().readServiceAccount('shop', 'web')).rejects.toMatchObject({ code: 'cluster/not-found' });
  });

  it('a secret has its type and data, and belongs to its namespace', async () => {
    expect(await open().readSecret('shop', 'regcred')).toMatchObject({ type: 'Opaque', data: { a: 'Yg==' } });
    await expect(open().readSecret('other', 'regcred')).rejects.toMatchObject({ code: 'cluster/not-found' });
  });

  it('a node belongs to no namespace', async () => {
    expect((await open().readNode('node-1')).spec.unschedulable).toBe(true);
    await expect(open().readNode('node-2')).rejects.toMatchObject({ code: 'cluster/not-found' });
  });

  it('every request is counted', async () => {
    const reader = open();
    await reader.readPod('shop', 'web-0');
    await reader.listPods({ limit: 500 });
    expect(reader.requests()).toBe(2);
  });
});
