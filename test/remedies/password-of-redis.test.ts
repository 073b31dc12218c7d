import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApprovalPolicy } from '../../src/approval/policy.ts';
import { asCodedError, CodedError } from '../../src/errors.ts';
import type { Executor } from '../../src/executor/executor.ts';
import { settlePlan } from '../../src/intake/plans/settle.ts';
import { kept, putApplication } from './applications.ts';
import { intruder } from './intruder.ts';
import { decide, isForExecutor, proposed } from './journey.ts';
import { type Gateway, ORGANISATION, type PlanWorld, planWorld, WHO } from './plan-world.ts';
import { seeded } from './seeded.ts';

/** In so many worlds: a store that was attacked for long is of no more use to anybody. */
const WORLDS = 20;
const MUTATIONS = 500;
const REMEDIES = ['roll-back', 'set-image', 'delete-pod'] as const;
/** How plans stand when somebody gets at the store. */
const STANDINGS = ['waiting', 'approved', 'denied', 'acted'] as const;
/** Plans live long enough to be attacked for hours. */
const POLICY = ApprovalPolicy.parse({
  version: 1,
  organisation: ORGANISATION,
  admins: { users: [WHO.ann, WHO.bob] },
  rules: [{ name: 'all', approvers: { users: [WHO.bob, WHO.eve] }, approvals: 1, expiresAfter: '24h' }],
});

let world: PlanWorld;
const happened: string[] = [];
beforeEach(async () => {
  world = await planWorld(POLICY);
});
afterEach(() => world.stop());

/** What the store may throw at whoever reads what is in it by now. */
const EXPECTED = ['store/unreadable', 'store/newer', 'store/not-found', 'store/exists', 'plan/not-signed', 'engine/unknown-cluster'];

async function unlessUnreadable(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    if (!(cause instanceof CodedError) || !EXPECTED.includes(asCodedError(cause).code)) throw cause;
  }
}

/** How a plan stands when it is first attacked, and what it is about. */
interface Attacked {
  readonly planId: string;
  readonly app: string;
  readonly standing: (typeof STANDINGS)[number];
}

/** Plans to attack, one of each remedy for each standing; copies are taken of everything in between. */
async function plansToAttack(
  gateway: Gateway,
  executor: Executor,
  copy: (planIds: readonly string[]) => void,
): Promise<readonly Attacked[]> {
  const plans: Attacked[] = [];
  for (const standing of STANDINGS)
    for (const remedy of REMEDIES) {
      const app = `${standing}-${remedy}`;
      plans.push({ standing, app, planId: await proposed(world, { app, remedy, gateway }) });
    }
  const planIds = plans.map(({ planId }) => planId);
  const all = async (wanted: Attacked['standing'], how: (planId: string) => Promise<unknown>) => {
    copy(planIds);
    for (const { planId, standing } of plans) if (standing === wanted) await how(planId);
    copy(planIds);
  };
  const decided = async (planId: string, by: string, kind: 'approve' | 'deny') =>
    expect(await decide(world, { planId, by, kind, gateway })).toMatchObject({ status: 'noted' });
  await all('acted', (planId) => decided(planId, WHO.bob, 'approve'));
  await work(executor);
  // Both at once: both are taken, and the denial wins as long as it is there.
  await all('denied', (planId) => Promise.all([decided(planId, WHO.bob, 'approve'), decided(planId, WHO.eve, 'deny')]));
  for (const { planId, standing } of plans)
    if (standing === 'denied') expect((await world.store.plans.read(planId)).decisions).toHaveLength(2);
  expect(world.done()).toHaveLength(REMEDIES.length);
  await all('approved', (planId) => decided(planId, WHO.bob, 'approve'));
  return plans;
}

async function work(executor: Executor): Promise<void> {
  for (const task of world.queue.take()) if (isForExecutor(task)) await unlessUnreadable(executor.perform(task));
}

const writesOf = (app: string) =>
  world.done().filter(({ request }) => request.endsWith(`/${app}`) || request.includes(`/${app}-new-0`)).length;

describe('somebody with the password of Redis', () => {
  const seeds = Array.from({ length: WORLDS }, (_, at) => at + 1);
  it.each(seeds)(
    `has nothing changed that people have not approved, and nothing twice, by ${MUTATIONS} changes of store %i`,
    async (seed) => {
      const gateway = world.gateway();
      const executor = world.executor();
      const random = seeded(seed);
      const attacker = intruder(world, random);
      const plans = await plansToAttack(gateway, executor, attacker.copy);
      for (let mutation = 0; mutation < MUTATIONS; mutation++) {
        const { planId, what } = attacker.attack();
        happened.push(what);
        await unlessUnreadable(settlePlan(planId, gateway.parts));
        if (mutation % 100 === 0) await gateway.settle();
        await work(executor);
        world.forward(random.below(4_000));
        if (mutation % 250 === 0) attacker.copy(plans.map((plan) => plan.planId));
        const { app = '', standing } = plans.find((plan) => plan.planId === planId) ?? {};
        // Somebody takes a change back by hand, so that it could be made again.
        if (mutation % 5 === 0) putApplication(world.cluster.store, app);
        const most = standing === 'approved' || standing === 'acted' ? 1 : 0;
        if (writesOf(app) > most) throw new Error(`${app} was written ${writesOf(app)} times, after ${happened.slice(-10).join(', ')}`);
      }
      expect(world.done().length).toBeLessThanOrEqual(2 * REMEDIES.length);
      expect(kept(world.cluster.store, 'ConfigMap', 'imagepull-freeze', 'imagepull')?.['data']).toEqual({ frozen: 'false' });
    },
  );

  it('tried every way of it often', () => {
    expect(happened).toHaveLength(WORLDS * MUTATIONS);
    const times = Map.groupBy(happened, (what) => what);
    expect(Math.min(...[...times.values()].map(({ length }) => length))).toBeGreaterThan(100);
  });
});
