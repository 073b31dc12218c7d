import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Remedy } from '../../../src/approval/remedy.ts';
import { PLAN_MARK } from '../../../src/remedies/dry-run-diff.ts';
import { type ExecutorWorld, type ExecutorWorldOptions, executorWorld, saysOf } from '../../support/executor-world.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

const start = async (options?: ExecutorWorldOptions): Promise<void> => {
  world = await executorWorld(options);
};

const workload = { namespace: 'shop', kind: 'Deployment', name: 'web' };
const rollBack: Remedy = { id: 'roll-back', workload, revision: 0 };
const deletePod: Remedy = { id: 'delete-pod', namespace: 'shop', pod: 'web-r2-0' };
const markOf = () => (world.get('Deployment', 'web')?.metadata['annotations'] as Record<string, string> | undefined)?.[PLAN_MARK];

/** Cuts the connection, before the API server has heard of the write or after it has done it. */
const cut = {
  before: (_: IncomingMessage, response: ServerResponse) => {
    response.destroy();
    return true;
  },
  after: (_: IncomingMessage, response: ServerResponse) => {
    response.end = () => response.destroy();
    return false;
  },
} as const;

describe('an answer that is lost', () => {
  it.each([rollBack, deletePod])('after the write of $id is told by the object: it is done, and once', async (remedy) => {
    await start();
    world.onWrite = cut.after;
    const record = await world.carryOut(remedy);
    expect(record.execution).toMatchObject({ status: 'applied', says: 'The change is there.' });
    world.onWrite = () => false;
    await world.apply(record);
    expect(world.writes).toHaveLength(1);
  });

  it.each([rollBack, deletePod])('before the write of $id leaves it to whoever tries again', async (remedy) => {
    await start();
    const record = await world.propose(remedy);
    await world.grant(record);
    world.onWrite = cut.before;
    await expect(world.apply(record)).rejects.toMatchObject({ code: 'cluster/outcome-unknown', retryable: true });
    expect((await world.store.plans.read(record.id)).execution?.status).toBe('acting');
    world.onWrite = () => false;
    expect((await world.apply(record)).execution?.status).toBe('applied');
    expect(world.writes).toHaveLength(2);
  });

  it('is no leave to act on: whoever tries again looks at everything once more', async () => {
    await start();
    const record = await world.propose(rollBack);
    await world.grant(record);
    world.onWrite = cut.before;
    await expect(world.apply(record)).rejects.toMatchObject({ code: 'cluster/outcome-unknown' });
    world.onWrite = () => false;
    world.change('Deployment', 'web', { spec: { replicas: 9 } });
    expect(saysOf(await world.apply(record))).toContain('has changed since the plan was made');
    expect(markOf()).toBeUndefined();
  });
});
