import { afterEach, describe, expect, it } from 'vitest';
import { resourceOfKind } from '../../../src/demo/cluster/resources.ts';
import { type ExecutorWorld, type ExecutorWorldOptions, executorWorld, RESTART, ROLL_BACK, saysOf } from '../../support/executor-world.ts';
import { BOT_NAMESPACE } from '../../support/remedy-objects.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

const start = async (options?: ExecutorWorldOptions): Promise<void> => {
  world = await executorWorld(options);
};

describe('the freeze', () => {
  const FREEZES = [
    ['is missing', () => world.server.store.remove(resourceOfKind('ConfigMap'), `${BOT_NAMESPACE}/imagepull-freeze`), 'does not exist'],
    ['says true', () => world.change('ConfigMap', 'imagepull-freeze', { data: { frozen: 'true', reason: 'INC-7' } }), 'frozen: INC-7'],
    ['says anything else', () => world.change('ConfigMap', 'imagepull-freeze', { data: { frozen: 'no' } }), 'Remedies are frozen'],
    ['has no data', () => world.change('ConfigMap', 'imagepull-freeze', { data: undefined }), 'cannot be read'],
    ['cannot be read', () => world.server.faults.add({ status: 403, path: /configmaps/ }, 99), 'cannot be read'],
  ] as const;

  it.each(FREEZES)('that %s stops a plan that was granted, and a new one', async (_, freezes, says) => {
    await start();
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    freezes();
    expect(saysOf(await world.apply(record))).toContain(says);
    expect((await world.propose(RESTART)).closed?.says).toContain(says);
    expect(world.writes).toEqual([]);
  });

  it('that holds by the last look before the write stops it as well', async () => {
    await start();
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    let reads = 0;
    const read = world.writer.read.bind(world.writer);
    Object.assign(world.writer, {
      read(...asked: Parameters<typeof read>) {
        if (asked[0].kind === 'ConfigMap' && ++reads === 2)
          world.change('ConfigMap', 'imagepull-freeze', { data: { frozen: 'true', reason: 'just now' } });
        return read(...asked);
      },
    });
    expect(saysOf(await world.apply(record))).toContain('Remedies are frozen: just now');
    expect(reads).toBe(2);
    expect(world.writes).toEqual([]);
  });

  it('that has ended since the plan was proposed voids it', async () => {
    await start();
    const record = await world.propose(ROLL_BACK);
    world.forward(60_000);
    expect(await world.order({ freeze: true, by: ['U0ANN'], reason: 'INC-7' })).toEqual({ status: 'done' });
    expect(await world.order({ freeze: false, by: ['U0BOB', 'U0EVE'] })).toEqual({ status: 'done' });
    await world.grant(record);
    expect(saysOf(await world.apply(record))).toContain('A freeze has ended since the plan was proposed');
    expect((await world.carryOut(RESTART)).execution?.status).toBe('applied');
    expect(await world.audited()).toEqual(expect.arrayContaining(['freeze', 'unfreeze']));
  });

  it('is ended by two admins together only, and not by an old order', async () => {
    await start();
    await world.order({ freeze: true, by: ['U0ANN'] });
    const refused = { status: 'refused', says: 'A freeze is ended by two admins together.' };
    expect(await world.order({ freeze: false, by: ['U0BOB'] })).toEqual(refused);
    expect(await world.order({ freeze: false, by: ['U0BOB', 'U0BOB'] })).toEqual(refused);
    expect(await world.order({ freeze: false, by: ['U0BOB', 'U0ANN'] })).toEqual(refused);
    const at = new Date(world.now().getTime() - 61_000);
    expect(await world.order({ freeze: false, by: ['U0BOB', 'U0EVE'], at })).toMatchObject({ says: expect.stringContaining('too old') });
    expect((await world.propose(ROLL_BACK)).closed?.says).toContain('Remedies are frozen');
  });

  it('cannot be given where there is no ConfigMap, and says how to make it', async () => {
    await start();
    world.server.store.remove(resourceOfKind('ConfigMap'), `${BOT_NAMESPACE}/imagepull-freeze`);
    expect(await world.order({ freeze: true, by: ['U0ANN'] })).toMatchObject({
      status: 'refused',
      says: expect.stringContaining('kubectl create configmap -n imagepull imagepull-freeze --from-literal=frozen=false'),
    });
  });
});
