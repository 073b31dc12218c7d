import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditLog } from '../../src/audit/log/audit-log.ts';
import { planCard } from '../../src/report/card/plan-card.ts';
import { plainText } from '../../src/report/plain-text.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { GOOD, putPod } from './applications.ts';
import { approved, type Doing, isForExecutor, perform } from './journey.ts';
import { Killed, Life, within } from './mortal.ts';
import { type PlanWorld, planWorld } from './plan-world.ts';

let world: PlanWorld;
let kills = 0;
beforeAll(async () => {
  world = await planWorld();
});
afterAll(() => world.stop());

/** An executor all of whose calls to the outside are counted, with the store's own locks, which end as leases do. */
function mortalExecutor(life: Life) {
  const store = within(life, world.store);
  const { sign } = world.keys.executor;
  return world.executor({
    store,
    queue: within(life, world.queue),
    writer: within(life, world.writer),
    audit: createAuditLog({ store, sign, hash: sha256, log: SILENT }),
  });
}

/** Has an executor carry out what waits until it dies; says whether it did. */
async function untilKilled(life: Life): Promise<boolean> {
  const executor = mortalExecutor(life);
  try {
    for (const task of world.queue.take().filter(isForExecutor)) await executor.perform(task);
  } catch (cause) {
    // What it died of may have been taken for an answer on its way up.
    if (!life.isOver) throw cause;
    expect(cause).toBeInstanceOf(Error);
  }
  return life.isOver;
}

/** What others do once it is dead: its task is delivered again, gateways settle, and what was begun is gone on with. */
async function goOn(planId: string, app: string): Promise<void> {
  const gateway = world.gateway();
  for (let round = 0; round < 4; round++) {
    await world.queue.add({ kind: 'apply', cluster: 'prod', planId, delayMs: 0 });
    await perform(world);
    world.forward(61_000);
    await gateway.settle();
    await perform(world);
  }
  putPod(world.cluster.store, { app, hash: 'new', name: `${app}-again-0`, image: GOOD, pulled: true });
  await world.queue.add({ kind: 'look', cluster: 'prod', planId, delayMs: 0 });
  await perform(world);
}

async function cardOf(planId: string, app: string): Promise<string> {
  const [record, standing, incident] = await Promise.all([
    world.store.plans.read(planId),
    world.standing(planId),
    world.store.incidents.read(`incident-${app}`),
  ]);
  return plainText(planCard(incident, { record, standing }, []) ?? []);
}

describe('an executor that dies at one of its calls is followed by another, which', () => {
  it.each([
    ['delete-pod', 'before'],
    ['delete-pod', 'after'],
    ['roll-back', 'before'],
    ['roll-back', 'after'],
    ['set-image', 'before'],
    ['set-image', 'after'],
  ] as const)('does a plan to %s once, never lost, whichever call it is (%s)', async (remedy: Doing, when) => {
    let died = true;
    for (let at = 1; died; at++) {
      const app = `${remedy}-${when}-${at}`;
      const planId = await approved(world, { app, remedy });
      died = await untilKilled(new Life(at, when));
      if (died) kills += 1;
      await goOn(planId, app);
      const { execution, effect } = await world.store.plans.read(planId);
      const writes = world.done().filter(({ request }) => request.includes(`/${app}-new-0`) || request.endsWith(`/${app}`));
      expect({ at, writes: writes.length, execution: execution?.status, says: execution?.status === 'refused' && execution.says }).toEqual({
        at,
        writes: 1,
        execution: 'applied',
        says: false,
      });
      expect([at, effect?.status]).toEqual([at, remedy === 'delete-pod' ? 'worked' : 'watching']);
      expect(await cardOf(planId, app)).toMatch(remedy === 'delete-pod' ? /^Fixed: 1 of 1 pod/ : /Carried out/);
      const run = await world.store.runs.read(`run-${app}`);
      expect([at, run.plan?.status]).toEqual([at, remedy === 'delete-pod' ? 'ended' : 'verifying']);
    }
  });

  it('happened at a hundred calls at least', () => {
    expect(kills).toBeGreaterThanOrEqual(100);
    expect(new Killed()).toBeInstanceOf(Error);
  });
});
