import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import {
  DELETE_POD,
  type ExecutorWorld,
  type ExecutorWorldOptions,
  executorWorld,
  ROLL_BACK,
  saysOf,
} from '../../support/executor-world.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

const start = async (options?: ExecutorWorldOptions): Promise<void> => {
  world = await executorWorld(options);
};

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
  it.each([ROLL_BACK, DELETE_POD])('after the write of $id is told by the object: it is done, and once', async (remedy) => {
    await start();
    world.onWrite = cut.after;
    const record = await world.carryOut(remedy);
    expect(record.execution).toMatchObject({ status: 'applied', says: 'The change is there.' });
    world.onWrite = () => false;
    await world.apply(record);
    expect(world.writes).toHaveLength(1);
  });

  it.each([ROLL_BACK, DELETE_POD])('before the write of $id leaves it to whoever tries again', async (remedy) => {
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
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    world.onWrite = cut.before;
    await expect(world.apply(record)).rejects.toMatchObject({ code: 'cluster/outcome-unknown' });
    world.onWrite = () => false;
    world.change('Deployment', 'web', { spec: { replicas: 9 } });
    expect(saysOf(await world.apply(record))).toContain('has changed since the plan was made');
    expect(world.markOf()).toBeUndefined();
  });
});
