import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectWriter } from '../../src/cluster/writing/object-writer.ts';
import { BAD, freeze, kept, put, putApplication, thaw } from './applications.ts';
import { approved, type Doing, decide, perform, proposed } from './journey.ts';
import { CLUSTER, type PlanWorld, planWorld, WHO } from './plan-world.ts';

let world: PlanWorld;
let count = 0;
beforeAll(async () => {
  world = await planWorld();
});
afterAll(() => world.stop());

/** A gate at which calls stop until it opens. */
function gate() {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    open: () => opened.resolve(),
    async pass() {
      reached.resolve();
      await opened.promise;
    },
  };
}

/** An executor that is stopped just before its write, as SIGSTOP would stop it. Its locks have ended by the time it goes on. */
function stoppedBeforeWrite() {
  const { reached, open, pass } = gate();
  const writer: ObjectWriter = {
    ...world.writer,
    async patch(object, patch, options) {
      if (!options.dryRun) await pass();
      return world.writer.patch(object, patch, options);
    },
    async delete(object, preconditions, options) {
      if (!options.dryRun) await pass();
      return world.writer.delete(object, preconditions, options);
    },
  };
  return { reached, open, executor: world.executor({ writer }) };
}

const writesOf = (app: string) =>
  world.done().filter(({ request }) => request.endsWith(`/${app}`) || request.includes(`/${app}-new-0`)).length;
const imageOf = (app: string) => JSON.stringify(kept(world.cluster.store, 'Deployment', app)?.['spec']);
const executionOf = async (planId: string) => (await world.store.plans.read(planId)).execution;
const apply = (planId: string, executor = world.executor()) => executor.perform({ kind: 'apply', cluster: CLUSTER, planId, delayMs: 0 });

/** Approves a plan, stops an executor before its write, lets the world move on, and lets the executor go on. */
async function held(remedy: Doing, meanwhile: (app: string, planId: string) => Promise<unknown>) {
  const app = `held-${++count}`;
  const planId = await approved(world, { app, remedy });
  world.queue.take();
  const { reached, open, executor } = stoppedBeforeWrite();
  const acting = apply(planId, executor);
  await reached;
  // What a stopped process had taken for itself is free again.
  world.content.busy.clear();
  await meanwhile(app, planId);
  open();
  await acting;
  return { app, planId, execution: await executionOf(planId) };
}

const bothWays = ['delete-pod', 'roll-back', 'set-image'] as const;

describe('an executor that is held just before its write', () => {
  it.each(bothWays)(
    'writes nothing more where a second one has carried out %s meanwhile, and does not say that nothing was done',
    async (remedy) => {
      const { app, execution } = await held(remedy, (_, planId) => apply(planId));
      expect(writesOf(app)).toBe(1);
      expect(execution?.status).toBe('applied');
    },
  );

  it.each(bothWays)('writes once where a second one is held at %s as well, whichever goes on first', async (remedy) => {
    for (const first of [0, 1]) {
      const second = stoppedBeforeWrite();
      let other: Promise<unknown> = Promise.resolve();
      const { app, planId } = await held(remedy, async (_, id) => {
        other = apply(id, second.executor);
        await second.reached;
        if (first === 1) {
          second.open();
          await other;
        }
      });
      second.open();
      await other;
      expect([first, writesOf(app)]).toEqual([first, 1]);
      expect([first, (await executionOf(planId))?.status]).toEqual([first, 'applied']);
    }
  });

  it.each(['roll-back', 'set-image'] as const)('does nothing for %s where somebody has changed the object', async (remedy) => {
    const { app, execution } = await held(remedy, async (name) => {
      putApplication(world.cluster.store, name, BAD.replace(/2$/, '7'));
    });
    expect(writesOf(app)).toBe(0);
    expect(imageOf(app)).toContain('web:7');
    expect(execution).toMatchObject({ status: 'refused', says: expect.stringContaining('Nothing was done') });
  });

  it('finds that the change is there where a second one has made it and died before it could say so', async () => {
    const { audit } = world.gateway().parts;
    const dying = world.executor({
      audit: {
        async write(event) {
          if (event.kind === 'execution') throw new Error('it has died');
          return audit.write(event);
        },
      },
    });
    const { app, execution } = await held('roll-back', async (_, planId) => {
      await expect(apply(planId, dying)).rejects.toThrow('it has died');
    });
    expect(writesOf(app)).toBe(1);
    expect(execution?.status).toBe('applied');
  });

  it('deletes no other pod that has the name by now', async () => {
    const { app, execution } = await held('delete-pod', async (name) => {
      const pod = kept(world.cluster.store, 'Pod', `${name}-new-0`);
      if (pod === undefined) throw new Error('there is no pod');
      await world.writer.delete({ kind: 'Pod', namespace: 'shop', name: `${name}-new-0` }, { uid: pod.metadata.uid }, { dryRun: false });
      put(world.cluster.store, 'Pod', { ...pod, metadata: { ...pod.metadata, uid: `another-${name}` } });
    });
    // The one deletion is that of somebody else.
    expect(writesOf(app)).toBe(1);
    expect(kept(world.cluster.store, 'Pod', `${app}-new-0`)?.metadata.uid).toBe(`another-${app}`);
    expect(execution?.status).toBe('applied');
  });

  it('pins what was chosen, though the tag has moved meanwhile', async () => {
    const tag = BAD.replace(/2$/, '3');
    const before = world.digestOf(tag);
    const { app } = await held('set-image', async () => void world.tags.set(tag, `sha256:${'f'.repeat(64)}`));
    world.tags.clear();
    expect(writesOf(app)).toBe(1);
    expect(imageOf(app)).toContain(`${tag}@${before}`);
  });

  it('is let no second one follow where the freeze has begun meanwhile', async () => {
    const { app, execution } = await held('roll-back', async (_, planId) => {
      freeze(world.cluster.store, 'incident');
      await apply(planId);
    });
    thaw(world.cluster.store);
    // One that was on its way already may arrive.
    expect(writesOf(app)).toBeLessThanOrEqual(1);
    expect(execution?.status).toBe('applied');
  });
});

describe('what has changed since people approved', () => {
  it('ends a plan though the change would be the same one: something else of the object is another', async () => {
    const app = `held-${++count}`;
    const planId = await approved(world, { app, remedy: 'set-image' });
    world.queue.take();
    const deployment = kept(world.cluster.store, 'Deployment', app);
    if (deployment === undefined) throw new Error('there is no Deployment');
    put(world.cluster.store, 'Deployment', { ...deployment, spec: { ...Object(deployment['spec']), minReadySeconds: 7 } });
    await apply(planId);
    expect(writesOf(app)).toBe(0);
    expect(await executionOf(planId)).toMatchObject({
      status: 'refused',
      says: expect.stringContaining('has changed since the plan was made'),
    });
  });
});

describe('what changes while an executor is held before its last look', () => {
  /** An executor that is stopped while it has the API server go through the change without storing it. */
  function stoppedAtDryRun() {
    const { reached, open, pass } = gate();
    const writer: ObjectWriter = {
      ...world.writer,
      async patch(object, patch, options) {
        const answer = await world.writer.patch(object, patch, options);
        await pass();
        return answer;
      },
    };
    return { reached, open, executor: world.executor({ writer }) };
  }

  async function whileTried(
    meanwhile: () => Promise<unknown>,
    prepared = approved(world, { app: `tried-${++count}`, remedy: 'roll-back' }),
  ) {
    const app = `tried-${count}`;
    const planId = await prepared;
    world.queue.take();
    const { reached, open, executor } = stoppedAtDryRun();
    const acting = apply(planId, executor);
    await reached;
    await meanwhile();
    open();
    await acting;
    return { planId, writes: writesOf(app), execution: await executionOf(planId) };
  }

  it('is heeded where it is a freeze', async () => {
    const { writes, execution } = await whileTried(async () => freeze(world.cluster.store, 'incident'));
    thaw(world.cluster.store);
    expect(writes).toBe(0);
    expect(execution).toMatchObject({ status: 'refused', says: expect.stringContaining('frozen: incident') });
  });

  it('is heeded where it is a denial that was on its way when the last approval came', async () => {
    const app = `tried-${++count}`;
    const planId = await proposed(world, { app, remedy: 'roll-back' });
    const { reached, open, pass } = gate();
    const { audit } = world.gateway().parts;
    const slow = {
      async write(event: Parameters<typeof audit.write>[0]) {
        await pass();
        return audit.write(event);
      },
    };
    const denying = decide(world, { planId, by: WHO.eve, kind: 'deny', gateway: world.gateway({ audit: slow }) });
    await reached;
    const granted = decide(world, { planId, by: WHO.bob }).then(() => planId);
    const { writes, execution } = await whileTried(async () => {
      open();
      expect(await denying).toMatchObject({ status: 'noted' });
    }, granted);
    expect(writes).toBe(0);
    expect(execution).toBeUndefined();
    expect((await world.store.plans.read(planId)).closed).toMatchObject({ as: 'denied' });
    await perform(world);
    expect(writesOf(app)).toBe(0);
  });
});
