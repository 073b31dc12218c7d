import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import { asExecutor } from '../../support/executor-account.ts';
import { CORDON, type ExecutorWorld, type ExecutorWorldOptions, executorWorld, ROLL_BACK } from '../../support/executor-world.ts';
import { BAD, GOOD } from '../../support/remedy-objects.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());

const start = async (options?: ExecutorWorldOptions): Promise<void> => {
  world = await executorWorld(options);
};

describe('a plan that is made', () => {
  it('holds the objects, the change, what the API server says to it, and the digests of policy and findings', async () => {
    await start();
    const record = await world.propose(ROLL_BACK);
    const { plan } = world.proposalOf(record);
    expect(plan).toMatchObject({
      id: record.id,
      cluster: 'prod',
      remedy: { id: 'roll-back', revision: 1 },
      findings: ['pull-error/tag-not-found'],
      risk: 'medium',
      proposedAt: '2026-03-01T10:00:00.000Z',
    });
    expect(plan.dryRun).toBe(`Deployment shop/web\nspec.template.spec.containers[app].image:\n- ${BAD}\n+ ${GOOD}`);
    expect(world.writes).toEqual([]);
    expect(world.specNow()).toContain(BAD);
    expect(await world.audited()).toEqual(['proposal']);
  });

  it('is made once, however often it is asked for', async () => {
    await start();
    const record = await world.propose(ROLL_BACK);
    await world.executor.perform({ kind: 'plan', cluster: 'prod', planId: record.id });
    expect(await world.store.plans.read(record.id)).toEqual(record);
  });

  it('shows nothing of environment and arguments but that they change', async () => {
    await start();
    const template = {
      metadata: { labels: { app: 'web', 'pod-template-hash': 'r1' } },
      spec: { containers: [{ name: 'app', image: GOOD, env: [{ name: 'PASSWORD', value: 'canary-other' }], args: ['--key=canary-key'] }] },
    };
    world.change('ReplicaSet', 'web-r1', { spec: { template } });
    const record = await world.propose(ROLL_BACK);
    const { dryRun } = world.proposalOf(record).plan;
    expect(dryRun).toContain('spec.template.spec.containers[app].env[PASSWORD].value: changes (not shown)');
    expect(dryRun).toContain('spec.template.spec.containers[app].args[0]: changes (not shown)');
    expect(dryRun).not.toContain('canary');
  });

  it('is none where the executor may not write, and the reason has the rule that would allow it', async () => {
    await start({ server: await asExecutor(certificates) });
    const { closed } = await world.propose(ROLL_BACK);
    expect(closed?.as).toBe('refused');
    expect(closed?.says).toMatch(/cannot patch resource "deployments"[\s\S]*patch/);
    expect(await world.audited()).toEqual(['refusal']);
  });

  it('is none where admission refuses it', async () => {
    await start();
    world.server.admission.add({
      kind: 'validating',
      name: 'tickets.example',
      review: ({ kind }) => (kind === 'Deployment' ? { allowed: false, message: 'changes need a ticket' } : { allowed: true }),
    });
    expect((await world.propose(ROLL_BACK)).closed?.says).toContain('changes need a ticket');
  });

  it('is none in the own namespace of the bot, whatever the policy says', async () => {
    await start({ executor: { namespace: 'shop' } });
    world.put({ kind: 'ConfigMap', metadata: { name: 'imagepull-freeze', namespace: 'shop' }, data: { frozen: 'false' } });
    expect((await world.propose(ROLL_BACK)).closed?.says).toBe("Nothing is changed in namespace shop: it is the bot's own.");
  });

  it.each([
    [ROLL_BACK, 'Nothing is changed in namespace shop: executor.namespaces of this cluster does not name it.'],
    [CORDON, 'No node is cordoned or uncordoned here: executor.nodes of this cluster is false.'],
  ])('is none where the configuration of the cluster bars it, which is said before anything of it is read', async (remedy, because) => {
    await start({ executor: { namespaces: ['team-*'], nodes: false } });
    expect((await world.propose(remedy)).closed?.says).toBe(because);
    expect(world.server.requests.filter((request) => !request.includes('imagepull-freeze'))).toEqual([]);
  });

  it('is there where the configuration names the namespace', async () => {
    await start({ executor: { namespaces: ['sh*'], nodes: false } });
    expect((await world.propose(ROLL_BACK)).closed).toBeUndefined();
  });

  it('is none that nobody may approve', async () => {
    await start({ policy: { version: 1, organisation: 'T0WORK', rules: [{ name: 'all' }] } });
    expect((await world.propose(ROLL_BACK)).closed?.says).toContain('add users or groups to approvers of rule "all"');
  });

  it('is none of a wish that no gateway has signed', async () => {
    await start();
    const { id, wish } = await world.propose(ROLL_BACK);
    const content = { ...(wish.content as object), id: 'p-forged-000' };
    await world.store.plans.create({
      ...(await world.store.plans.read(id)),
      id: 'p-forged-000',
      revision: 0,
      wish: { ...wish, content },
    });
    await world.store.plans.update('p-forged-000', ({ proposal: _, ...known }) => known);
    await world.executor.perform({ kind: 'plan', cluster: 'prod', planId: 'p-forged-000' });
    expect((await world.store.plans.read('p-forged-000')).closed).toMatchObject({ as: 'voided', says: 'It is not signed by the gateway.' });
  });
});
