import { afterEach, describe, expect, it } from 'vitest';
import type { Remedy } from '../../../src/approval/remedy.ts';
import { PLAN_MARK } from '../../../src/remedies/dry-run-diff.ts';
import { type ExecutorWorld, type ExecutorWorldOptions, executorWorld, saysOf } from '../../support/executor-world.ts';
import { BAD, digestOf, GOOD, pod } from '../../support/remedy-objects.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

const start = async (options?: ExecutorWorldOptions): Promise<void> => {
  world = await executorWorld(options);
};

const workload = { namespace: 'shop', kind: 'Deployment', name: 'web' };
const rollBack: Remedy = { id: 'roll-back', workload, revision: 0 };
const restart: Remedy = { id: 'restart-workload', workload };
const deletePod: Remedy = { id: 'delete-pod', namespace: 'shop', pod: 'web-r2-0' };
const cordon: Remedy = { id: 'cordon-node', node: 'node-1' };
const imageNow = () => JSON.stringify(world.get('Deployment', 'web')?.['spec']);
const markOf = () => (world.get('Deployment', 'web')?.metadata['annotations'] as Record<string, string> | undefined)?.[PLAN_MARK];

/** What moves between approval and action, and what is said of it. */
const MOVED: readonly (readonly [what: string, remedy: Remedy, move: () => void, says: string])[] = [
  [
    'the spec',
    rollBack,
    () => world.change('Deployment', 'web', { spec: { minReadySeconds: 5 } }),
    'Overtaken: Deployment web has changed since the plan was made.',
  ],
  [
    'a label',
    rollBack,
    () => world.change('Deployment', 'web', { metadata: { labels: { app: 'web', team: 'a' } } }),
    'Overtaken: Deployment web has changed since the plan was made.',
  ],
  [
    'the owner',
    restart,
    () => world.change('Deployment', 'web', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x' }] } }),
    'Overtaken: Deployment web has changed since the plan was made.',
  ],
  [
    'the object itself',
    restart,
    () => {
      const before = world.get('Deployment', 'web');
      world.remove('Deployment', 'web');
      world.put({ ...before, kind: 'Deployment', metadata: { ...before?.metadata, name: 'web', uid: 'uid-later' } });
    },
    'Overtaken: Deployment web is another one now.',
  ],
  [
    'the revision that it goes back to',
    rollBack,
    () => world.change('ReplicaSet', 'web-r1', { spec: { minReadySeconds: 5 } }),
    'Overtaken: ReplicaSet web-r1 has changed since the plan was made.',
  ],
  ['what the registry has', rollBack, () => world.missing.add(GOOD), `Overtaken: The registry does not have ${GOOD}, asked anonymously.`],
  ['that the pod fails', deletePod, () => world.put(pod({ name: 'web-r2-0', state: 'pulled', labels: { app: 'web' } })), 'Overtaken: '],
  [
    'that it is closed',
    cordon,
    () => world.change('Node', 'node-1', { spec: { unschedulable: true } }),
    'Overtaken: Node node-1 takes no new pods already.',
  ],
];

describe('what has moved since people approved', () => {
  it.each(MOVED)('ends a plan where it is %s', async (_, remedy, move, says) => {
    await start();
    const record = await world.propose(remedy);
    await world.grant(record);
    move();
    const { execution } = await world.apply(record);
    expect(execution?.status).toBe('refused');
    expect(saysOf({ execution }).startsWith(says)).toBe(true);
    expect(saysOf({ execution })).toMatch(/Nothing was done\.$/);
    expect(world.writes).toEqual([]);
  });

  it.each([rollBack, restart, deletePod, cordon])('lets $id go on where it is status, counts and annotations', async (remedy) => {
    await start();
    const record = await world.propose(remedy);
    await world.grant(record);
    world.change('Deployment', 'web', { metadata: { annotations: { note: 'x' } }, status: { readyReplicas: 0, observedGeneration: 7 } });
    const status = world.get('Pod', 'web-r2-0')?.['status'] as object;
    world.change('Pod', 'web-r2-0', { status: { ...status, message: 'Back-off, 17 times' } });
    world.change('Node', 'node-1', { status: { ...(world.get('Node', 'node-1')?.['status'] as object), images: [] } });
    expect((await world.apply(record)).execution?.status).toBe('applied');
  });

  it('does nothing where the object changes between the last look and the write', async () => {
    await start();
    const record = await world.propose(rollBack);
    await world.grant(record);
    world.onWrite = () => {
      world.change('Deployment', 'web', { spec: { replicas: 9 } });
      return false;
    };
    expect((await world.apply(record)).execution).toMatchObject({ status: 'refused' });
    expect(imageNow()).toContain(BAD);
    expect(markOf()).toBeUndefined();
  });
});

describe('a tag that moves', () => {
  const setImage: Remedy = {
    id: 'set-image',
    workload,
    container: 'app',
    repository: 'registry.example/shop/web',
    tag: '3',
    digest: digestOf('registry.example/shop/web:3'),
  };

  it('is pinned to what people approved, and gone by then it changes nothing', async () => {
    await start();
    const record = await world.propose(setImage);
    await world.grant(record);
    world.missing.add('registry.example/shop/web:3');
    expect(saysOf(await world.apply(record))).toContain('The registry does not have registry.example/shop/web:3');
    world.missing.clear();
    expect((await world.carryOut(setImage)).execution?.status).toBe('applied');
    expect(imageNow()).toContain(`registry.example/shop/web:3@${digestOf('registry.example/shop/web:3')}`);
  });
});
