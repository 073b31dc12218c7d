import { describe, expect, it } from 'vitest';
import type { ClusterReader } from '../../src/cluster/cluster.ts';
import { guardCluster } from '../../src/cluster/guarded-cluster.ts';
import { Owner } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { eventObject, podObject } from '../support/objects.ts';

const shop = podObject({ namespace: 'shop', name: 'web-0' });
const secret = podObject({ namespace: 'secret', name: 'vault-0' });
const about = (namespace: string, name: string) => ({
  ...eventObject({ reason: 'Failed', message: 'x' }),
  involvedObject: { kind: 'Pod', namespace, name, uid: 'u' },
});
const events = [about('shop', 'web-0'), about('secret', 'vault-0')];

/** A cluster that gives out whatever it is asked for, and tells what that was. */
function world() {
  const asked: string[] = [];
  const recorded = createRecordedSources({ ...recordingOf(shop), pods: [shop, secret] }).cluster;
  const cluster: ClusterReader = {
    ...recorded,
    listPods: async () => ({ pods: [shop, secret] }),
    listEvents: async () => events,
    listPullEnds: async () => ({ events, complete: true }),
    listJobs: async () => ['shop', 'secret'].map((namespace) => Owner.parse({ kind: 'Job', metadata: { name: 'a', namespace } })),
    listNamespaces: async () => ['secret', 'shop'],
  };
  const watched = new Proxy(cluster, {
    get(target, name, receiver) {
      asked.push(String(name));
      return Reflect.get(target, name, receiver);
    },
  });
  return { guarded: guardCluster(watched, (namespace) => namespace === 'shop'), asked };
}

describe('a guarded cluster', () => {
  it.each<[string, (cluster: ClusterReader) => Promise<unknown>]>([
    ['a pod', (cluster) => cluster.readPod('secret', 'vault-0')],
    ['events of a pod', (cluster) => cluster.listPodEvents({ namespace: 'secret', name: 'vault-0' })],
    ['events of a namespace', (cluster) => cluster.listEvents({ namespace: 'secret', reason: 'Failed', limit: 10 })],
    ['pods of a namespace', (cluster) => cluster.listPods({ namespace: 'secret', limit: 10 })],
    ['a Job', (cluster) => cluster.readJob('secret', 'b')],
    ['Jobs of a namespace', (cluster) => cluster.listJobs({ namespace: 'secret', limit: 10 })],
    ['a controller', (cluster) => cluster.readController('Deployment', 'secret', 'vault')],
    ['a service account', (cluster) => cluster.readServiceAccount('secret', 'default')],
    ['a secret', (cluster) => cluster.readSecret('secret', 'key')],
  ])('does not even ask for %s of a namespace that may not be read', async (_, read) => {
    const { guarded, asked } = world();
    const before = asked.length;
    await expect(read(guarded)).rejects.toMatchObject({ code: 'cluster/denied' });
    expect(asked.slice(before).filter((name) => name !== 'name')).toEqual([]);
  });

  it('leaves such namespaces out of every list over all of them', async () => {
    const { guarded } = world();
    const namespaces = [
      (await guarded.listPods({ limit: 10 })).pods.map(({ metadata }) => metadata.namespace),
      (await guarded.listEvents({ reason: 'Failed', limit: 10 })).map(({ involvedObject }) => involvedObject.namespace),
      (await guarded.listPullEnds(10)).events.map(({ involvedObject }) => involvedObject.namespace),
      (await guarded.listJobs({ limit: 10 })).map(({ metadata }) => metadata.namespace),
      await guarded.listNamespaces(10),
    ];
    expect(namespaces).toEqual(namespaces.map(() => ['shop']));
  });

  it('gives out the rest', async () => {
    const { guarded } = world();
    expect((await guarded.readPod('shop', 'web-0')).metadata.name).toBe('web-0');
    expect(guarded.name).toBe('test');
  });

  it('has a rule for each method of a reader', () => {
    const recorded = createRecordedSources(recordingOf(shop)).cluster;
    const { guarded } = world();
    const methods = (cluster: ClusterReader) => Object.keys(cluster).toSorted();
    expect(methods(guarded)).toEqual(methods(recorded));
  });
});
