import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeDocument } from '../../../src/node/document.ts';
import { runNodeTask } from '../../../src/node-task/run-node-task.ts';
import { sweepTasks } from '../../../src/node-task/sweep-tasks.ts';
import { inputSecret, type TaskWork, taskPod } from '../../../src/node-task/task-pod.ts';
import { eventually } from '../../support/eventually.ts';
import { pushUnpackable } from '../../support/push-layers.ts';
import { pullableImage } from '../tag.ts';
import { type NodeTaskWorld, nodeTaskWorld, taskOrder } from './world.ts';

const PATIENCE_MS = 120_000;

let world: NodeTaskWorld;
beforeAll(async () => {
  world = await nodeTaskWorld();
}, 240_000);
afterAll(() => world?.stop());

type DocumentOf<Kind extends NodeDocument['kind']> = Extract<NodeDocument, { readonly kind: Kind }>;

/** Runs a task that has to be done, and sees that nothing of it is left. */
async function done<Kind extends TaskWork['kind']>(node: string, work: TaskWork & { readonly kind: Kind }): Promise<DocumentOf<Kind>> {
  const name = world.newName();
  const result = await runNodeTask(taskOrder(name, node, work), world.runner);
  if (result.status !== 'done') throw new Error(JSON.stringify(result));
  await nothingLeft(name);
  expect(result.document.kind).toBe(work.kind);
  return result.document as DocumentOf<Kind>;
}

async function nothingLeft(name: string): Promise<void> {
  await eventually(async () => {
    expect(await world.left('pods')).not.toContain(`pod/${name}`);
    expect(await world.left('secrets')).not.toContain(`secret/${name}`);
  }, PATIENCE_MS);
}

const [registry = ''] = pullableImage().repository.split('/', 1);
const missing = `${registry}/imagepull/none:1`;

describe('node tasks on every node', () => {
  it('probe the way to a registry in the network of the node', async () => {
    for (const node of world.nodes) {
      const { runtime, ways, authorities, configuration, filesystems } = await done(node, {
        kind: 'probe',
        image: missing,
        allowLoopback: true,
      });
      expect(runtime).toMatchObject({ status: 'answered', name: 'containerd' });
      expect(ways[0]).toMatchObject({ of: 'registry', greeting: { status: 'answered', isRegistry: true } });
      expect([authorities?.file, configuration.length, filesystems.some(({ room }) => room !== undefined)]).toEqual([
        '/etc/ssl/certs/ca-certificates.crt',
        expect.any(Number),
        true,
      ]);
    }
  });

  it('list images with what uses them, by an image that the probe has brought, on a node that is cordoned as well', async () => {
    const [first = ''] = world.nodes;
    await world.own.kubectl('cordon', first);
    try {
      for (const node of world.nodes) {
        const { images, unresolved } = await done(node, { kind: 'images' });
        expect(unresolved).toEqual([]);
        expect(images.some(({ digests, usedBy }) => digests.includes(world.image) && usedBy.length > 0)).toBe(true);
      }
    } finally {
      await world.own.kubectl('uncordon', first);
    }
  });

  it('pull and say what the runtime says, with a login that goes with the pod', async () => {
    for (const node of world.nodes) {
      const login = JSON.stringify({ username: 'ann', password: 'planted-password' });
      const found = await done(node, { kind: 'pull', image: missing, allowLoopback: true, login });
      expect(found.login).toBe('basic');
      expect(found.outcome).toMatchObject({ status: 'failed', message: expect.stringMatching(/not found/) });
      expect(JSON.stringify(found)).not.toContain('planted-password');
    }
  });

  it('prune an image that a plan names, as a critical pod that pulls nothing', async () => {
    for (const node of world.nodes) {
      const seed = `prune-${randomUUID()}`;
      const image = `${registry}/imagepull-pruned:${seed}`;
      await pushUnpackable({ origin: `http://${registry}`, repository: 'imagepull-pruned' }, seed, { seed });
      await world.bringTo(node, image);
      const before = (await done(node, { kind: 'images' })).images.find(({ tags }) => tags.includes(image));
      if (!before) throw new Error(`${image} is not on ${node}`);
      const { id, tags, digests, bytes } = before;
      const planned = { id, tags, digests, bytes, seenAt: '2026-01-01T00:00:00Z', because: 'no container uses it' };
      const plan = (minimumAgeMs: number) => JSON.stringify({ schemaVersion: 1, images: [planned], minimumAgeMs });
      const kept = await done(node, { kind: 'prune', plan: plan(3_600_000) });
      expect(kept.images).toMatchObject([
        { outcome: { status: 'kept', rule: 'too-young', because: `it is on the node since ${before.since}` } },
      ]);
      const { images, ended, freeBytes } = await done(node, { kind: 'prune', plan: plan(0) });
      expect([images, ended.status]).toEqual([[{ id, tags, bytes, outcome: { status: 'removed' } }], 'done']);
      expect(freeBytes?.mountpoint).toMatch(/overlayfs/);
    }
  });

  it('end when somebody removes their pod', async () => {
    const silent = await silentServer();
    const name = world.newName();
    const [node = ''] = world.nodes;
    const work = { kind: 'pull', image: `127.0.0.1:${silent.port}/web:1`, allowLoopback: true } as const;
    const result = runNodeTask(taskOrder(name, node, work), world.runner);
    const running = await eventually(async () => {
      const [pod = ''] = (await world.kubectl('get', 'pods', '-o', 'name', '--field-selector', 'status.phase=Running')).split('\n');
      expect(pod).toContain(name);
      return pod;
    }, PATIENCE_MS);
    await world.kubectl('delete', running, '--wait=false');
    await expect(result).resolves.toEqual({ status: 'failed', because: 'Its pod is gone, and with it what it had found out.' });
    silent.close();
    await nothingLeft(running.replace('pod/', ''));
  });
});

describe('a bot that dies', () => {
  it.each([
    ['as soon as it has made a pod', ''],
    ['while the pod runs', 'Running'],
    ['when the pod has ended or is just being removed', 'Succeeded'],
  ])('%s leaves nothing that the sweeper does not remove', async (_, phase) => {
    const silent = await silentServer();
    const name = world.newName();
    const [node = ''] = world.nodes;
    // One that ends by itself, and one that waits for a server that says nothing.
    const pulled = phase === 'Succeeded' ? missing : `127.0.0.1:${silent.port}/web:1`;
    const bot = await startTask([name, node, world.namespace, world.image, pulled]);
    const pod = await eventually(async () => {
      const lines = (await world.kubectl('get', 'pods', '--no-headers', '-o', 'custom-columns=N:.metadata.name,P:.status.phase')).split(
        '\n',
      );
      // The first pods are made for sockets that are not there, and are on their way out.
      const found = lines.find((line) => line.startsWith(name) && (phase === '' || line.endsWith(phase)));
      expect(found).toBeTypeOf('string');
      if (phase === '' || found?.endsWith(phase)) bot.kill();
      return found?.split(/\s+/)[0] ?? '';
    }, PATIENCE_MS);
    await bot.ended;
    silent.close();
    await sweepTasks({ ...world.runner, now: () => new Date(Date.now() + 3_600_000) });
    await nothingLeft(pod);
    await eventually(async () => expect((await world.left('pods')).filter((one) => one.includes(name))).toEqual([]), PATIENCE_MS);
    expect((await world.left('secrets')).filter((one) => one.includes(name))).toEqual([]);
  });

  it('has its pod left alone until that is over by its own deadline', async () => {
    const { writer, namespace, image, nodes, runner } = world;
    const name = world.newName();
    const paths = [{ path: '/run/dockershim.sock', type: 'Socket' as const }];
    const pod = taskPod({ name, node: nodes[0] ?? '', work: { kind: 'prune', plan: '{}' }, paths, place: { namespace, image } });
    const made = await writer.create(pod, { dryRun: false });
    await writer.create(inputSecret('{}', { name, namespace, uid: made.uid }), { dryRun: false });
    const later = (minutes: number) => ({ ...runner, now: () => new Date(Date.parse(made.creationTimestamp ?? '') + minutes * 60_000) });
    expect(await sweepTasks(later(34))).toBe(0);
    expect(await sweepTasks(later(36))).toBe(1);
    await nothingLeft(name);
  });
});

describe('the program’s own image', () => {
  it('is told as missing, in the words of the kubelet', async () => {
    const image = world.image.replace(/@.*/, `@sha256:${'1'.repeat(64)}`);
    await world.admit(image);
    const runner = { ...world.runner, place: { ...world.runner.place, image } };
    const [node = ''] = world.nodes;
    const works: readonly (readonly [TaskWork, RegExp])[] = [
      [{ kind: 'probe', image: missing, allowLoopback: true }, /not found/],
      // It is not pulled.
      [{ kind: 'images' }, /not present with pull policy of Never/],
    ];
    for (const [work, message] of works)
      await eventually(async () => {
        const result = await runNodeTask(taskOrder(world.newName(), node, work), runner);
        expect(result).toMatchObject({ status: 'no-image', image, message: expect.stringMatching(message) });
      }, PATIENCE_MS);
  });
});

/** A task in a process of its own, with the executor's rights. */
async function startTask(given: readonly string[]): Promise<{ kill(): void; readonly ended: Promise<unknown> }> {
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-task-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, world.kubeconfig);
  const child = spawn(process.execPath, [join(import.meta.dirname, 'one-task.ts'), ...given], {
    env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit').then(() => rm(folder, { recursive: true, force: true }));
  return { kill: () => child.kill('SIGKILL'), ended };
}

/** Takes connections and says nothing. */
async function silentServer(): Promise<{ readonly port: number; close(): void }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
