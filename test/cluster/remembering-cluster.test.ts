import { describe, expect, it } from 'vitest';
import type { ClusterReader } from '../../src/cluster/cluster.ts';
import { rememberReads } from '../../src/cluster/remembering-cluster.ts';
import { CodedError } from '../../src/errors.ts';
import { Controller } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { createRecordedCluster } from '../../src/recording/recorded-world.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { eventObject, podObject } from '../support/objects.ts';

const { signal } = new AbortController();

function world(given: Partial<ClusterReader> = {}, ahead = false) {
  let time = 0;
  const real = { ...createRecordedCluster(recordingOf(podObject({}))), ...given };
  return {
    cluster: rememberReads(real, () => time, { ahead }),
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

describe('a cluster that remembers', () => {
  it('asks once for what several steps want at the same moment, whatever their signals', async () => {
    const { cluster } = world();
    await Promise.all([
      cluster.listPods({ limit: 500 }, signal),
      cluster.listPods({ limit: 500 }),
      cluster.listPods({ limit: 500 }, signal),
    ]);
    expect(cluster.requests()).toBe(1);
  });

  it('asks once for the workload that many failing pods share', async () => {
    const { cluster } = world({
      readController: async (kind, namespace, name) => Controller.parse({ kind, metadata: { namespace, name } }),
    });
    const kinds = ['Deployment', 'Deployment', 'StatefulSet'] as const;
    const answers = await Promise.all(kinds.map((kind) => cluster.readController(kind, 'shop', 'web')));
    expect(answers[1]).toBe(answers[0]);
    expect(answers[2]?.kind).toBe('StatefulSet');
  });

  it('asks again for something else, and again after five seconds', async () => {
    const { cluster, pass } = world();
    await cluster.listPods({ limit: 500 });
    await cluster.listPods({ limit: 500, node: 'node-1' });
    expect(cluster.requests()).toBe(2);
    pass(5_000);
    await cluster.listPods({ limit: 500 });
    expect(cluster.requests()).toBe(3);
  });

  it('never remembers a pod', async () => {
    const { cluster } = world();
    await cluster.readPod('shop', 'web-0');
    await cluster.readPod('shop', 'web-0');
    expect(cluster.requests()).toBe(2);
  });

  it("asks for a pod's events together with it, hands them out once, and those of the same pod only", async () => {
    const events = [eventObject({ reason: 'Failed', message: 'x' }), eventObject({ reason: 'Failed', message: 'x', uid: 'earlier pod' })];
    const asked: unknown[] = [];
    const listPodEvents: ClusterReader['listPodEvents'] = async (pod) => {
      asked.push(pod);
      return events;
    };
    const { cluster, pass } = world({ listPodEvents }, true);
    const pod = { namespace: 'shop', name: 'web-0', uid: 'uid-web-0' };
    await cluster.readPod('shop', 'web-0');
    expect(await cluster.listPodEvents(pod)).toEqual([events[0]]);
    expect(asked).toEqual([{ namespace: 'shop', name: 'web-0' }]);
    await cluster.listPodEvents(pod);
    expect(asked[1]).toEqual(pod);
    await cluster.readPod('shop', 'web-0');
    pass(1_000);
    await cluster.listPodEvents(pod);
    expect(asked).toHaveLength(4);
  });

  it('tells who asks for events that they may not be read, and nobody else', async () => {
    const { cluster } = world({ listPodEvents: () => Promise.reject(new CodedError('cluster/forbidden', 'no')) }, true);
    await cluster.readPod('shop', 'web-0');
    await expect(cluster.listPodEvents({ namespace: 'shop', name: 'web-0' })).rejects.toMatchObject({ code: 'cluster/forbidden' });
  });

  it('shares a refusal with those who wait for it and asks anew afterwards', async () => {
    let asked = 0;
    const { cluster } = world({
      readSecret: async () => {
        asked += 1;
        throw new CodedError('cluster/forbidden', 'no');
      },
    });
    const results = await Promise.allSettled([cluster.readSecret('shop', 'a'), cluster.readSecret('shop', 'a')]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(asked).toBe(1);
    await expect(cluster.readSecret('shop', 'a')).rejects.toMatchObject({ code: 'cluster/forbidden' });
    expect(asked).toBe(2);
  });

  it('lets a caller give up without taking the answer from the others', async () => {
    let answer: (() => void) | undefined;
    const { cluster } = world({
      readNode: () =>
        new Promise((resolve) => {
          answer = () => resolve({ metadata: { name: 'node-1', namespace: '', uid: '' }, spec: {}, status: {} });
        }),
    });
    const hasty = new AbortController();
    const given = cluster.readNode('node-1', hasty.signal);
    const patient = cluster.readNode('node-1');
    hasty.abort(new Error('no time'));
    await expect(given).rejects.toThrow('no time');
    answer?.();
    expect((await patient).metadata.name).toBe('node-1');
  });
});
