import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PlanRecord } from '../../../src/approval/plan-record.ts';
import type { Remedy } from '../../../src/approval/remedy.ts';
import type { KubeObject } from '../../../src/cluster/writing/object-writer.ts';
import type { NodeTaskSettings } from '../../../src/node-task/settings.ts';
import { sweepTasks } from '../../../src/node-task/sweep-tasks.ts';
import { SILENT } from '../../../src/telemetry/log.ts';
import { type ExecutorWorld, type ExecutorWorldOptions, executorWorld, saysOf } from '../../support/executor-world.ts';
import { imageId, listed, listingOf, madeImage } from '../../support/node-images.ts';
import { BAD, brokenRollout, type TestObject } from '../../support/remedy-objects.ts';
import { Life, within } from '../mortal.ts';

const TASKS = 'imagepull-node';
const OWN_IMAGE = `registry.example/imagepull@sha256:${'a'.repeat(64)}`;
const SETTINGS: NodeTaskSettings = {
  mode: 'approve',
  place: { namespace: TASKS, image: OWN_IMAGE },
  allowed: { names: ['*'], controlPlane: false },
  keep: [],
  minimumAgeMs: 3_600_000,
  allowLoopback: false,
};
const PROBE: Remedy = { id: 'probe-node', node: 'node-1', look: 'probe', image: BAD };
const PULL: Remedy = { ...PROBE, look: 'pull' };
const LISTING: Remedy = { id: 'probe-node', node: 'node-1', look: 'images' };
const HEAD = { schemaVersion: 1, at: '2026-03-01T10:00:01Z' } as const;
const RUNTIME = { name: 'containerd', version: '2.1.9', socket: '/run/containerd/containerd.sock' };
const NODE: TestObject = {
  kind: 'Node',
  metadata: { name: 'node-1', uid: 'uid-node-1' },
  spec: {},
  status: { nodeInfo: { containerRuntimeVersion: 'containerd://2.1.9' }, conditions: [{ type: 'DiskPressure', status: 'True' }] },
};
/** The image that a pruning may remove. */
const UNUSED = madeImage(7, { bytes: 5e9 });

let world: ExecutorWorld;
afterEach(() => world?.stop());

async function start(nodeTasks: Partial<NodeTaskSettings> = {}, given: Partial<ExecutorWorldOptions> = {}): Promise<void> {
  const objects = [...brokenRollout('Deployment', 'web'), NODE, { kind: 'Namespace', metadata: { name: TASKS } }];
  world = await executorWorld({
    ...given,
    objects: [...objects, ...(given.objects ?? [])],
    executor: { ...given.executor, nodeTasks: { ...SETTINGS, ...nodeTasks } },
  });
}

/** Pods of tasks that nobody has told to go. */
const pods = async (): Promise<readonly KubeObject[]> =>
  (await world.writer.list({ kind: 'Pod', namespace: TASKS })).filter(({ metadata }) => !metadata.deletionTimestamp);
async function onlyPod(): Promise<KubeObject> {
  const [pod, ...more] = await pods();
  if (pod === undefined || more.length > 0) throw new Error(`there are ${more.length} more pods`);
  return pod;
}
/** Gives the pod of the task a status. */
async function kubelet(status: object): Promise<void> {
  const { metadata, ...pod } = await onlyPod();
  world.put({ ...pod, kind: 'Pod', metadata: { ...metadata }, status });
}

/** What a task is given to read. */
function inputIn(secret: unknown): string {
  const { data } = z.object({ data: z.object({ 'input.json': z.base64() }) }).parse(secret);
  return Buffer.from(data['input.json'], 'base64').toString('utf8');
}

/** Plays the kubelet: the program of the task has printed a document and ended. */
async function ends(document: object): Promise<void> {
  world.printed = `${JSON.stringify(document)}\n`;
  await kubelet({ containerStatuses: [{ name: 'task', state: { terminated: { exitCode: 0 } } }] });
}

const probed = (problem?: 'connection-refused') => ({
  ...HEAD,
  kind: 'probe',
  image: BAD,
  registry: 'registry.example',
  runtime: { status: 'answered', ...RUNTIME, conditions: [] },
  ways: [
    {
      of: 'registry',
      url: 'https://registry.example',
      endpoint: {
        host: 'registry.example',
        port: 443,
        dns: { status: 'resolved', milliseconds: 1 },
        addresses: [{ address: '192.0.2.1', status: problem ?? 'open', milliseconds: 1 }],
        ...(problem === undefined ? {} : { problem }),
      },
    },
  ],
  proxies: [],
  configuration: [],
  filesystems: [],
});
const listing = () => ({ ...listingOf([listed(UNUSED)]), at: '2026-03-01T10:00:01Z', runtime: RUNTIME });
const pruned = (outcome: object) => ({
  ...HEAD,
  kind: 'prune',
  runtime: RUNTIME,
  images: [{ id: UNUSED.id, tags: UNUSED.tags, bytes: UNUSED.bytes, outcome }],
  ended: { status: 'done' },
  freeBytes: { mountpoint: '/var/lib/images', before: 1e9, after: 5e9 },
});

describe('a look from a node', () => {
  it('is a plan about the node, in words, tried out by the API server, and makes nothing before it is approved', async () => {
    await start();
    const { plan } = world.proposalOf(await world.propose(PROBE));
    expect(plan).toMatchObject({
      objects: [{ kind: 'Node', name: 'node-1' }],
      changes: [{ verb: 'create', work: { kind: 'probe', image: BAD, container: 'app' } }],
      risk: 'low',
      watched: { kind: 'task' },
    });
    expect(plan.effect).toContain('root on node-1');
    expect(plan.dryRun).toMatch(
      /^Pod imagepull-node\/imagepull-probe-[0-9a-f]{16} is made on node-1, of registry\.example\/imagepull@sha256:a+$/,
    );
    expect(await pods()).toEqual([]);
  });

  it('is done by one pod, however often it is delivered, which is gone once its document is read', async () => {
    await start();
    const record = await world.carryOut(PROBE);
    expect(record.execution).toMatchObject({ status: 'applied' });
    const pod = await onlyPod();
    await world.apply(record);
    expect((await onlyPod()).metadata.uid).toBe(pod.metadata.uid);
    expect((await world.look(record)).effect).toMatchObject({ status: 'watching', says: '' });
    await ends(probed('connection-refused'));
    const { effect, found } = await world.look(record);
    expect(effect).toMatchObject({ status: 'worked', says: expect.stringContaining('refuses the connection') });
    expect(found).toMatchObject({ node: 'node-1', findings: [{ code: 'endpoint/connection-refused' }] });
    expect(world.tasks).toContainEqual({ kind: 'judge', runId: 'r', planId: record.id, delayMs: 0 });
    expect(await pods()).toEqual([]);
  });

  it('goes on after a crash between the pod and what is written down of it', async () => {
    await start();
    const record = await world.propose(PROBE);
    await world.grant(record);
    const acting = { status: 'acting' as const, at: world.now().toISOString(), before: [] };
    await world.apply(record);
    await world.store.plans.update(record.id, (known) => ({ ...known, execution: acting }));
    const { executor } = world;
    await executor.perform({ kind: 'apply', cluster: 'prod', planId: record.id, delayMs: 0 });
    expect((await world.store.plans.read(record.id)).execution?.status).toBe('applied');
    expect(await pods()).toHaveLength(1);
  });

  it.each(['before', 'after'] as const)(
    'is done and read whichever call an executor dies at (%s it arrives), and leaves nothing that is not swept',
    async (when) => {
      let deaths = 0;
      for (let at = 1, died = true; died; at++) {
        await start();
        const record = await world.propose(PROBE);
        await world.grant(record);
        const life = new Life(at, when);
        const mortal = world.another((part) => within(life, part));
        const once = async (kind: 'apply' | 'look') => {
          try {
            await mortal.perform({ kind, cluster: 'prod', planId: record.id, delayMs: 0 });
          } catch (cause) {
            if (!life.isOver) throw cause;
          }
        };
        await once('apply');
        for (let round = 0; round < 3; round++) {
          const { execution } = await world.apply(record);
          world.forward(61_000);
          if (execution?.status !== 'applied') await world.grant(record);
        }
        expect([at, (await world.store.plans.read(record.id)).execution?.status, (await pods()).length]).toEqual([at, 'applied', 1]);
        await ends(probed('connection-refused'));
        if (!life.isOver) await once('look');
        const { effect, found } = await world.look(record);
        expect([at, effect?.status, found?.node]).toEqual([at, 'worked', 'node-1']);
        expect(world.tasks.some(({ kind }) => kind === 'judge')).toBe(true);
        await sweepTasks({ objects: world.writer, place: SETTINGS.place, log: SILENT, now: () => new Date(Date.now() + 3_600_000) });
        expect([at, await pods()]).toEqual([at, []]);
        died = life.isOver;
        if (died) deaths += 1;
        await world.stop();
      }
      expect(deaths).toBeGreaterThan(25);
      await start();
    },
  );

  it('says what stood in its way, and leaves nothing', async () => {
    await start();
    const record = await world.carryOut(PROBE);
    await kubelet({ containerStatuses: [{ name: 'task', state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } } }] });
    const { effect } = await world.look(record);
    expect(effect).toMatchObject({
      status: 'failed',
      says: `node-1 could not pull ${OWN_IMAGE} either, the program's own image: no such host`,
    });
    expect(await pods()).toEqual([]);
  });

  const refusals: readonly (readonly [why: string, remedy: Remedy, settings: Partial<NodeTaskSettings>, because: RegExp])[] = [
    ['the node is none of those that are allowed', PROBE, { allowed: { names: ['build-*'], controlPlane: false } }, /none of the nodes/],
    ['the pod is on another node', { ...PROBE, node: 'node-2' }, {}, /is not on node-2/],
    [
      'the pod fails for another image',
      { ...PROBE, image: 'registry.example/other:1' },
      {},
      /no longer fails for registry.example\/other:1/,
    ],
  ];
  it.each(refusals)('is none where %s', async (_, remedy, settings, because) => {
    await start(settings, { objects: [{ ...NODE, metadata: { name: 'node-2', uid: 'uid-node-2' } }] });
    const { closed } = await world.propose(remedy);
    expect(closed).toMatchObject({ as: 'refused', says: expect.stringMatching(because) });
  });

  it('is none on the control plane, and none where nothing runs on nodes', async () => {
    await start({}, { objects: [{ ...NODE, metadata: { ...NODE.metadata, labels: { 'node-role.kubernetes.io/control-plane': '' } } }] });
    expect((await world.propose(PROBE)).closed?.says).toMatch(/control plane/);
    await world.stop();
    world = await executorWorld({ objects: [...brokenRollout('Deployment', 'web'), NODE] });
    expect((await world.propose(PROBE)).closed?.says).toMatch(/clusters\[\]\.nodeTasks/);
  });
});

describe('a pull on a node', () => {
  const SECRET: TestObject = {
    kind: 'Secret',
    metadata: { name: 'regcred', namespace: 'shop', uid: 'uid-regcred' },
    type: 'kubernetes.io/dockerconfigjson',
    data: {
      '.dockerconfigjson': Buffer.from(
        JSON.stringify({ auths: { 'registry.example': { username: 'robot', password: 'canary-login' } } }),
      ).toString('base64'),
    },
  };

  async function withSecret(given: Partial<ExecutorWorldOptions> = {}): Promise<void> {
    await start({}, { ...given, objects: [SECRET] });
    world.change('Pod', 'web-r2-0', { spec: { imagePullSecrets: [{ name: 'regcred' }] } });
  }

  it('has the login of the pod in a Secret that its pod owns, and nowhere else', async () => {
    await withSecret();
    const record = await world.carryOut(PULL);
    const pod = await onlyPod();
    const secret = world.get('Secret', pod.metadata.name, TASKS);
    expect(secret?.metadata['ownerReferences']).toEqual([
      { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid },
    ]);
    expect(inputIn(secret)).toContain('canary-login');
    await ends({
      ...HEAD,
      kind: 'pull',
      runtime: RUNTIME,
      image: BAD,
      login: 'basic',
      milliseconds: 900,
      outcome: { status: 'pulled', id: imageId(1), bytes: 1_000, wasThere: false },
    });
    const after = await world.look(record);
    expect(after.effect).toMatchObject({ status: 'worked', says: expect.stringContaining('node-1 pulled') });
    expect(JSON.stringify([pod, await world.store.plans.read(record.id), world.tasks, world.told])).not.toContain('canary');
  });

  it('is none where no login of the namespace may be used', async () => {
    await withSecret({
      policy: {
        version: 1,
        organisation: 'T0WORK',
        forbiddenNamespaces: ['shop'],
        rules: [{ name: 'all', approvers: { users: ['U0BOB'] } }],
      },
    });
    expect((await world.propose(PULL)).closed?.says).toBe(
      'No login is used of namespace shop: forbiddenNamespaces in approvals.yaml names it.',
    );
    expect((await world.propose(PROBE)).closed).toBeUndefined();
  });

  it('leaves no pod where the API server does not take its Secret, and says so before anybody is asked', async () => {
    await withSecret();
    world.server.admission.add({
      kind: 'validating',
      name: 'no-secrets',
      namespace: TASKS,
      review: ({ object }) =>
        JSON.stringify(object).includes('input.json') ? { allowed: false, message: 'no secrets here' } : { allowed: true },
    });
    expect((await world.propose(PULL)).closed?.says).toContain('no secrets here');
    expect(await pods()).toEqual([]);
  });

  it('is none where secrets are not to be read', async () => {
    await withSecret({ executor: { mayReadSecrets: false } });
    expect((await world.propose(PULL)).closed?.says).toMatch(/secrets are not to be read/);
  });
});

describe('what stands in the way of a task that was begun', () => {
  it('is told, and ends it, where it does not pass by itself', async () => {
    await start();
    const record = await world.carryOut(PROBE);
    world.server.admission.add({
      kind: 'validating',
      name: 'none',
      namespace: TASKS,
      review: () => ({ allowed: false, message: 'none here' }),
    });
    // The pod has to be made anew without a path, which is refused.
    const { metadata } = await onlyPod();
    world.put({
      kind: 'Event',
      metadata: { name: 'mount', namespace: TASKS },
      involvedObject: { uid: metadata.uid },
      reason: 'FailedMount',
      message: 'MountVolume.SetUp failed for volume "node-3" : hostPath type check failed: /etc/hosts is not a file',
    });
    expect((await world.look(record)).effect).toMatchObject({
      status: 'failed',
      says: expect.stringMatching(/^Nothing was found out on node-1: .*none here/),
    });
  });

  it('is not that they were turned off: what had begun is seen to its end, and nothing new begins', async () => {
    await start({ mode: 'off' });
    expect((await world.propose(PROBE)).closed?.says).toContain('clusters[].nodeTasks');
  });

  it('is what one look does not see of another: they take turns', async () => {
    await start();
    const record = await world.carryOut(PROBE);
    await ends(probed('connection-refused'));
    await world.store.exclusively(`plan.${record.id}`, () => world.look(record));
    expect((await world.store.plans.read(record.id)).effect?.status).not.toBe('worked');
    expect(world.tasks.at(-1)).toMatchObject({ kind: 'look', planId: record.id });
  });
});

describe('a look that nobody asked for', () => {
  it('needs no approval where the configuration of the executor says auto', async () => {
    await start({ mode: 'auto' });
    const record = await world.propose(PROBE, { unasked: true });
    expect(world.tasks).toContainEqual({ kind: 'apply', cluster: 'prod', planId: record.id, delayMs: 0 });
    expect((await world.apply(record)).execution?.status).toBe('applied');
    expect(await pods()).toHaveLength(1);
  });

  it.each([
    ['somebody has to ask on this cluster', 'approve', PROBE],
    ['it would pull', 'auto', PULL],
    ['it only lists images', 'auto', LISTING],
    ['it is no look', 'auto', { id: 'cordon-node', node: 'node-1' }],
  ] as const)('is none where %s', async (_, mode, remedy) => {
    await start({ mode });
    const { closed } = await world.propose(remedy, { unasked: true });
    expect(closed).toMatchObject({ as: 'refused', says: 'Nobody asked for it, and here somebody has to.' });
    expect(await pods()).toEqual([]);
  });

  it('is for now: a wish that is old is not carried out, however it came back', async () => {
    await start({ mode: 'auto' });
    const record = await world.propose(PROBE, { unasked: true });
    world.forward(6 * 60_000);
    expect(saysOf(await world.apply(record))).toMatch(/too old/);
    expect(await pods()).toEqual([]);
  });

  it('waits for the end of a freeze like any other, and never keeps anybody from what they asked for', async () => {
    await start({ mode: 'auto' }, { executor: { perHour: 1 } });
    const record = await world.propose(PROBE, { unasked: true });
    await world.apply(record);
    const other = await world.propose(PROBE, { unasked: true });
    expect(saysOf(await world.apply(other))).toMatch(/which is the limit/);
    expect((await world.carryOut(LISTING)).execution?.status).toBe('applied');
    world.change('ConfigMap', 'imagepull-freeze', { data: { frozen: 'true' } });
    world.forward(3_700_000);
    expect((await world.propose(PROBE, { unasked: true })).closed?.says).toMatch(/frozen/);
  });
});

describe('pruning images', () => {
  /** Lists the images of the node; the remedy that this leads to. */
  async function listImages(document: object = listing()): Promise<{ readonly record: PlanRecord; readonly remedy: Remedy }> {
    const record = await world.carryOut(LISTING);
    await ends(document);
    return { record: await world.look(record), remedy: { id: 'prune-images', node: 'node-1', listing: record.id } };
  }

  it('follows a listing, and is a plan of exactly the images that nothing uses', async () => {
    await start();
    const used = { container: 'c', name: 'app', state: 'running', as: 'image' } as const;
    const { record, remedy } = await listImages({ ...listing(), images: [listed(UNUSED), listed(madeImage(8), { usedBy: [used] })] });
    expect(record.effect?.says).toBe('1 image of node-1 with 5.0 GB is used by no container. 0 B of 10.0 kB are free.');
    const { plan } = world.proposalOf(await world.propose(remedy));
    expect(plan.risk).toBe('high');
    expect(plan.effect).toBe(
      'Removes up to 1 image from node-1 that no container uses, 5.0 GB at most, until 2.0 kB are free. Whoever needs one again pulls it again, from registry.example.',
    );
    expect(plan.dryRun.split('\n')[1]).toBe(
      `- ${UNUSED.id} (5.0 GB): ${UNUSED.tags[0]} and ${UNUSED.digests[0]}; no container uses it; here since 2026-01-01T00:00:00.000Z`,
    );
    expect(plan.changes).toMatchObject([{ verb: 'create', work: { kind: 'prune', plan: { images: [{ id: UNUSED.id }] } } }]);
  });

  it('is done, and has helped once the node has room and the pod has its images', async () => {
    await start();
    const record = await world.carryOut((await listImages()).remedy);
    const secret = world.get('Secret', (await onlyPod()).metadata.name, TASKS);
    expect(inputIn(secret)).toContain(`awaited`);
    expect(inputIn(secret)).toContain(BAD);
    await ends(pruned({ status: 'removed' }));
    const during = await world.look(record);
    expect(during.effect).toMatchObject({
      status: 'watching',
      says: `1 of 1 image was removed from node-1: ${UNUSED.tags[0]}. 5.0 GB are free, 4.0 GB more than before.`,
      pods: 0,
    });
    expect(await pods()).toEqual([]);
    expect((await world.look(record)).effect).toMatchObject({ status: 'watching', pods: 1, pulled: 0 });
    world.put({ ...NODE, status: { conditions: [{ type: 'DiskPressure', status: 'False' }] } });
    world.change('Pod', 'web-r2-0', { status: world.get('Pod', 'web-r1-0')?.['status'] });
    expect((await world.look(record)).effect).toMatchObject({ status: 'worked', pods: 1, pulled: 1 });
  });

  it('has not helped where nothing was removed, or the node stays full', async () => {
    await start();
    const first = await world.carryOut((await listImages()).remedy);
    await ends(pruned({ status: 'kept', rule: 'in-use', because: 'container web is made from it' }));
    expect((await world.look(first)).effect).toMatchObject({
      status: 'failed',
      says: expect.stringContaining(`Kept: ${UNUSED.tags[0]}: container web is made from it.`),
    });
    const second = await world.carryOut((await listImages()).remedy);
    await ends(pruned({ status: 'removed' }));
    await world.look(second);
    world.forward(31 * 60_000);
    expect((await world.look(second)).effect).toMatchObject({
      status: 'failed',
      says: expect.stringMatching(/node-1 still reports DiskPressure and pod shop\/web-r2-0 still has not all of its images/),
    });
  });

  it('goes on to watch where enough was free by the time that it began', async () => {
    await start();
    const record = await world.carryOut((await listImages()).remedy);
    await ends({ ...pruned({ status: 'not-reached' }), ended: { status: 'goal-reached', because: '5000000000 bytes are free.' } });
    expect((await world.look(record)).effect).toMatchObject({
      status: 'watching',
      says: '5.0 GB are free on node-1 by now, which is enough: no image was removed.',
    });
  });

  it('tells what was gone and what is not known apart from what it removed', async () => {
    await start();
    const record = await world.carryOut((await listImages()).remedy);
    await ends(pruned({ status: 'absent' }));
    expect((await world.look(record)).effect).toMatchObject({
      status: 'watching',
      says: '0 of 1 image was removed from node-1. 1 was gone by then. 5.0 GB are free.',
    });
    const other = await world.carryOut((await listImages()).remedy);
    await ends({
      ...pruned({ status: 'unknown', because: 'The connection ended.' }),
      ended: { status: 'runtime', because: 'The connection ended.' },
    });
    expect((await world.look(other)).effect?.says).toBe(
      '0 of 1 image was removed from node-1. Of 1 it is not known. 5.0 GB are free. It stopped: The connection ended.',
    );
  });

  it('is none where something else answers in the place of a registry that is down', async () => {
    await start();
    const { remedy } = await listImages();
    world.down.add('registry.example');
    expect((await world.propose(remedy)).closed?.says).toMatch(/from a registry that does not answer/);
  });

  it('is none without a listing, with one that is old, of another node, or that nobody signed', async () => {
    await start();
    const none: Remedy = { id: 'prune-images', node: 'node-1', listing: 'p-nothing-0' };
    expect((await world.propose(none)).closed?.says).toMatch(/have not been listed/);
    const { record, remedy } = await listImages();
    world.forward(3_700_000);
    expect((await world.propose(remedy)).closed?.says).toMatch(/listed more than an hour ago/);
    world.forward(-3_700_000);
    world.remove('Node', 'node-1');
    world.put({ ...NODE, metadata: { name: 'node-1', uid: 'uid-another' } });
    expect((await world.propose(remedy)).closed?.says).toMatch(/have not been listed/);
    world.remove('Node', 'node-1');
    world.put(NODE);
    await world.store.plans.update(record.id, (known) => {
      const sealed = known.listing as { content: { document: { images: object[] } }; signature: string };
      const images = [...sealed.content.document.images, listed(madeImage(9))];
      const content = { ...sealed.content, document: { ...sealed.content.document, images } };
      return { ...known, listing: { ...sealed, content } };
    });
    expect((await world.propose(remedy)).closed?.says).toMatch(/have not been listed/);
  });

  it('is none where the registry does not answer, and overtaken where that is so by the time that it is approved', async () => {
    await start();
    const { remedy } = await listImages();
    world.silent.add('registry.example');
    expect((await world.propose(remedy)).closed?.says).toMatch(/from a registry that does not answer/);
    world.silent.clear();
    const record = await world.propose(remedy);
    await world.grant(record);
    world.silent.add('registry.example');
    expect(saysOf(await world.apply(record))).toMatch(/^Overtaken: .*registry that does not answer.* Nothing was done\.$/);
    expect(await pods()).toEqual([]);
  });

  it('leaves what a pod of the node waits for, in any namespace', async () => {
    await start();
    const { remedy } = await listImages();
    const image = UNUSED.tags[0] ?? '';
    world.put({
      kind: 'Pod',
      metadata: { name: 'waiting', namespace: 'other', uid: 'uid-waiting' },
      spec: { nodeName: 'node-1', containers: [{ name: 'app', image }] },
      status: { phase: 'Pending' },
    });
    expect((await world.propose(remedy)).closed?.says).toMatch(/needed by a pod that has not begun/);
  });
});
