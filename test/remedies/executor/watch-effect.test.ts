import { afterEach, describe, expect, it } from 'vitest';
import {
  CORDON,
  DELETE_POD,
  type ExecutorWorld,
  type ExecutorWorldOptions,
  executorWorld,
  ROLL_BACK,
} from '../../support/executor-world.ts';
import { GOOD, pod } from '../../support/remedy-objects.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

const start = async (options?: ExecutorWorldOptions): Promise<void> => {
  world = await executorWorld(options);
};

/** The pods that a rollout leads to: those before are gone. */
function rolledOut(state: 'pulled' | 'failing' | 'waiting', image = GOOD): void {
  for (const name of ['web-r1-0', 'web-r2-0', 'web-r2-1']) world.remove('Pod', name);
  for (let index = 0; index < 3; index++)
    world.put(pod({ name: `web-r3-${index}`, image, state, labels: { app: 'web' }, owner: { kind: 'ReplicaSet', name: 'web-r3' } }));
}

describe('the effect of a plan', () => {
  it('is proven once every pod of the workload has its images', async () => {
    await start();
    const record = await world.carryOut(ROLL_BACK);
    rolledOut('waiting');
    world.forward(4_000);
    expect((await world.look(record)).effect).toMatchObject({ status: 'watching', pods: 3, pulled: 0 });
    expect(world.tasks.at(-1)).toMatchObject({ kind: 'look', delayMs: 2_000 });
    rolledOut('pulled');
    world.forward(8_000);
    const { effect } = await world.look(record);
    expect(effect).toMatchObject({ status: 'worked', pods: 3, pulled: 3, says: '3 pods have their images, seen after 12 s.' });
    expect(world.told.at(-1)?.type).toBe('plan-ended');
    expect((await world.audited()).at(-1)).toBe('outcome');
    const queued = world.tasks.length;
    await world.look(record);
    expect(world.tasks).toHaveLength(queued);
  });

  it('has failed once new pods fail, and none of them still waits', async () => {
    await start();
    const record = await world.carryOut(ROLL_BACK);
    rolledOut('waiting');
    world.put(pod({ name: 'web-r3-0', image: GOOD, labels: { app: 'web' } }));
    expect((await world.look(record)).effect?.status).toBe('watching');
    rolledOut('failing');
    expect((await world.look(record)).effect).toMatchObject({ status: 'failed', pulled: 0, says: `3 new pods cannot pull ${GOOD}.` });
  });

  it('does not count the pods that failed before', async () => {
    await start();
    const record = await world.carryOut(ROLL_BACK);
    expect((await world.look(record)).effect).toMatchObject({ status: 'watching', pulled: 1 });
  });

  it('of a deleted pod is that its successor has its images', async () => {
    await start();
    const record = await world.carryOut(DELETE_POD);
    expect((await world.look(record)).effect).toMatchObject({ status: 'watching', pods: 1, pulled: 0 });
    world.put(pod({ name: 'web-r2-9', state: 'pulled', owner: { kind: 'ReplicaSet', name: 'web-r2' }, labels: { app: 'web' } }));
    expect((await world.look(record)).effect).toMatchObject({ status: 'worked', pods: 1, pulled: 1 });
  });

  it('is given up after ten minutes, with how far it came', async () => {
    await start();
    const record = await world.carryOut(ROLL_BACK);
    rolledOut('waiting');
    world.put(pod({ name: 'web-r3-0', image: GOOD, state: 'pulled', labels: { app: 'web' } }));
    world.forward(10 * 60_000);
    expect((await world.look(record)).effect).toMatchObject({
      status: 'failed',
      says: 'After 10 min only 1 of 3 pods were seen to have their images.',
    });
  });

  it('of a cordoned node is there at once', async () => {
    await start();
    const record = await world.carryOut(CORDON);
    expect((await world.look(record)).effect).toMatchObject({ status: 'worked', pods: 0 });
    expect(world.get('Node', 'node-1')?.['spec']).toEqual({ unschedulable: true });
  });
});
