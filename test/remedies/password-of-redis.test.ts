import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApprovalPolicy } from '../../src/approval/policy.ts';
import { asCodedError, CodedError } from '../../src/errors.ts';
import { settlePlan } from '../../src/intake/plans/settle.ts';
import { kept, putApplication } from './applications.ts';
import { intruder } from './intruder.ts';
import { decide, isForExecutor, proposed } from './journey.ts';
import { type PlanWorld, planWorld, WHO } from './plan-world.ts';
import { seeded } from './seeded.ts';

const MUTATIONS = 10_000;
const REMEDIES = ['roll-back', 'set-image', 'delete-pod'] as const;
/** How plans stand when somebody gets at the store. */
const STANDINGS = ['waiting', 'approved', 'denied', 'acted'] as const;
/** Plans live long enough to be attacked for hours. */
const POLICY = ApprovalPolicy.parse({
  version: 1,
  organisation: 'T0WORK',
  admins: { users: [WHO.ann, WHO.bob] },
  rules: [{ name: 'all', approvers: { users: [WHO.bob, WHO.eve] }, approvals: 1, expiresAfter: '24h' }],
});

let world: PlanWorld;
beforeAll(async () => {
  world = await planWorld(POLICY);
});
afterAll(() => world.stop());

/** What the store may throw at whoever reads what is in it by now. */
const EXPECTED = ['store/unreadable', 'store/newer', 'store/not-found', 'store/exists', 'plan/not-signed', 'engine/unknown-cluster'];

async function unlessUnreadable(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    if (!(cause instanceof CodedError) || !EXPECTED.includes(asCodedError(cause).code)) throw cause;
  }
}

describe('somebody with the password of Redis', () => {
  it(`has nothing changed that people have not approved, and nothing twice, by ${MUTATIONS} changes of the store`, async () => {
    const gateway = world.gateway();
    const executor = world.executor();
    const plans = new Map<string, { readonly app: string; readonly standing: (typeof STANDINGS)[number] }>();
    const apps = STANDINGS.flatMap((standing) => REMEDIES.map((remedy) => ({ standing, remedy, app: `${standing}-${remedy}` })));
    for (const { standing, remedy, app } of apps) {
      const planId = await proposed(world, { app, remedy, gateway });
      plans.set(planId, { app, standing });
    }
    const random = seeded(20_261_128);
    const attacker = intruder(world, [...plans.keys()], random);
    const work = async () => {
      for (const task of world.queue.take()) if (isForExecutor(task)) await unlessUnreadable(executor.perform(task));
    };
    attacker.copy();
    // Somebody has approved before somebody else denies: without the denial it would be approved.
    for (const [planId, { standing }] of plans) {
      const decided = async (by: string, kind: 'approve' | 'deny') =>
        expect(await decide(world, { planId, by, kind, gateway })).toMatchObject({ status: 'noted' });
      if (standing === 'acted') {
        await decided(WHO.bob, 'approve');
        attacker.copy();
        await work();
      }
      // Both at once: both are taken, and the denial wins as long as it is there.
      if (standing === 'denied') await Promise.all([decided(WHO.bob, 'approve'), decided(WHO.eve, 'deny')]);
      attacker.copy();
    }
    expect(world.done()).toHaveLength(REMEDIES.length);
    for (const [planId, { standing }] of plans)
      if (standing === 'denied') expect((await world.store.plans.read(planId)).decisions).toHaveLength(2);
    for (const [planId, { standing }] of plans)
      if (standing === 'approved') expect(await decide(world, { planId, by: WHO.bob, gateway })).toMatchObject({ status: 'noted' });
    attacker.copy();

    const happened: string[] = [];
    for (let mutation = 0; mutation < MUTATIONS; mutation++) {
      const { planId, what } = attacker.attack();
      happened.push(what);
      await unlessUnreadable(settlePlan(planId, gateway.parts));
      if (mutation % 100 === 0) await gateway.settle();
      await work();
      world.forward(random.below(4_000));
      if (mutation % 250 === 0) attacker.copy();
      // Somebody takes a change back by hand, so that it could be made again.
      const app = plans.get(planId)?.app ?? '';
      if (mutation % 5 === 0) putApplication(world.cluster.store, app);
      const of = (its: string) =>
        world.done().filter(({ request }) => request.endsWith(`/${its}`) || request.includes(`/${its}-new-0`)).length;
      const standing = plans.get(planId)?.standing;
      const most = standing === 'approved' || standing === 'acted' ? 1 : 0;
      if (of(app) > most) throw new Error(`${app} was written ${of(app)} times, the last time after ${happened.slice(-10).join(', ')}`);
    }
    expect(world.done().length).toBeLessThanOrEqual(2 * REMEDIES.length);
    // Every way of it was tried often.
    const times = Map.groupBy(happened, (what) => what);
    expect(Math.min(...[...times.values()].map(({ length }) => length))).toBeGreaterThan(100);
    expect(kept(world.cluster.store, 'ConfigMap', 'imagepull-freeze', 'imagepull')?.['data']).toEqual({ frozen: 'false' });
  });
});
