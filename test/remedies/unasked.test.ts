import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unseal } from '../../src/approval/sealed.ts';
import { probeUnasked } from '../../src/intake/plans/unasked.ts';
import { plansOf } from '../../src/store/kinds.ts';
import { concludedRun, incidentObject, runObject } from '../support/incidents.ts';
import { proposed } from './journey.ts';
import { CHANNEL, CLUSTER, type Gateway, type PlanWorld, planWorld } from './plan-world.ts';

let world: PlanWorld;
let gateway: Gateway;
beforeEach(async () => {
  world = await planWorld();
  gateway = world.gateway();
});
afterEach(() => world.stop());

const IMAGE = {
  kind: 'container',
  name: 'app',
  image: 'registry.example/shop/web:1',
  state: { status: 'failing', reason: 'ErrImagePull' },
} as const;

/** A finished run about a pod on a node, with its incident. */
async function finished(
  id: string,
  given: { readonly family?: 'network' | 'image'; readonly node?: string; readonly places?: boolean } = {},
): Promise<void> {
  const { family = 'network', node = 'node-1', places = true } = given;
  const run = concludedRun({ id, incidentId: `of-${id}` }, 'network-timeout');
  if (!run.conclusion) throw new Error('it has no conclusion');
  const conclusion = { ...run.conclusion, container: 'app', verdict: { ...run.conclusion.verdict, family } };
  await world.store.incidents.create(
    incidentObject({ id: `of-${id}`, pod: id, cluster: CLUSTER, places: places ? [{ channel: CHANNEL }] : [] }),
  );
  await world.store.runs.create({ ...run, target: { ...run.target, cluster: CLUSTER, node, images: [IMAGE] }, conclusion });
}
const probe = (runId: string) => probeUnasked(runId, { ...gateway.parts, withNodeTasks: [CLUSTER] });
const plans = async () => (await world.store.plans.list({ index: plansOf(CLUSTER), limit: 10 })).records;

describe('a probe that nobody asks for', () => {
  it('is wished for by the gateway in nobody’s name, and made by executors', async () => {
    await finished('r');
    await probe('r');
    const [record] = await plans();
    const wish = unseal('wish', record?.wish, gateway.parts.verify.gateway);
    expect(wish).toMatchObject({
      remedy: { id: 'probe-node', node: 'node-1', look: 'probe', image: IMAGE.image },
      requesters: [],
      place: { channel: CHANNEL, shared: false },
    });
    // It stands in nobody's way.
    expect((await world.store.runs.read('r')).plan).toBeUndefined();
  });

  it('is wished for once for a node and a registry, however many pods fail', async () => {
    await finished('r');
    await finished('s');
    await finished('t', { node: 'node-2' });
    for (const id of ['r', 's', 't', 'r']) await probe(id);
    expect(await plans()).toHaveLength(2);
  });

  it.each([
    ['a look from the node tells nothing more', () => finished('r', { family: 'image' })],
    ['the incident is told nowhere', () => finished('r', { places: false })],
    [
      'its channel is shared with another organisation',
      async () => {
        world.people.shared = true;
        await finished('r');
      },
    ],
    [
      'the run has not ended',
      async () => {
        await world.store.incidents.create(incidentObject({ id: 'of-r', cluster: CLUSTER, places: [{ channel: CHANNEL }] }));
        await world.store.runs.create(runObject({ id: 'r', incidentId: 'of-r' }));
      },
    ],
  ])('is not wished for where %s', async (_, given) => {
    await given();
    await probe('r');
    expect(await plans()).toEqual([]);
  });

  it('is nothing that people decide about, and over where no executor takes it', async () => {
    await finished('r');
    await probe('r');
    const [record] = await plans();
    if (!record) throw new Error('there is no plan');
    // One that says no: nothing runs on nodes there.
    await world.executor().perform({ kind: 'plan', cluster: CLUSTER, planId: record.id });
    expect((await world.store.plans.read(record.id)).closed?.says).toContain('clusters[].nodeTasks');
    await finished('s', { node: 'node-3' });
    await probe('s');
    const other = (await plans()).find(({ runId }) => runId === 's');
    await gateway.settle();
    expect((await world.store.plans.read(other?.id ?? '')).closed).toBeUndefined();
    world.forward(6 * 60_000);
    await gateway.settle();
    expect((await world.store.plans.read(other?.id ?? '')).closed).toMatchObject({ as: 'expired', says: 'No executor took it in time.' });
  });
});

describe('a plan that waits', () => {
  it('holds no longer once more was found about its run', async () => {
    const planId = await proposed(world, { app: 'web', remedy: 'roll-back', gateway });
    expect(await world.standing(planId)).toMatchObject({ phase: 'deciding', status: { status: 'waiting' } });
    await world.store.runs.update('run-web', (run) => ({
      ...run,
      findings: [...run.findings, { code: 'endpoint/timeout', says: 'From the node: a timeout.', evidence: [] }],
    }));
    expect(await world.standing(planId)).toMatchObject({
      status: { status: 'voided', because: expect.stringMatching(/^More was found since/) },
    });
  });
});
