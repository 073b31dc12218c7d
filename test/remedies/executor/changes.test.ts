import { afterEach, describe, expect, it } from 'vitest';
import type { Remedy } from '../../../src/approval/remedy.ts';
import { type ExecutorWorld, executorWorld, ROLL_BACK, saysOf, WEB } from '../../support/executor-world.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

const toAccount: Remedy = { id: 'attach-pull-secret', workload: WEB, secret: 'mirror', to: 'service-account' };
const secretsOf = () => world.get('ServiceAccount', 'default')?.['imagePullSecrets'];

/** Moves what the API server counts of the Deployment, as its controller does all the time. */
function moveStatus(): void {
  world.change('Deployment', 'web', { status: { observedGeneration: world.writes.length } });
}

describe('an object whose status moves', () => {
  it('between the read and the write is read again, and changed once', async () => {
    world = await executorWorld();
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    world.onWrite = () => {
      if (world.writes.length === 1) moveStatus();
      return false;
    };
    expect((await world.apply(record)).execution?.status).toBe('applied');
    expect(world.writes).toHaveLength(2);
    expect(world.markOf()).toBe(record.id);
  });

  it('each time is left alone', async () => {
    world = await executorWorld();
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    world.onWrite = () => {
      moveStatus();
      return false;
    };
    expect((await world.apply(record)).execution).toMatchObject({ status: 'refused', says: expect.stringContaining('Nothing was done.') });
    expect(world.markOf()).toBeUndefined();
  });
});

describe('two changes', () => {
  /** Granted, and cut off before the API server hears of the second one. */
  async function cutOff() {
    world = await executorWorld();
    const record = await world.propose(toAccount);
    await world.grant(record);
    world.onWrite = (_, response) => {
      if (world.writes.length < 2) return false;
      response.destroy();
      return true;
    };
    return record;
  }

  it('are made one after the other: the list of the account whole, then the pods anew', async () => {
    world = await executorWorld();
    const record = await world.carryOut(toAccount);
    expect(record.execution?.status).toBe('applied');
    expect(world.writes).toEqual([
      'PATCH /api/v1/namespaces/shop/serviceaccounts/default',
      'PATCH /apis/apps/v1/namespaces/shop/deployments/web',
    ]);
    expect(secretsOf()).toEqual([{ name: 'mirror' }]);
    expect([world.markOf('ServiceAccount', 'default'), world.markOf()]).toEqual([record.id, record.id]);
  });

  it('say how far they came where one of them is refused', async () => {
    const record = await cutOff();
    const after = await world.apply(record);
    expect(after.execution?.status).toBe('unknown');
    expect(saysOf(after)).toContain('1 of 2 changes were made.');
    expect(world.markOf()).toBeUndefined();
  });

  it('that were cut off by a crash are ended by whoever goes on', async () => {
    const record = await cutOff();
    await world.apply(record);
    await crashed(record.id);
    world.onWrite = () => false;
    expect((await world.apply(record)).execution?.status).toBe('applied');
    expect(secretsOf()).toEqual([{ name: 'mirror' }]);
    expect(world.markOf()).toBe(record.id);
    expect(world.writes.filter((write) => write.includes('serviceaccounts'))).toHaveLength(1);
  });

  it.each<[string, () => void, string]>([
    ['the other object has changed', () => world.change('Deployment', 'web', { spec: { replicas: 9 } }), '1 of 2 changes were made.'],
    ['a freeze holds', () => world.change('ConfigMap', 'imagepull-freeze', { data: { frozen: 'true' } }), 'Some of its changes were made'],
  ])('are not ended where %s meanwhile, which is said', async (_, meanwhile, says) => {
    const record = await cutOff();
    await world.apply(record);
    await crashed(record.id);
    world.onWrite = () => false;
    meanwhile();
    const after = await world.apply(record);
    expect(after.execution?.status).toBe('unknown');
    expect(saysOf(after)).toContain(says);
    expect(world.markOf()).toBeUndefined();
  });

  /** As whoever was killed right after the first write left the record. */
  async function crashed(id: string): Promise<void> {
    await world.store.plans.update(id, ({ execution, ...known }) => ({
      ...known,
      execution: { status: 'acting', at: execution?.at ?? '', before: [] },
    }));
  }
});
