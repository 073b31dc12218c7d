import { describe, expect, it } from 'vitest';
import type { ControllerKind } from '../../src/cluster/cluster.ts';
import { Controller, type Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { findPods } from '../../src/intake/find-pods.ts';
import { createRecordedCluster } from '../../src/recording/recorded-world.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { podObject } from '../support/objects.ts';

const FAILS = { reason: 'ErrImagePull', message: 'x: not found' };

function pod(name: string, minute: number, given: Parameters<typeof podObject>[0] = {}): Pod {
  const creationTimestamp = `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`;
  return podObject({ name, labels: { app: 'web' }, ...given, metadata: { creationTimestamp, ...given.metadata } });
}

function controller(kind: ControllerKind, name: string, more: Record<string, unknown> = {}): Controller {
  return Controller.parse({ kind, metadata: { name, namespace: 'shop' }, spec: { selector: { matchLabels: { app: 'web' } } }, ...more });
}

function cluster(pods: readonly Pod[], controllers: readonly Controller[] = []) {
  const [first] = pods;
  if (!first) throw new Error('a recording has a pod');
  return createRecordedCluster({ ...recordingOf(first), pods, controllers });
}

const deployment = { by: 'controller', kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
const byLabels = { by: 'labels', namespace: 'shop', labels: 'app=web' } as const;

describe('the pod of a workload', () => {
  it('is the newest one that cannot pull, in two requests', async () => {
    const reader = cluster(
      [pod('old', 1, { waiting: FAILS }), pod('new', 3, { waiting: FAILS }), pod('fine', 5, { running: true })],
      [controller('Deployment', 'web')],
    );
    expect(await findPods(reader, deployment)).toEqual({
      matched: 3,
      failing: 2,
      pods: [{ namespace: 'shop', pod: 'new' }],
      says: '2 of 3 pods of Deployment web in namespace shop cannot pull an image; this is about the newest of them.',
    });
    expect(reader.requests()).toBe(2);
  });

  it('is one of the newest revision, also where an older one got the youngest pod', async () => {
    const of = (hash: string) => ({
      waiting: FAILS,
      owner: { kind: 'ReplicaSet', name: `web-${hash}` },
      labels: { app: 'web', 'pod-template-hash': hash },
    });
    const revision = (hash: string, n: string) =>
      controller('ReplicaSet', `web-${hash}`, {
        metadata: { name: `web-${hash}`, namespace: 'shop', annotations: { 'deployment.kubernetes.io/revision': n } },
      });
    const reader = cluster(
      [pod('evicted-and-back', 9, of('aaa')), pod('rolled-out', 5, of('bbb'))],
      [controller('Deployment', 'web'), revision('aaa', '3'), revision('bbb', '12')],
    );
    expect((await findPods(reader, deployment)).pods).toEqual([{ namespace: 'shop', pod: 'rolled-out' }]);
  });

  it('is one that waits where none has failed, and the newest where none waits', async () => {
    const waiting = cluster([pod('fine', 5, { running: true }), pod('slow', 1)], [controller('Deployment', 'web')]);
    expect(await findPods(waiting, deployment)).toMatchObject({
      failing: 0,
      pods: [{ pod: 'slow' }],
      says: expect.stringContaining(
        'None of 2 pods of Deployment web in namespace shop fails to pull an image; this is about the newest one that is not running',
      ),
    });
    const fine = cluster([pod('a', 1, { running: true }), pod('b', 2, { running: true })], [controller('Deployment', 'web')]);
    expect((await findPods(fine, deployment)).pods).toEqual([{ namespace: 'shop', pod: 'b' }]);
  });

  it('of a CronJob is one of a Job that runs', async () => {
    const cron = { by: 'controller', kind: 'CronJob', namespace: 'shop', name: 'nightly' } as const;
    const pods = [
      pod('nightly-2-x', 2, { labels: { 'job-name': 'nightly-2' }, waiting: FAILS }),
      pod('nightly-1-x', 9, { labels: { 'job-name': 'nightly-1' }, waiting: FAILS }),
    ];
    const runs = controller('CronJob', 'nightly', { spec: {}, status: { active: [{ name: 'nightly-2' }] } });
    expect((await findPods(cluster(pods, [runs]), cron)).pods).toEqual([{ namespace: 'shop', pod: 'nightly-2-x' }]);
    await expect(findPods(cluster(pods, [controller('CronJob', 'nightly', { spec: {} })]), cron)).rejects.toMatchObject({
      code: 'target/not-found',
      message: expect.stringContaining('runs no Job at the moment'),
    });
  });

  it.each([
    [
      'that is not there, with the nearest names',
      [pod('a', 1, { owner: { kind: 'StatefulSet', name: 'webs' } })],
      [],
      'There is no StatefulSet web in namespace shop. Did you mean webs?',
    ],
    [
      'that is scaled to 0',
      [pod('a', 1, { labels: {} })],
      [controller('StatefulSet', 'web', { spec: { replicas: 0, selector: { matchLabels: { app: 'web' } } } })],
      'is scaled to 0',
    ],
    [
      'that has no pods, with where to look',
      [pod('a', 1, { labels: {} })],
      [controller('StatefulSet', 'web')],
      'kubectl describe -n shop statefulset/web',
    ],
    [
      'whose selector would select everything',
      [pod('a', 1)],
      [controller('StatefulSet', 'web', { spec: { selector: {} } })],
      'has no selector',
    ],
  ])('of one %s is refused', async (_, pods, controllers, says) => {
    await expect(findPods(cluster(pods, controllers), { ...deployment, kind: 'StatefulSet' })).rejects.toMatchObject({
      code: 'target/not-found',
      message: expect.stringContaining(says),
    });
  });
});

describe('the pods with some labels', () => {
  it('are one for each workload and image that fails, the newest of each', async () => {
    const owner = (name: string) => ({ kind: 'StatefulSet', name });
    const reader = cluster([
      pod('a-0', 1, { owner: owner('a'), waiting: FAILS }),
      pod('a-1', 2, { owner: owner('a'), waiting: FAILS }),
      pod('a-2', 3, { owner: owner('a'), waiting: FAILS, image: 'registry.example/shop/web:2' }),
      pod('b-0', 4, { owner: owner('b'), waiting: FAILS }),
      pod('b-1', 5, { owner: owner('b'), running: true }),
    ]);
    expect(await findPods(reader, byLabels)).toEqual({
      matched: 5,
      failing: 4,
      pods: ['b-0', 'a-2', 'a-1'].map((name) => ({ namespace: 'shop', pod: name })),
      says: '4 of 5 pods of namespace shop with the labels app=web cannot pull an image; one pod is diagnosed for each workload and image: 3.',
    });
    expect(reader.requests()).toBe(1);
  });

  it('are five at most, and it is said that there are more', async () => {
    const pods = Array.from({ length: 8 }, (_, n) => pod(`p-${n}`, n, { waiting: FAILS, image: `registry.example/shop/web:${n}` }));
    const found = await findPods(cluster(pods), byLabels);
    expect(found.pods).toHaveLength(5);
    expect(found.says).toContain('in 8 ways by workload and image; one pod each is diagnosed for the first 5');
  });

  it('are refused where there is none', async () => {
    await expect(findPods(cluster([pod('a', 1)]), { ...byLabels, labels: 'app=none' })).rejects.toMatchObject({
      code: 'target/not-found',
      message: 'There is no pod in namespace shop with the labels app=none.',
    });
  });
});
