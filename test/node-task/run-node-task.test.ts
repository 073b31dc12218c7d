import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredObject } from '../../src/demo/cluster/objects.ts';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';
import { runNodeTask } from '../../src/node-task/run-node-task.ts';
import { sweepTasks } from '../../src/node-task/sweep-tasks.ts';
import type { TaskWork } from '../../src/node-task/task-pod.ts';
import { startTask, type TaskRunner } from '../../src/node-task/task-steps.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { type RemedyCluster, remedyCluster } from '../support/remedy-cluster.ts';

const NAMESPACE = 'imagepull-node';
const NODE = { kind: 'Node', metadata: { name: 'node-7' }, status: { nodeInfo: { containerRuntimeVersion: 'containerd://2.1.9' } } };
const HEAD = { schemaVersion: 1, at: '2026-01-01T00:00:00Z' };
const RUNTIME = { name: 'containerd', version: '2.1.9', socket: '/run/containerd/containerd.sock' };
const IMAGES = { ...HEAD, kind: 'images', runtime: RUNTIME, images: [], unresolved: [], filesystems: [] };
const ENDED = { containerStatuses: [{ state: { terminated: { exitCode: 0 } } }] };

let cluster: RemedyCluster;
/** What the programs of all pods print. */
let printed: string;
let ending: AbortController;
beforeEach(async () => {
  printed = JSON.stringify(IMAGES);
  ending = new AbortController();
  cluster = await remedyCluster([NODE, { kind: 'Namespace', metadata: { name: NAMESPACE } }], {
    intercept(request, response) {
      if (!/\/pods\/[^/]+\/log$/.test(request.url ?? '')) return false;
      response.writeHead(200, { 'content-type': 'text/plain' }).end(printed);
      return true;
    },
  });
});
afterEach(() => cluster.stop());

const runner = (given: Partial<TaskRunner> = {}) => ({
  objects: cluster.writer,
  place: { namespace: NAMESPACE, image: 'registry.example/imagepull@sha256:0' },
  log: SILENT,
  now: () => new Date(),
  signal: ending.signal,
  ...given,
});
const run = (work: TaskWork = { kind: 'images' }, given: Parameters<typeof runner>[0] = {}) =>
  runNodeTask({ name: 'task', node: 'node-7', kind: work.kind, work: async () => work }, runner(given));
const stored = (kind: string, name = 'task') => cluster.get(kind, name, NAMESPACE);
/** Pods that nobody has told to go; the last word is the kubelet's. */
const left = () =>
  ['task', 'task-2', 'left'].filter((name) => {
    const pod = stored('Pod', name);
    return pod !== undefined && !pod.metadata.deletionTimestamp;
  });

/** Plays the kubelet: waits for a pod, and gives it a status. */
async function kubelet(status: object, name = 'task'): Promise<StoredObject> {
  const pod = await eventually(() => {
    const found = stored('Pod', name);
    if (!found) throw new Error(`there is no pod ${name}`);
    return found;
  });
  cluster.put({ ...pod, kind: 'Pod', status });
  return pod;
}

describe('a task on a node', () => {
  it('is done once its program has printed a document, and leaves no pod', async () => {
    printed = `a warning for people\n${JSON.stringify(IMAGES)}\n`;
    const result = run();
    await kubelet({ phase: 'Running' });
    await kubelet(ENDED);
    await expect(result).resolves.toEqual({ status: 'done', document: IMAGES });
    expect(left()).toEqual([]);
  });

  it('says why its program could not do it', async () => {
    printed = JSON.stringify({
      ...HEAD,
      kind: 'failure',
      error: { code: 'node/forbidden', message: 'The socket is not ours.', retryable: false },
    });
    const result = run();
    await kubelet(ENDED);
    await expect(result).resolves.toEqual({ status: 'failed', because: 'The socket is not ours.' });
  });

  it('says that what was printed is no document', async () => {
    printed = '{"kind":"images"}';
    const result = run();
    await kubelet(ENDED);
    await expect(result).resolves.toMatchObject({ status: 'failed', because: expect.stringContaining('no document') });
  });

  it('tells that its own image cannot be had, in the words of the kubelet', async () => {
    const result = run();
    await kubelet({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } } }] });
    await expect(result).resolves.toMatchObject({ status: 'no-image', message: 'no such host' });
    expect(left()).toEqual([]);
  });

  it.each([
    [
      { phase: 'Failed', reason: 'Evicted', message: 'The node had condition: [DiskPressure].' },
      'Evicted: The node had condition: [DiskPressure].',
    ],
    [{ phase: 'Failed', reason: 'DeadlineExceeded' }, 'DeadlineExceeded: no reason is given'],
    [
      { containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }] },
      'OOMKilled: it needed more memory than it may have',
    ],
    [
      { containerStatuses: [{ state: { waiting: { reason: 'CreateContainerError', message: 'no space left on device' } } }] },
      'CreateContainerError: no space left on device',
    ],
  ])('tells what the kubelet did instead: %j', async (status, because) => {
    printed = '';
    const result = run();
    await kubelet(status);
    await expect(result).resolves.toEqual({ status: 'failed', because });
  });

  it('reads what a program that was told to end has said all the same', async () => {
    const result = run();
    await kubelet({ phase: 'Failed', reason: 'DeadlineExceeded', ...ENDED });
    await expect(result).resolves.toEqual({ status: 'done', document: IMAGES });
  });

  it('is tried without the paths that the node does not have, which nobody makes there', async () => {
    const result = run({ kind: 'probe', image: 'registry.example/web:1', allowLoopback: false });
    const pod = await kubelet({ phase: 'Pending' });
    const volumes = (pod['spec'] as { volumes: { name: string; hostPath: { path: string } }[] }).volumes;
    const absent = volumes.filter(({ hostPath }) => hostPath.path !== '/run/containerd/containerd.sock');
    for (const { name, hostPath } of absent)
      cluster.put({
        kind: 'Event',
        metadata: { name, namespace: NAMESPACE },
        involvedObject: { uid: pod.metadata.uid },
        reason: 'FailedMount',
        message: `MountVolume.SetUp failed for volume "${name}" : hostPath type check failed: ${hostPath.path} is not a directory`,
      });
    const second = await kubelet(ENDED, 'task-2');
    expect(second['spec']).toMatchObject({ volumes: [{ hostPath: { path: '/run/containerd/containerd.sock', type: 'Socket' } }] });
    await expect(result).resolves.toMatchObject({ status: 'done' });
    expect(left()).toEqual([]);
  });

  it('is failed where none of the sockets is there', async () => {
    const result = run({ kind: 'pull', image: 'registry.example/web:1', allowLoopback: false });
    const pod = await kubelet({ phase: 'Pending' });
    for (const { name } of (pod['spec'] as { volumes: { name: string }[] }).volumes)
      cluster.put({
        kind: 'Event',
        metadata: { name, namespace: NAMESPACE },
        involvedObject: { uid: pod.metadata.uid },
        reason: 'FailedMount',
        message: `MountVolume.SetUp failed for volume "${name}" : hostPath type check failed: it is not a socket file`,
      });
    await expect(result).resolves.toMatchObject({ status: 'failed', because: expect.stringContaining('No socket') });
  });

  it('hands over a plan in a Secret that its pod owns', async () => {
    const result = run({ kind: 'prune', plan: '{"planted":1}' });
    const pod = await kubelet({ phase: 'Running' });
    const secret = await eventually(() => {
      const found = stored('Secret');
      if (!found) throw new Error('there is no secret');
      return found;
    });
    expect(secret.metadata['ownerReferences']).toMatchObject([{ kind: 'Pod', uid: pod.metadata.uid }]);
    await kubelet(ENDED);
    await expect(result).resolves.toMatchObject({ status: 'done' });
  });

  it('has one pod and one Secret where two processes begin it', async () => {
    const work = { kind: 'prune', plan: '{}' } as const;
    const order = { name: 'task', node: 'node-7', kind: work.kind, work: async () => work };
    await startTask(order, runner());
    const { uid } = stored('Pod')?.metadata ?? {};
    await startTask(order, runner());
    expect(stored('Pod')?.metadata.uid).toBe(uid);
    expect(stored('Secret')?.metadata['ownerReferences']).toEqual([expect.objectContaining({ uid })]);
  });

  it('is failed where the cluster does not admit its pod, with no role named that would not help', async () => {
    const review = () => ({ allowed: false as const, message: 'only the executor makes pods here' });
    cluster.server.admission.add({ kind: 'validating', name: 'policy.example', namespace: NAMESPACE, review });
    const result = await run();
    expect(result).toMatchObject({ status: 'failed', because: expect.stringContaining('only the executor makes pods here') });
    expect(JSON.stringify(result)).not.toContain('This rule');
  });

  it('ends when somebody else removes its pod', async () => {
    const removed = run();
    await kubelet({ phase: 'Running' });
    cluster.server.store.remove(resourceOfKind('Pod'), `${NAMESPACE}/task`);
    await expect(removed).resolves.toEqual({ status: 'failed', because: 'Its pod is gone, and with it what it had found out.' });
  });

  it('ends when it is told to', async () => {
    const told = run();
    await kubelet({ phase: 'Running' });
    ending.abort();
    await expect(told).rejects.toThrow();
    expect(left()).toEqual([]);
  });
});

describe('the sweeper', () => {
  it('removes pods of tasks that are over by their own deadline, and no other', async () => {
    const made = Date.parse('2026-03-01T10:00:00Z');
    const labels = { 'app.kubernetes.io/managed-by': 'imagepull' };
    const pod = (name: string, given: object) => ({
      kind: 'Pod',
      metadata: { name, namespace: NAMESPACE, creationTimestamp: new Date(made).toISOString(), ...given },
      spec: { activeDeadlineSeconds: 90 },
    });
    cluster.put(pod('left', { labels: { ...labels, 'imagepull/node-task': 'pull' } }), pod('task', { labels }), pod('of-others', {}));
    const sweep = (seconds: number) => sweepTasks({ ...runner(), now: () => new Date(made + seconds * 1_000) });
    // A login goes soon, what may still be read later.
    expect([await sweep(100), await sweep(160), await sweep(1_200), await sweep(1_300), await sweep(1_400)]).toEqual([0, 1, 0, 1, 0]);
    expect([left(), stored('Pod', 'of-others')?.metadata.deletionTimestamp]).toEqual([[], undefined]);
  });
});
