import { afterEach, describe, expect, it } from 'vitest';
import type { Remedy } from '../../../src/approval/remedy.ts';
import { resourceOfKind } from '../../../src/demo/cluster/resources.ts';
import {
  DELETE_POD,
  type ExecutorWorld,
  type ExecutorWorldOptions,
  executorWorld,
  RESTART,
  ROLL_BACK,
  saysOf,
  WEB,
} from '../../support/executor-world.ts';
import { BAD, brokenRollout, type Fields, GOOD } from '../../support/remedy-objects.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

const start = async (options?: ExecutorWorldOptions): Promise<void> => {
  world = await executorWorld(options);
};

const events = () => [...world.server.store.range(resourceOfKind('Event'), { prefix: '', from: '' })].map(([, event]) => event);

/** What a webhook makes of a Deployment. */
const SCALED = [{ op: 'replace', path: '/spec/replicas', value: 1, from: '' }];

describe('a plan that was granted', () => {
  it('is carried out once, marks the object, writes an event beside it, and tells what it did', async () => {
    await start();
    const record = await world.carryOut(ROLL_BACK);
    expect(record.execution).toMatchObject({ status: 'applied', says: 'Deployment web was changed.' });
    expect(world.specNow()).toContain(GOOD);
    expect(world.specNow()).not.toContain(BAD);
    expect(world.markOf()).toBe(record.id);
    expect(world.writes).toEqual(['PATCH /apis/apps/v1/namespaces/shop/deployments/web']);
    expect(await world.audited()).toEqual(['proposal', 'intent', 'execution']);
    expect(world.told.map(({ type }) => type)).toEqual(['plan-approved', 'plan-applied']);
    expect(events()).toEqual([
      expect.objectContaining({
        reason: 'ImagepullRemedy',
        type: 'Normal',
        message: expect.stringContaining(`Plan ${record.id}.`),
        involvedObject: expect.objectContaining({ kind: 'Deployment', name: 'web', uid: 'uid-web' }),
      }),
    ]);
    expect(world.tasks.at(-1)).toMatchObject({ kind: 'look', planId: record.id });
    await world.apply(record);
    await world.apply(record);
    expect(world.writes).toHaveLength(1);
  });

  it('deletes the very pod', async () => {
    await start();
    expect((await world.carryOut(DELETE_POD)).execution).toMatchObject({ status: 'applied', says: 'Pod web-r2-0 was deleted.' });
    expect(world.get('Pod', 'web-r2-0')?.metadata.deletionTimestamp).toBeDefined();
    expect(world.writes).toEqual(['DELETE /api/v1/namespaces/shop/pods/web-r2-0']);
  });

  it('is carried out though no event can be written beside the object', async () => {
    await start();
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    world.server.faults.add({ status: 403, path: /\/events/ }, 9);
    expect((await world.apply(record)).execution?.status).toBe('applied');
    expect(events()).toEqual([]);
  });

  it('waits for leave, and for new leave where that has run out', async () => {
    await start();
    const record = await world.propose(ROLL_BACK);
    expect((await world.apply(record)).execution).toBeUndefined();
    await world.grant(record);
    world.forward(60_000);
    expect((await world.apply(record)).execution).toBeUndefined();
    await world.grant(record);
    expect((await world.apply(record)).execution?.status).toBe('applied');
  });

  it('is not carried out after its end, though it was granted', async () => {
    await start();
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    world.forward(30 * 60_000);
    expect((await world.apply(record)).execution).toMatchObject({ status: 'refused', says: 'The plan has expired. Nothing was done.' });
    expect(world.writes).toEqual([]);
  });

  it('is not carried out by leave that another plan was given', async () => {
    await start();
    const [one, other] = [await world.propose(ROLL_BACK), await world.propose(RESTART)];
    await world.grant(other);
    const { grant } = await world.store.plans.read(other.id);
    if (grant === undefined) throw new Error('there is no grant');
    await world.store.plans.update(one.id, (known) => ({ ...known, grant }));
    expect((await world.apply(one)).execution).toMatchObject({
      status: 'refused',
      says: 'The grant is for another plan than the one that is stored. Nothing was done.',
    });
    expect(world.writes).toEqual([]);
  });

  it('says so where the answer is another one than that of the dry run', async () => {
    await start();
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    world.server.admission.add({
      kind: 'mutating',
      name: 'mirror.example',
      review: ({ kind, dryRun }) => (kind === 'Deployment' && !dryRun ? { allowed: true, patch: SCALED } : { allowed: true }),
    });
    expect(saysOf(await world.apply(record))).toBe('Deployment web was changed, and not as the dry run said: look at it.');
  });

  it('is not carried out where admission would make something else of it by now', async () => {
    await start();
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    world.server.admission.add({
      kind: 'mutating',
      name: 'mirror.example',
      review: ({ kind }) => (kind === 'Deployment' ? { allowed: true, patch: SCALED } : { allowed: true }),
    });
    expect(saysOf(await world.apply(record))).toContain('the API server would make something else of it now.');
    expect(world.writes).toEqual([]);
  });
});

describe('the limit of remedies within an hour', () => {
  it('ends the plan that would go beyond it, and holds no longer than an hour', async () => {
    await start({ objects: ['web', 'api', 'job'].flatMap((name) => brokenRollout('Deployment', name)), executor: { perHour: 1 } });
    const of = (name: string): Remedy => ({ id: 'restart-workload', workload: { ...WEB, name } });
    expect((await world.carryOut(of('web'))).execution?.status).toBe('applied');
    expect(saysOf(await world.carryOut(of('api')))).toBe(
      '1 remedies were carried out on prod within an hour, which is the limit (remedies.perHour). Nothing was done.',
    );
    world.forward(60 * 60_000 + 1);
    expect((await world.carryOut(of('job'))).execution?.status).toBe('applied');
  });

  it('does not count what was refused', async () => {
    await start({ executor: { perHour: 1 } });
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    world.change('Deployment', 'web', { spec: { minReadySeconds: 5 } });
    expect((await world.apply(record)).execution?.status).toBe('refused');
    expect((await world.carryOut(RESTART)).execution?.status).toBe('applied');
  });
});

describe('a grant', () => {
  it('is used once: what it allowed and was not done is granted anew', async () => {
    await start();
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    const { grant } = await world.store.plans.read(record.id);
    expect((await world.apply(record)).execution?.status).toBe('applied');
    // Somebody brings the record back as it was, and the cluster too.
    await world.store.plans.update(record.id, ({ execution: _, ...known }) => known);
    world.change('Deployment', 'web', { metadata: { annotations: {} }, spec: brokenRollout('Deployment', 'web')[0]?.['spec'] as Fields });
    await world.apply({ id: record.id });
    expect((await world.store.plans.read(record.id)).grant).toEqual(grant);
    expect(world.writes).toHaveLength(1);
    expect(world.specNow()).toContain(BAD);
  });
});
