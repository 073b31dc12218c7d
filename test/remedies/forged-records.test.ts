import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Order } from '../../src/approval/order.ts';
import type { PlanRecord } from '../../src/approval/plan-record.ts';
import { type Sealed, seal, unseal } from '../../src/approval/sealed.ts';
import { newKeys } from '../support/signing-keys.ts';
import { freeze, kept, putApplication, thaw } from './applications.ts';
import { approved, decide, perform, proposed } from './journey.ts';
import { CLUSTER, ORGANISATION, type PlanWorld, planWorld, WHO } from './plan-world.ts';

let world: PlanWorld;
let count = 0;
beforeAll(async () => {
  world = await planWorld();
});
afterAll(() => world.stop());

const newApp = () => `forged-${++count}`;
const stranger = newKeys();
const change = (planId: string, how: (record: PlanRecord) => PlanRecord) => world.store.plans.update(planId, how);
const apply = (planId: string) => world.executor().perform({ kind: 'apply', cluster: CLUSTER, planId, delayMs: 0 });
const isApproval = ({ content }: Sealed<unknown>) => JSON.stringify(content).includes('"kind":"approve"');
const writesOf = (app: string) =>
  world.done().filter(({ request }) => request.endsWith(`/${app}`) || request.includes(`/${app}-new-0`)).length;
const freezeNow = () => kept(world.cluster.store, 'ConfigMap', 'imagepull-freeze', 'imagepull')?.['data'];

function order(given: Partial<Order> = {}, sign = world.keys.gateway.sign) {
  const by = [WHO.ann, WHO.bob].map((user) => ({ organisation: ORGANISATION, user }));
  return seal('order', { id: `order-${++count}`, cluster: CLUSTER, freeze: false, by, at: world.now().toISOString(), ...given }, sign);
}
const obey = (sealed: ReturnType<typeof order>) =>
  world.executor().perform({ kind: 'order', cluster: CLUSTER, orderId: sealed.content.id, order: sealed });

describe('a record that was put together by somebody else', () => {
  it('carries out no plan by the grant of another one', async () => {
    const [app, other] = [newApp(), newApp()];
    const waiting = await proposed(world, { app, remedy: 'roll-back' });
    const { grant } = await world.store.plans.read(await approved(world, { app: other, remedy: 'roll-back' }));
    await change(waiting, (record) => ({ ...record, ...(grant === undefined ? {} : { grant }) }));
    await apply(waiting);
    expect((await world.store.plans.read(waiting)).execution).toMatchObject({
      status: 'refused',
      says: expect.stringContaining('for another plan'),
    });
    expect(writesOf(app)).toBe(0);
    world.queue.take();
  });

  it('carries out no plan under the name of another one, whose leave it has', async () => {
    const [app, other] = [newApp(), newApp()];
    const waiting = await proposed(world, { app, remedy: 'roll-back' });
    const { grant, proposal } = await world.store.plans.read(await approved(world, { app: other, remedy: 'roll-back' }));
    if (grant === undefined || proposal === undefined) throw new Error('nothing was granted');
    await change(waiting, (record) => ({ ...record, grant, proposal }));
    await apply(waiting);
    expect((await world.store.plans.read(waiting)).execution?.status).toBe('refused');
    expect([writesOf(app), writesOf(other)]).toEqual([0, 0]);
    world.queue.take();
  });

  it('is shown to nobody to decide about where a stranger signed the plan, and is not carried out', async () => {
    const app = newApp();
    const planId = await approved(world, { app, remedy: 'roll-back' });
    await change(planId, (record) => {
      const { content } = record.proposal ?? {};
      return { ...record, proposal: { content, signature: stranger.sign('anything') } };
    });
    expect(await world.standing(planId)).toEqual({ phase: 'unsigned' });
    expect(
      await world.gateway().desk.review({ person: { user: WHO.bob }, planId, digest: '0'.repeat(64), opens: 'approve' }),
    ).toMatchObject({
      status: 'refused',
    });
    await apply(planId);
    expect((await world.store.plans.read(planId)).execution).toMatchObject({
      status: 'refused',
      says: expect.stringContaining('not one that an executor'),
    });
    expect(writesOf(app)).toBe(0);
    world.queue.take();
  });

  it('is no plan where the wish is of another one, so nobody decides about it', async () => {
    const planId = await proposed(world, { app: newApp(), remedy: 'roll-back' });
    const other = await world.store.plans.read(await proposed(world, { app: newApp(), remedy: 'roll-back' }));
    await change(planId, (record) => ({ ...record, wish: other.wish }));
    expect(await world.standing(planId)).toEqual({ phase: 'unsigned' });
  });

  it('has no plan made where the gateway has not signed the wish', async () => {
    const planId = await proposed(world, { app: newApp(), remedy: 'roll-back' });
    await change(planId, ({ proposal: _, ...record }) => ({ ...record, wish: { ...record.wish, signature: stranger.sign('anything') } }));
    await world.executor().perform({ kind: 'plan', cluster: CLUSTER, planId });
    const { closed, proposal } = await world.store.plans.read(planId);
    expect(closed?.says).toContain('not signed by the gateway');
    expect(proposal).toBeUndefined();
  });

  it('does nothing a second time where an executor finds an old one, though it knows nothing of the first and the object is as it was', async () => {
    const app = newApp();
    const planId = await approved(world, { app, remedy: 'delete-pod' });
    const old = await world.store.plans.read(planId);
    await perform(world);
    expect(writesOf(app)).toBe(1);
    await change(planId, ({ revision }) => ({ ...old, revision }));
    // A process that was started just now, so it remembers nothing.
    await apply(planId);
    expect((await world.store.plans.read(planId)).execution?.status).not.toBe('applied');
    expect(writesOf(app)).toBe(1);
    world.queue.take();
  });

  it('does nothing a second time while the process lives that did it once, even where somebody has taken the change back', async () => {
    const app = newApp();
    const planId = await approved(world, { app, remedy: 'roll-back' });
    const old = await world.store.plans.read(planId);
    const executor = world.executor();
    await perform(world, executor);
    putApplication(world.cluster.store, app);
    await change(planId, ({ revision }) => ({ ...old, revision }));
    world.content.claims.clear();
    await executor.perform({ kind: 'apply', cluster: CLUSTER, planId, delayMs: 0 });
    expect(writesOf(app)).toBe(1);
    // And what is known to be true is written down again.
    expect((await world.store.plans.read(planId)).execution?.status).toBe('applied');
  });

  it('brings no approval back by taking a denial away, while the process lives that took it', async () => {
    const app = newApp();
    const gateway = world.gateway();
    const planId = await proposed(world, { app, remedy: 'roll-back', gateway });
    await Promise.all([decide(world, { planId, by: WHO.bob, gateway }), decide(world, { planId, by: WHO.eve, kind: 'deny', gateway })]);
    await change(planId, ({ closed: _, ...record }) => ({ ...record, decisions: record.decisions.filter(isApproval) }));
    expect(await world.standing(planId)).toMatchObject({ status: { status: 'approved' } });
    await gateway.settle();
    await perform(world);
    expect((await world.store.plans.read(planId)).closed).toMatchObject({ as: 'voided', says: 'It was denied.' });
    expect(writesOf(app)).toBe(0);
  });
});

describe('an order to end a freeze', () => {
  it('ends one, and no later one, whoever delivers it again', async () => {
    freeze(world.cluster.store, 'first');
    const one = order();
    expect(await obey(one)).toEqual({ status: 'done' });
    expect(freezeNow()).toMatchObject({ frozen: 'false' });
    expect(await obey(order({ freeze: true, reason: 'second' }))).toEqual({ status: 'done' });
    world.forward(10_000);
    expect(await obey(one)).toMatchObject({ status: 'refused', says: expect.stringContaining('carried out already') });
    expect(freezeNow()).toMatchObject({ frozen: 'true' });
    expect(await obey(order())).toEqual({ status: 'done' });
  });

  it.each([
    ['a stranger signed it', () => order({}, stranger.sign)],
    ['it is for another cluster', () => order({ cluster: 'other' })],
    ['one admin gave it twice', () => order({ by: [WHO.ann, WHO.ann].map((user) => ({ organisation: ORGANISATION, user })) })],
    ['one of both is no admin', () => order({ by: [WHO.ann, WHO.mallory].map((user) => ({ organisation: ORGANISATION, user })) })],
    ['they are of another organisation', () => order({ by: [WHO.ann, WHO.bob].map((user) => ({ organisation: 'T0OTHER', user })) })],
    ['it is older than a minute', () => order({ at: new Date(world.now().getTime() - 61_000).toISOString() })],
  ])('ends none where %s', async (_, given) => {
    world.forward(1_000);
    freeze(world.cluster.store, 'an incident');
    expect(await obey(given())).toMatchObject({ status: 'refused' });
    expect(freezeNow()).toMatchObject({ frozen: 'true' });
  });
});

describe('a task', () => {
  it('makes no plan of what was wished for another cluster', async () => {
    thaw(world.cluster.store);
    const planId = await proposed(world, { app: newApp(), remedy: 'roll-back' });
    await change(planId, ({ proposal: _, ...record }) => {
      const wish = unseal('wish', record.wish, world.keys.gateway.verify);
      if (wish === undefined) throw new Error('the wish is not signed');
      return { ...record, cluster: 'other', wish: seal('wish', { ...wish, cluster: 'other' }, world.keys.gateway.sign) };
    });
    await world.executor().perform({ kind: 'plan', cluster: CLUSTER, planId });
    expect((await world.store.plans.read(planId)).closed?.says).toContain('for another cluster');
  });
});
