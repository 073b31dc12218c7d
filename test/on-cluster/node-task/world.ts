import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createKubernetesWriter } from '../../../src/cluster/writing/kubernetes-writer.ts';
import type { ObjectWriter } from '../../../src/cluster/writing/object-writer.ts';
import { nodePathsFor } from '../../../src/node-task/mounts.ts';
import { runNodeTask } from '../../../src/node-task/run-node-task.ts';
import { type TaskWork, taskPod } from '../../../src/node-task/task-pod.ts';
import type { TaskOrder, TaskRunner } from '../../../src/node-task/task-steps.ts';
import { SILENT } from '../../../src/telemetry/log.ts';
import { eventually } from '../../support/eventually.ts';
import { planned, planOf } from '../../support/node-images.ts';
import { type OwnNamespace, ownNamespace } from '../cluster.ts';
import { pushProgramImage } from '../program-image.ts';

const SHIPPED = ['namespace', 'role', 'policy'];
const ACCOUNT = 'imagepull-executor';
const PATIENCE_MS = 120_000;

/** What we ship for node tasks, installed under names of its own, and an executor's account with those rights alone. */
export interface NodeTaskWorld {
  readonly own: OwnNamespace;
  /** Where the pods of tasks are. */
  readonly namespace: string;
  readonly image: string;
  readonly nodes: readonly string[];
  readonly writer: ObjectWriter;
  readonly runner: TaskRunner;
  /** The executor's kubeconfig, as text. */
  readonly kubeconfig: string;
  newName(): string;
  /** Has the kubelet of a node pull an image, for a pod that cannot run and is removed. */
  bringTo(node: string, image: string): Promise<void>;
  /** Keeps the program's image on a node, as the chart's DaemonSet does: the kubelet removes every image that no container uses. */
  holdImage(node: string): Promise<void>;
  /** Removes what nothing on a node uses, so that the kubelet has nothing to remove by itself. The program's image has to be held there. */
  clearImages(node: string): Promise<void>;
  /** Has the policy admit another image from now on. */
  admit(image: string): Promise<void>;
  /** Objects of a kind that are there in the namespace of tasks. */
  left(kind: 'pods' | 'secrets'): Promise<readonly string[]>;
  kubectl(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export async function nodeTaskWorld(): Promise<NodeTaskWorld> {
  const [own, image] = await Promise.all([ownNamespace(), pushProgramImage()]);
  const namespace = `${own.name}-node`;
  const settings = (text: string) =>
    text
      .replaceAll('imagepull-node-task', `${own.name}-task`)
      .replaceAll('imagepull-node', namespace)
      .replace('system:serviceaccount:imagepull:', `system:serviceaccount:${own.name}:`)
      .replace('namespace: imagepull }', `namespace: ${own.name} }`)
      .replace(/registry\.example\/imagepull@sha256:0{64}/, image);
  // What a pod is labelled by is the same everywhere.
  const kept = (text: string) =>
    settings(text.replaceAll('imagepull/node-task', 'KIND-LABEL')).replaceAll('KIND-LABEL', 'imagepull/node-task');
  const objects = SHIPPED.flatMap((name) =>
    parseAllDocuments(kept(readFileSync(`helm/node-task/${name}.yaml`, 'utf8'))).map((document) => document.toJS() as object),
  );
  const rbac = 'rbac.authorization.k8s.io';
  const metadata = { name: `${own.name}-nodes` };
  await own.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT } });
  await own.create(
    ...objects,
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata, rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }] },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: own.name }],
    },
  );
  const config = new KubeConfig();
  config.loadFromString(await own.kubectl('config', 'view', '--raw', '--minify', '--flatten'));
  const token = (await own.kubectl('create', 'token', ACCOUNT)).trim();
  config.users = config.users.map(({ name }) => ({ name, token }));
  const kubeconfig = config.exportConfig();
  const writer = createKubernetesWriter(config, { called: 'real' });
  const place = { namespace, image };
  const nodes = (await own.kubectl('get', 'nodes', '-o', 'name'))
    .trim()
    .split('\n')
    .map((name) => name.replace('node/', ''));
  const world: NodeTaskWorld = {
    own,
    namespace,
    image,
    nodes,
    writer,
    kubeconfig,
    runner: { objects: writer, place, log: SILENT, now: () => new Date(), signal: new AbortController().signal },
    newName: () => `imagepull-task-${randomUUID().slice(0, 8)}`,
    async holdImage(node) {
      const command = ['/usr/local/bin/node', '-e', 'setInterval(() => undefined, 1e6)'];
      const container = { name: 'hold', image, command };
      const spec = { nodeName: node, priorityClassName: 'system-node-critical', terminationGracePeriodSeconds: 0, containers: [container] };
      await own.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `hold-${node}` }, spec });
      await own.kubectl('wait', '--for=condition=Ready', `pod/hold-${node}`, `--timeout=${PATIENCE_MS / 1_000}s`);
    },
    async clearImages(node) {
      const run = (work: TaskWork) => runNodeTask(taskOrder(world.newName(), node, work), world.runner);
      const listed = await run({ kind: 'images' });
      if (listed.status !== 'done' || listed.document.kind !== 'images') throw new Error(JSON.stringify(listed));
      const unused = listed.document.images.filter(({ usedBy, pinned, sandbox }) => usedBy.length === 0 && !pinned && !sandbox);
      if (unused.length === 0) return;
      const plan = planOf(
        unused.map((one) => planned(one)),
        { minimumAgeMs: 0 },
      );
      expect(await run({ kind: 'prune', plan: JSON.stringify(plan) })).toMatchObject({ status: 'done' });
    },
    bringTo: (node, image) => bringTo(own, node, image),
    left: async (kind) => (await own.kubectl('get', kind, '-n', namespace, '-o', 'name')).split('\n').filter((line) => line !== ''),
    admit: (other) => {
      const patch = [
        { op: 'test', path: '/spec/variables/1/name', value: 'image' },
        { op: 'replace', path: '/spec/variables/1/expression', value: `'${other}'` },
      ];
      return own
        .kubectl('patch', 'validatingadmissionpolicy', `${own.name}-task`, '--type', 'json', '-p', JSON.stringify(patch))
        .then(() => undefined);
    },
    kubectl: (...args) => own.kubectl('-n', namespace, ...args),
    async stop() {
      await own.kubectl('delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', `${own.name}-task`);
      await own.kubectl('delete', 'clusterrole,clusterrolebinding', metadata.name);
      await own.kubectl('delete', 'namespace', namespace, '--wait=false');
      await own.remove();
    },
  };
  // The API server takes a while to go by a policy, and to give a namespace its account.
  const paths = nodePathsFor('images', { runtime: 'containerd://2' });
  const pod = taskPod({ name: 'tried', node: nodes[0] ?? '', work: { kind: 'images' }, paths, place });
  try {
    await eventually(async () => {
      await writer.create(pod, { dryRun: true });
      await expect(own.tryOut(pod)).rejects.toThrow(/only the executor/);
    });
  } catch (cause) {
    await world.stop();
    throw cause;
  }
  return world;
}

/** One task as it is given to a node. */
export const taskOrder = (name: string, node: string, work: TaskWork): TaskOrder => ({
  name,
  node,
  kind: work.kind,
  work: async () => work,
});

async function bringTo({ apply, kubectl }: OwnNamespace, node: string, image: string): Promise<void> {
  const container = { name: 'app', image, command: ['/none'] };
  const spec = { nodeName: node, restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [container] };
  await apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bring' }, spec });
  await eventually(async () => expect(await kubectl('get', 'events', '--field-selector', 'reason=Pulled')).toContain(image), PATIENCE_MS);
  await kubectl('delete', 'pod', 'bring', '--grace-period=0', '--force');
  await eventually(async () => expect(await kubectl('get', 'pods', '-o', 'name')).not.toContain('bring'), PATIENCE_MS);
}
