import { describe, expect, it, type TestContext, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/redis.ts';
import { PEOPLE, POLICY, type RemedyService, remedyService } from '../support/remedy-service.ts';
import { newKeys } from '../support/signing-keys.ts';

const { ann, bob, eve, mallory } = PEOPLE;

/** Tests that run side by side are told apart by this. */
type Finished = TestContext['onTestFinished'];

/** A service that ends with its test. */
async function start(finished: Finished, given: Parameters<typeof remedyService>[0] = {}): Promise<RemedyService> {
  const world = await remedyService(given);
  finished(() => world.stop());
  return world;
}

/** The service with a card whose rollback waits for people. */
async function waiting(finished: Finished, given?: Parameters<typeof remedyService>[0]) {
  const world = await start(finished, given);
  const incident = await world.diagnose();
  await incident.click(ann, 'Roll back');
  await incident.says(/to revision 1 needs 1 approval, has 0/);
  return { world, incident };
}

describe.concurrent('the service with remedies', () => {
  it('proposes, has approved, carries out and proves a rollback, and the thread tells it without edits', async ({ onTestFinished }) => {
    const { world, incident } = await waiting(onTestFinished);
    expect(incident.card.text).toMatch(/For: /);
    expect(incident.buttons()).toMatch(/Review …[\s\S]*Deny …/);
    const shown = await incident.decide(bob, 'Review …', 'it ran before');
    expect(shown).toContain(`- ${world.repository}:1.27.4`);
    expect(shown).toContain(`+ ${world.repository}:1.27.3`);
    await incident.says(/^Fixed: 2 of 2 pods have their images/);
    expect(world.image()).toBe(`${world.repository}:1.27.3`);
    expect(incident.buttons()).not.toMatch(/Review|Deny/);
    await eventually(() => expect(incident.replies()).toMatch(/approved plan[\s\S]*it ran before[\s\S]*has helped/));
  });

  it('deletes a pod whose image is there by now', async ({ onTestFinished }) => {
    const world = await start(onTestFinished);
    world.tags.add('1.27.4');
    const incident = await world.diagnose();
    await incident.click(ann, 'Skip the wait: delete the pod');
    await incident.says(/^.*Delete pod shop\/web-r2-0 needs 1 approval/);
    await incident.decide(eve, 'Review …');
    await incident.says(/^Fixed: 1 of 1 pod has its images/);
  });

  it('sets a tag that somebody chose out of proven ones, once two others have approved', async ({ onTestFinished }) => {
    const world = await start(onTestFinished);
    const incident = await world.diagnose();
    await incident.click(ann, 'Set image …');
    const view = () => JSON.stringify(world.slack.workspace.views[0]?.view ?? '');
    await eventually(() => expect(view()).toContain('"value":"1.27.5"'));
    expect(view()).not.toContain('initial_option');
    await world.slack.submit({ user: ann, view: 0, values: { 'imagepull.plan.chosen': '1.27.5' } });
    await incident.says(/to 1.27.5 needs 2 approvals, has 0/);
    await incident.decide(bob, 'Review …');
    await incident.says(/needs 2 approvals, has 1/);
    await incident.decide(eve, 'Review …');
    await incident.says(/^Fixed/);
    expect(world.image()).toMatch(/:1\.27\.5@sha256:[0-9a-f]{64}$/);
  });

  it('ends a plan that is denied, shows the reason, and offers again', async ({ onTestFinished }) => {
    const { world, incident } = await waiting(onTestFinished);
    await incident.decide(eve, 'Deny …', 'release is frozen');
    await incident.says(/was denied: release is frozen/);
    expect(world.image()).toBe(`${world.repository}:1.27.4`);
    expect(incident.buttons()).toMatch(/Roll back/);
    expect(incident.buttons()).not.toMatch(/Review/);
    await eventually(() => expect(incident.replies()).toContain('release is frozen'));
  });

  it('lets whoever asked take a plan back', async ({ onTestFinished }) => {
    const { world, incident } = await waiting(onTestFinished);
    await incident.decide(ann, 'Deny …', 'not needed any more');
    await incident.says(/was denied: not needed any more/);
    expect(world.image()).toBe(`${world.repository}:1.27.4`);
  });

  it('tells those who may not approve why, alone, and the plan goes on waiting', async ({ onTestFinished }) => {
    const { world, incident } = await waiting(onTestFinished, { policy: POLICY.replace(`[${bob}, ${eve}]`, `[${ann}, ${bob}, ${eve}]`) });
    await incident.decide(ann, 'Review …');
    await eventually(() => expect(world.alone(ann)).toContain('proposed the plan'));
    await incident.decide(mallory, 'Review …');
    await eventually(() => expect(world.alone(mallory)).toContain('is not among the approvers'));
    expect(incident.card.text).toMatch(/has 0/);
  });

  it('stops everything while it is frozen, and goes on once two admins have ended that', async ({ onTestFinished }) => {
    const { world, incident } = await waiting(onTestFinished);
    await world.command(mallory, 'freeze INC-7');
    await eventually(() =>
      expect(world.cluster.get('ConfigMap', 'imagepull-freeze', 'imagepull')?.['data']).toMatchObject({ frozen: 'true' }),
    );
    await incident.decide(bob, 'Review …');
    await incident.says(/Remedies are frozen: INC-7/);
    expect(world.image()).toBe(`${world.repository}:1.27.4`);
    await world.command(mallory, 'unfreeze');
    await eventually(() => expect(world.alone(mallory)).toContain('Only admins may end a freeze'));
    await world.command(ann, 'unfreeze');
    await eventually(() => expect(world.alone(ann)).toContain('One more admin has to say so'));
    expect(world.cluster.get('ConfigMap', 'imagepull-freeze', 'imagepull')?.['data']).toMatchObject({ frozen: 'true' });
    await world.command(bob, 'unfreeze');
    await eventually(() =>
      expect(world.cluster.get('ConfigMap', 'imagepull-freeze', 'imagepull')?.['data']).toMatchObject({ frozen: 'false' }),
    );
    await incident.click(ann, 'Roll back');
    await incident.says(/needs 1 approval, has 0/);
    await incident.decide(bob, 'Review …');
    await incident.says(/^Fixed/);
  });

  it('has no button where the policy names nobody, and the card names the setting', async ({ onTestFinished }) => {
    const world = await start(onTestFinished, { policy: 'version: 1\norganisation: T0DEMO\nrules: [{ name: all }]\n' });
    const incident = await world.diagnose();
    expect(incident.card.text).toContain('add users or groups to approvers of rule "all" in approvals.yaml');
    expect(incident.buttons()).not.toMatch(/Roll back|Set image/);
  });

  it('voids a plan where the policy is another one after a restart', async ({ onTestFinished }) => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const { world, incident } = await waiting(onTestFinished, { redisUrl: redis.url, signingKey: newKeys().privatePem });
    await world.restart(POLICY.replace(`${bob}, ${eve}`, eve));
    await incident.says(/holds no longer: The approval policy has changed since the plan was proposed/);
    expect(incident.buttons()).not.toMatch(/Review/);
    expect(world.image()).toBe(`${world.repository}:1.27.4`);
  });
});

// Its clock is that of the process, so it is alone.
describe('a plan that nobody decides about', () => {
  it('lets a plan expire by itself, and says so', async ({ onTestFinished }) => {
    const { world, incident } = await waiting(onTestFinished);
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31 * 60_000 });
    await incident.says(/has expired: Not enough people approved it in time/);
    expect(incident.buttons()).not.toMatch(/Review/);
    expect(world.image()).toBe(`${world.repository}:1.27.4`);
  });
});
