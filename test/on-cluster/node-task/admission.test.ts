import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewObject } from '../../../src/cluster/writing/object-writer.ts';
import { nodePathsFor } from '../../../src/node-task/mounts.ts';
import { type TaskWork, taskPod } from '../../../src/node-task/task-pod.ts';
import { type NodeTaskWorld, nodeTaskWorld } from './world.ts';

let world: NodeTaskWorld;
beforeAll(async () => {
  world = await nodeTaskWorld();
}, 240_000);
afterAll(() => world?.stop());

type Pod = ReturnType<typeof taskPod>;

const WORK: readonly TaskWork[] = [
  { kind: 'probe', image: 'registry.example/web:1', allowLoopback: true },
  { kind: 'images' },
  { kind: 'pull', image: 'registry.example/web:1', allowLoopback: false, login: '{}' },
  { kind: 'prune', plan: '{}' },
];

function podOf(work: TaskWork = { kind: 'images' }): Pod {
  const { namespace, image, nodes } = world;
  const paths = nodePathsFor(work.kind, { runtime: 'unknown://1' });
  return taskPod({ name: 'tried', node: nodes[0] ?? '', work, paths, place: { namespace, image } });
}

const tryOut = (pod: NewObject) => world.writer.create(pod, { dryRun: true });
const withSpec = (pod: Pod, more: object): NewObject => ({ ...pod, spec: { ...pod.spec, ...more } });
function withContainer(pod: Pod, more: object): NewObject {
  return withSpec(pod, { containers: pod.spec.containers.map((container) => ({ ...container, ...more })) });
}
function withSecurity(pod: Pod, more: object): NewObject {
  return withContainer(pod, { securityContext: { ...pod.spec.containers[0]?.securityContext, ...more } });
}
function withPath(pod: Pod, path: string): NewObject {
  return withSpec(pod, { volumes: [...pod.spec.volumes, { name: 'more', hostPath: { path, type: 'Directory' } }] });
}

function withInput(secretName: string): NewObject {
  const pod = podOf(WORK[2]);
  const volumes = pod.spec.volumes.map((volume) => (volume.name === 'input' ? { name: 'input', secret: { secretName } } : volume));
  return withSpec(pod, { volumes });
}

/** The pod of a pull whose own secret is mounted somewhere else. */
function withInputAt(mountPath: string): NewObject {
  const pod = podOf(WORK[2]);
  const mounts = pod.spec.containers[0]?.volumeMounts ?? [];
  return withContainer(pod, { volumeMounts: mounts.map((mount) => (mount.name === 'input' ? { ...mount, mountPath } : mount)) });
}

function withArguments(...more: readonly string[]): NewObject {
  const pod = podOf(WORK[0]);
  return withContainer(pod, { args: [...(pod.spec.containers[0]?.args ?? []), ...more] });
}

const withLimits = (limits: Readonly<Record<string, string>>): NewObject =>
  withContainer(podOf(), { resources: { limits: { cpu: '1', memory: '160Mi', 'ephemeral-storage': '16Mi', ...limits } } });

/** What is refused, by the words of the policy. */
const REFUSED: readonly (readonly [what: string, pod: () => NewObject, because: RegExp])[] = [
  ['a privileged container', () => withSecurity(podOf(), { privileged: true, allowPrivilegeEscalation: true }), /no privilege/],
  ['an added capability', () => withSecurity(podOf(), { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }), /no privilege/],
  ['a root that may be written', () => withSecurity(podOf(), { readOnlyRootFilesystem: false }), /no privilege/],
  ['a seccomp profile of its own', () => withSecurity(podOf(), { seccompProfile: { type: 'Unconfined' } }), /no privilege/],
  ['the root of the node', () => withPath(podOf(), '/'), /none of the paths/],
  ['all of /etc', () => withPath(podOf(), '/etc'), /none of the paths/],
  ['the folder of the kubelet', () => withPath(podOf(), '/var/lib/kubelet'), /none of the paths/],
  ['a path with another one inside it', () => withPath(podOf(), '/etc/hosts/../shadow'), /none of the paths|must not contain/],
  ['another volume', () => withSpec(podOf(), { volumes: [...podOf().spec.volumes, { name: 'more', emptyDir: {} }] }), /none of the paths/],
  ['its own secret over its program', () => withInputAt('/app/dist/node'), /at its own place/],
  ['its own secret over what runs its program', () => withInputAt('/usr/local/bin'), /at its own place/],
  ['another argument', () => withArguments('--keep'), /nothing besides/],
  ['more memory', () => withLimits({ memory: '500Gi' }), /ends by itself/],
  ['a finalizer', () => ({ ...podOf(), metadata: { ...podOf().metadata, finalizers: ['example.com/kept'] } }), /ends by itself/],
  ['a year to end', () => withSpec(podOf(), { terminationGracePeriodSeconds: 31_536_000 }), /ends by itself/],
  [
    'no label by which it is swept',
    () => ({ ...podOf(), metadata: { ...podOf().metadata, labels: { 'imagepull/node-task': 'images' } } }),
    /ends by itself/,
  ],
  ['somebody else’s secret', () => withInput('other'), /its own secret/],
  [
    'a mount that may be written',
    () => withContainer(podOf(), { volumeMounts: podOf().spec.containers[0]?.volumeMounts.map((m) => ({ ...m, readOnly: false })) }),
    /read-only/,
  ],
  ['another image', () => withContainer(podOf(), { image: 'registry.example/other:1' }), /not the program/],
  ['the image by a tag', () => withContainer(podOf(), { image: world.image.replace(/@.*/, ':1') }), /not the program/],
  ['another command', () => withContainer(podOf(), { command: ['/bin/sh'] }), /runs the program/],
  ['another task than its label', () => withContainer(podOf(), { args: ['prune'] }), /runs the program/],
  ['variables', () => withContainer(podOf(), { env: [{ name: 'NODE_OPTIONS', value: '--inspect' }] }), /runs the program/],
  ['a hook', () => withContainer(podOf(), { lifecycle: { preStop: { exec: { command: ['x'] } } } }), /runs the program/],
  [
    'two containers',
    () => withSpec(podOf(), { containers: [...podOf().spec.containers, { ...podOf().spec.containers[0], name: 'b' }] }),
    /one container/,
  ],
  ['an init container', () => withSpec(podOf(), { initContainers: [{ ...podOf().spec.containers[0], name: 'b' }] }), /one container/],
  ['the processes of the node', () => withSpec(podOf(), { hostPID: true }), /namespaces/],
  ['the network of the node for what is no probe', () => withSpec(podOf(), { hostNetwork: true }), /namespaces/],
  ['a token', () => withSpec(podOf(), { automountServiceAccountToken: true }), /token|none of the paths/],
  ['no deadline', () => withSpec(podOf(), { activeDeadlineSeconds: 86_400 }), /ends by itself/],
  ['no limits', () => withContainer(podOf(), { resources: {} }), /ends by itself/],
  ['a critical probe', () => withSpec(podOf(WORK[0]), { priorityClassName: 'system-node-critical' }), /critical/],
  ['a critical pull', () => withSpec(podOf(WORK[2]), { priorityClassName: 'system-cluster-critical' }), /critical/],
  ['a listing that is not critical', () => withSpec(podOf(), { priorityClassName: undefined }), /critical/],
  ['to pull for a listing', () => withContainer(podOf(), { imagePullPolicy: 'IfNotPresent' }), /critical/],
  [
    'a critical pod for which others would be ended',
    () => withContainer(podOf(), { resources: { ...podOf().spec.containers[0]?.resources, requests: { memory: '160Mi' } } }),
    /request nothing/,
  ],
  [
    'a critical pod that says nothing of what it requests',
    () => withContainer(podOf(WORK[3]), { resources: { limits: podOf().spec.containers[0]?.resources.limits } }),
    /request nothing/,
  ],
  ['to pull for a pruning', () => withContainer(podOf(WORK[3]), { imagePullPolicy: 'Always' }), /critical/],
];

describe('the namespace of node tasks', () => {
  it.each(WORK.map((work) => [work.kind, work] as const))('admits the pod of %s', async (_, work) => {
    await expect(tryOut(podOf(work))).resolves.toMatchObject({ name: 'tried' });
  });

  it.each(REFUSED)('refuses %s', async (_, pod, because) => {
    await expect(tryOut(pod())).rejects.toThrow(because);
  });

  it('refuses whoever is not the executor, an administrator too', async () => {
    await expect(world.own.tryOut(podOf())).rejects.toThrow(/only the executor/);
  });

  it('lets nobody into a pod or change one, an administrator neither', async () => {
    const { kubectl, newName, writer, namespace, nodes, image } = world;
    const name = newName();
    // Its socket is not there, so it waits.
    const paths = [{ path: '/run/dockershim.sock', type: 'Socket' as const }];
    const made = await writer.create(
      taskPod({ name, node: nodes[0] ?? '', work: { kind: 'images' }, paths, place: { namespace, image } }),
      {
        dryRun: false,
      },
    );
    await expect(kubectl('exec', name, '--', 'node')).rejects.toThrow(/neither changed nor entered/);
    await expect(kubectl('attach', name)).rejects.toThrow(/neither changed nor entered|unable to upgrade|not running/);
    await expect(kubectl('label', 'pod', name, 'a=b')).rejects.toThrow(/neither changed nor entered/);
    await expect(kubectl('debug', name, '--image', image, '--', 'node')).rejects.toThrow(/neither changed nor entered/);
    await expect(kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}/proxy/`)).rejects.toThrow(
      /neither changed nor entered/,
    );
    await writer.delete({ kind: 'Pod', namespace, name }, { uid: made.uid }, { dryRun: false });
  });
});
