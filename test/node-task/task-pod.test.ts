import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { everyNodePath, nodePathsFor, socketOf, type TaskKind } from '../../src/node-task/mounts.ts';
import { inputSecret, type TaskWork, taskPod } from '../../src/node-task/task-pod.ts';

const IMAGE = 'registry.example/imagepull@sha256:0';
const WORK: Readonly<Record<TaskKind, TaskWork>> = {
  probe: { kind: 'probe', image: 'registry.example/web:1', allowLoopback: false },
  images: { kind: 'images' },
  pull: { kind: 'pull', image: 'registry.example/web:1', allowLoopback: false, login: '{"planted":"secret"}' },
  prune: { kind: 'prune', plan: '{"planted":"plan"}' },
};
const KINDS = Object.keys(WORK) as readonly TaskKind[];

function podOf(kind: TaskKind, given: { readonly seLinuxType?: string; readonly socket?: string } = {}) {
  const { socket } = given;
  const place = { namespace: 'imagepull-node', image: IMAGE, seLinuxType: given.seLinuxType };
  const paths = nodePathsFor(kind, { runtime: 'containerd://2.1.9', socket });
  return taskPod({ name: 'task', node: 'node-7', work: WORK[kind], paths, place, socket });
}

describe('the pod of a node task', () => {
  it.each(KINDS)('of %s is for one node, whatever its taints, and has no token, no capability and nothing to write to', (kind) => {
    const { metadata, spec } = podOf(kind);
    const [container] = spec.containers;
    expect([spec.nodeName, spec.tolerations, metadata.labels['imagepull/node-task']]).toEqual(['node-7', [{ operator: 'Exists' }], kind]);
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(container?.securityContext).toEqual({
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container?.volumeMounts.every(({ readOnly }) => readOnly)).toBe(true);
    expect(container?.volumeMounts.map(({ name }) => name)).toEqual(spec.volumes.map(({ name }) => name));
    expect(container).not.toHaveProperty('env');
    expect(spec).not.toHaveProperty('hostPID');
  });

  it('is in the network of its node for a probe alone, and critical where a disk is full, where it pulls nothing and asks for no room', () => {
    expect(KINDS.map((kind) => podOf(kind).spec.hostNetwork)).toEqual([true, false, false, false]);
    expect(KINDS.map((kind) => podOf(kind).spec.priorityClassName)).toEqual([
      undefined,
      'system-node-critical',
      undefined,
      'system-node-critical',
    ]);
    const containers = KINDS.map((kind) => podOf(kind).spec.containers[0]);
    expect(containers.map((container) => container?.imagePullPolicy)).toEqual(['IfNotPresent', 'Never', 'IfNotPresent', 'Never']);
    expect(containers.map((container) => container?.resources.requests.memory)).toEqual(['64Mi', '0', '64Mi', '0']);
  });

  it('has neither login nor plan in it: they are in a Secret that goes with it', () => {
    for (const kind of ['pull', 'prune'] as const) {
      const pod = podOf(kind);
      expect(JSON.stringify(pod)).not.toContain('planted');
      expect(pod.spec.volumes.at(-1)).toMatchObject({ name: 'input', secret: { secretName: 'task' } });
    }
    const { metadata, stringData } = inputSecret('text', { name: 'task', namespace: 'imagepull-node', uid: '1' });
    expect([metadata.ownerReferences, stringData]).toEqual([
      [{ apiVersion: 'v1', kind: 'Pod', name: 'task', uid: '1' }],
      { 'input.json': 'text' },
    ]);
  });

  it('is given the socket that the kubelet names, and no other', () => {
    const socket = socketOf('unix:///var/run/crio/crio.sock');
    const { spec } = podOf('pull', { socket: socket ?? '' });
    expect(spec.volumes[0]).toMatchObject({ hostPath: { path: '/run/crio/crio.sock', type: 'Socket' } });
    expect(spec.containers[0]?.args).toContain('--socket');
    expect([socketOf('tcp://127.0.0.1:1'), socketOf(undefined)]).toEqual([undefined, undefined]);
  });

  it('never sees all of /etc, the folder of the kubelet or the root of the node', () => {
    const paths = everyNodePath();
    expect(paths.filter((path) => ['/', '/etc', '/var', '/var/lib', '/var/lib/kubelet', '/run', '/proc'].includes(path))).toEqual([]);
    expect(JSON.stringify(podOf('images').spec.volumes)).not.toContain('/etc/');
  });

  it('sees what came with each image where images are listed and pruned, and nowhere else', () => {
    const sees = (kind: TaskKind) => JSON.stringify(podOf(kind).spec.volumes).includes('io.containerd.content.v1.content/blobs/sha256');
    expect(KINDS.filter(sees)).toEqual(['images', 'prune']);
  });

  it('has the SELinux type that is set', () => {
    expect(podOf('probe', { seLinuxType: 'spc_t' }).spec.securityContext).toMatchObject({ seLinuxOptions: { type: 'spc_t' } });
  });
});

describe('the admission policy that we ship', () => {
  const text = readFileSync('helm/node-task/policy.yaml', 'utf8');

  it('lists exactly the paths that a task may be given', () => {
    const [, list = ''] = /expression: \|-\s+\[([^\]]{1,5000})\]/.exec(text) ?? [];
    expect([...list.matchAll(/'([^']{1,200})'/g)].map(([, path]) => path)).toEqual(everyNodePath());
  });

  it('lets through nothing where it cannot be asked', () => {
    expect(text).toContain('failurePolicy: Fail');
    expect(text).not.toContain('matchConditions');
  });
});
