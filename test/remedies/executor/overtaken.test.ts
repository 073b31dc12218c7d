import { afterEach, describe, expect, it } from 'vitest';
import type { Remedy } from '../../../src/approval/remedy.ts';
import {
  CORDON,
  DELETE_POD,
  type ExecutorWorld,
  type ExecutorWorldOptions,
  executorWorld,
  RESTART,
  ROLL_BACK,
  saysOf,
  WEB,
} from '../../support/executor-world.ts';
import { BAD, digestOf, GOOD, pod } from '../../support/remedy-objects.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

const start = async (options?: ExecutorWorldOptions): Promise<void> => {
  world = await executorWorld(options);
};

/** What moves between approval and action, and what is said of it. */
const MOVED: readonly (readonly [what: string, remedy: Remedy, move: () => void, says: string])[] = [
  [
    'the spec',
    ROLL_BACK,
    () => world.change('Deployment', 'web', { spec: { minReadySeconds: 5 } }),
    'Overtaken: Deployment web has changed since the plan was made.',
  ],
  [
    'a label',
    ROLL_BACK,
    () => world.change('Deployment', 'web', { metadata: { labels: { app: 'web', team: 'a' } } }),
    'Overtaken: Deployment web has changed since the plan was made.',
  ],
  [
    'the owner',
    RESTART,
    () => world.change('Deployment', 'web', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x' }] } }),
    'Overtaken: Deployment web has changed since the plan was made.',
  ],
  [
    'the object itself',
    RESTART,
    () => {
      const before = world.get('Deployment', 'web');
      world.remove('Deployment', 'web');
      world.put({ ...before, kind: 'Deployment', metadata: { ...before?.metadata, name: 'web', uid: 'uid-later' } });
    },
    'Overtaken: Deployment web is another one now.',
  ],
  [
    'the revision that it goes back to',
    ROLL_BACK,
    () => world.change('ReplicaSet', 'web-r1', { spec: { minReadySeconds: 5 } }),
    'Overtaken: ReplicaSet web-r1 has changed since the plan was made.',
  ],
  ['what the registry has', ROLL_BACK, () => world.missing.add(GOOD), `Overtaken: The registry does not have ${GOOD}, asked anonymously.`],
  ['that the pod fails', DELETE_POD, () => world.put(pod({ name: 'web-r2-0', state: 'pulled', labels: { app: 'web' } })), 'Overtaken: '],
  [
    'that it is closed',
    CORDON,
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

  it.each([ROLL_BACK, RESTART, DELETE_POD, CORDON])('lets $id go on where it is status, counts and annotations', async (remedy) => {
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
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    world.onWrite = () => {
      world.change('Deployment', 'web', { spec: { replicas: 9 } });
      return false;
    };
    expect((await world.apply(record)).execution).toMatchObject({ status: 'refused' });
    expect(world.specNow()).toContain(BAD);
    expect(world.markOf()).toBeUndefined();
  });
});

describe('a tag that moves', () => {
  const setImage: Remedy = {
    id: 'set-image',
    workload: WEB,
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
    expect(world.specNow()).toContain(`registry.example/shop/web:3@${digestOf('registry.example/shop/web:3')}`);
  });
});
