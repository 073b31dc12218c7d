import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type RealRegistry, startDockerRegistry } from '../../support/real-parts.ts';
import { deployment } from '../cluster.ts';
import { pullableImage } from '../tag.ts';
import { admitOnly } from './admission-policy.ts';
import { brokenRollout } from './broken-rollout.ts';
import { type Incident, newTag, PATIENCE_MS, PEOPLE, type RemedyWorld, remedyWorld } from './world.ts';

const { ann, bob, eve, mallory, guest } = PEOPLE;
const { repository, giveTag, moveTag, copyTo } = pullableImage();
/** The login of the private registry, and the line of its htpasswd file. */
const LOGIN = 'robot:canary-password';
const HTPASSWD = 'robot:$2y$04$Z1GCZ0He9d.gxza0lyrrg.GyOa7Ap27pYz92EzO7u9rmw4hVnL1PG\n';
let world: RemedyWorld;
beforeAll(async () => {
  world = await remedyWorld();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.log(world.state());
});
afterAll(() => world?.stop());

const show = (title: string, text: string) => console.log(`— ${title}\n${text}\n`);

/** A Deployment whose tag is not there; the incident of one of its pods. */
async function missingTag(app: string, replicas = 1) {
  const tag = newTag();
  await world.own.apply(deployment(app, `${repository}:${tag}`, replicas));
  await eventually(async () => {
    const all = await world.own.kubectl('get', 'pods', '-l', `app=${app}`, '--no-headers');
    expect(all.match(/ErrImagePull|ImagePullBackOff/g)).toHaveLength(replicas);
  }, PATIENCE_MS);
  return { tag, pod: await world.failingPod(app) };
}

const podSpec = (json: string) => `{"spec":{"template":{"spec":${json}}}}`;
const imageOf = (app: string) => world.own.kubectl('get', 'deployment', app, '-o', 'jsonpath={.spec.template.spec.containers[0].image}');

describe('remedies on a real cluster', () => {
  it('delete a pod whose image is there by now, and prove that the new one pulls', async () => {
    const { tag, pod } = await missingTag('late');
    await giveTag(tag);
    const incident = await world.diagnose(pod);
    await incident.click(ann, 'Skip the wait: delete the pod');
    await incident.says(/needs 1 approval, has 0/);
    show('waiting for people', incident.card.text);
    await incident.decide(bob, 'Review …', 'the tag was pushed');
    await incident.says(/^Fixed: 1 of 1 pod/);
    show('fixed', incident.card.text);
    expect(await world.own.kubectl('get', 'pods', '-l', 'app=late', '--no-headers')).not.toContain(pod);
    await eventually(() => expect(incident.replies().join('\n')).toMatch(/approved plan[\s\S]*has helped/), PATIENCE_MS);
    show('its thread', incident.replies().join('\n'));
  });

  it('restart a workload with several failing pods', async () => {
    const { tag, pod } = await missingTag('many', 3);
    await giveTag(tag);
    const incident = await world.diagnose(pod);
    await incident.click(ann, 'Restart many');
    await incident.says(/needs 1 approval/);
    await incident.decide(eve, 'Review …');
    await incident.says(/^Fixed: 3 of 3 pods/);
    show('fixed', incident.card.text);
    expect(await world.own.kubectl('get', 'deployment', 'many', '-o', 'jsonpath={.metadata.annotations}')).toContain('imagepull.dev/plan');
  });

  it('roll back to the revision whose pods run', async () => {
    const { good, pod } = await brokenRollout(world, 'rolled', 2);
    const incident = await world.diagnose(pod);
    await incident.click(ann, 'Roll back');
    await incident.says(/to revision 1 needs 1 approval/);
    show('waiting for people', incident.card.text);
    await incident.decide(bob, 'Review …');
    await incident.says(/^(Fixed|Not fixed)/);
    show('ended', incident.card.text);
    expect(incident.card.text).toMatch(/^Fixed/);
    expect(await imageOf('rolled')).toBe(`${repository}:${good}`);
  });

  /** Ann chooses what the window offers. */
  async function choose(incident: Incident, label: string, value: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
    const before = world.slack.workspace.views.length;
    await incident.click(ann, label);
    const view = () => JSON.stringify(world.slack.workspace.views[before]?.view ?? '');
    await eventually(() => expect(view()).toContain(`"value":"${value}"`), PATIENCE_MS);
    await world.slack.submit({ user: ann, view: before, values: { 'imagepull.plan.chosen': value, ...more } });
  }

  async function chooseTag(incident: Incident, tag: string): Promise<void> {
    await choose(incident, 'Set image …', tag);
    await incident.says(/needs 2 approvals, has 0/);
  }

  it('set an image to a tag that somebody chose, once two people have approved', async () => {
    const { good, pod } = await brokenRollout(world, 'chosen', 2);
    const incident = await world.diagnose(pod);
    await chooseTag(incident, good);
    await incident.decide(bob, 'Review …');
    await incident.says(/needs 2 approvals, has 1/);
    show('one has approved', incident.card.text);
    await incident.decide(eve, 'Review …');
    await incident.says(/^Fixed/);
    show('fixed', incident.card.text);
    expect(await imageOf('chosen')).toMatch(new RegExp(`^${repository}:${good}@sha256:[0-9a-f]{64}$`));
  });

  it('are not done where the tag was given to something else after people had approved', async () => {
    const { good, pod } = await brokenRollout(world, 'retagged', 2);
    const incident = await world.diagnose(pod);
    await chooseTag(incident, good);
    await incident.decide(bob, 'Review …');
    await incident.says(/has 1/);
    await moveTag(good);
    await incident.decide(eve, 'Review …');
    await incident.says(/Overtaken/);
    await incident.replied(/Overtaken: .* is sha256:[0-9a-f]{64} now, no longer sha256:[0-9a-f]{64}. Nothing was done/);
    show('overtaken', incident.card.text);
    expect(await imageOf('retagged')).toBe(`${repository}:${good}x`);
  });

  describe('where a private registry wants a login that another workload has', () => {
    let registry: RealRegistry;
    let image: string;
    beforeEach(async () => {
      registry = await startDockerRegistry({ htpasswd: HTPASSWD });
      const auth = Buffer.from(LOGIN).toString('base64');
      await copyTo({ host: registry.host, authorization: `Basic ${auth}` }, 'shop/web', '1');
      image = `${registry.host}/shop/web:1`;
      const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { [registry.host]: { auth } } })).toString('base64') };
      await world.own.apply(
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shop-login' }, type: 'kubernetes.io/dockerconfigjson', data },
        deployment('known', image),
      );
      await world.own.kubectl('patch', 'deployment', 'known', '-p', podSpec('{"imagePullSecrets":[{"name":"shop-login"}]}'));
    });
    afterEach(() => registry.stop());

    it('attach it to the workload, proven to work', async () => {
      await world.own.apply(deployment('forgotten', image));
      const incident = await world.diagnose(await world.failingPod('forgotten'));
      await choose(incident, 'Attach a pull secret …', 'shop-login');
      await incident.says(/needs 1 approval, has 0/);
      show('attach', incident.card.text);
      await incident.decide(bob, 'Review …');
      await incident.says(/^Fixed: 1 of 1 pod/);
      const secrets = await world.own.kubectl('get', 'deployment', 'forgotten', '-o', 'jsonpath={.spec.template.spec.imagePullSecrets}');
      expect(secrets).toBe('[{"name":"shop-login"}]');
      expect(JSON.stringify([world.state(), world.slack.workspace.views, world.slack.workspace.messages])).not.toContain(
        LOGIN.split(':')[1],
      );
    });

    it('attach it to the service account, and make the pods anew', async () => {
      await world.own.apply(
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } },
        JSON.parse(
          JSON.stringify(deployment('account', image)).replace('"containers"', '"serviceAccountName":"web","containers"'),
        ) as object,
      );
      const incident = await world.diagnose(await world.failingPod('account'));
      await choose(incident, 'Attach a pull secret …', 'shop-login', { 'imagepull.plan.where': 'service-account' });
      await incident.says(/to the service account of Deployment .* needs 1 approval/);
      show('attach to a service account', incident.card.text);
      await incident.decide(bob, 'Review …');
      await incident.says(/^Fixed: 1 of 1 pod/);
      const secrets = await world.own.kubectl('get', 'serviceaccount', 'web', '-o', 'jsonpath={.imagePullSecrets}');
      expect(secrets).toBe('[{"name":"shop-login"}]');
    });
  });

  it('end where one approver denies with a reason, whoever approves afterwards', async () => {
    const { pod } = await brokenRollout(world, 'denied', 2);
    const incident = await world.diagnose(pod);
    await incident.click(ann, 'Roll back');
    await incident.says(/needs 1 approval/);
    await incident.decide(eve, 'Deny …', 'release is frozen');
    await incident.says(/Roll back was denied/);
    show('denied', incident.card.text);
    expect(await imageOf('denied')).toContain('x');
    await eventually(() => expect(incident.replies().join('\n')).toContain('release is frozen'), PATIENCE_MS);
  });

  it('are decided by nobody who asked, is a guest or is not named, and each is told why, alone', async () => {
    const { pod } = await brokenRollout(world, 'barred', 2);
    const incident = await world.diagnose(pod);
    await incident.click(ann, 'Roll back');
    await incident.says(/needs 1 approval/);
    const direct = (user: string) =>
      world.slack.workspace.messages
        .filter(({ channel }) => channel === user)
        .map(({ text }) => text)
        .join('\n');
    await incident.decide(ann, 'Review …');
    await eventually(() => expect(direct(ann)).toContain('proposed the plan'), PATIENCE_MS);
    await incident.decide(mallory, 'Review …');
    await eventually(() => expect(direct(mallory)).toContain('is not among the approvers'), PATIENCE_MS);
    await incident.click(guest, 'Review …');
    await eventually(() => expect(JSON.stringify(world.slack.responses)).toContain('start nothing'), PATIENCE_MS);
    expect(incident.card.text).toMatch(/has 0/);
    expect(await imageOf('barred')).toContain('x');
  });

  it('are not done where the object has changed since people approved', async () => {
    const { pod } = await brokenRollout(world, 'moved', 2);
    const incident = await world.diagnose(pod);
    await incident.click(ann, 'Roll back');
    await incident.says(/needs 1 approval/);
    await world.own.kubectl('set', 'env', 'deployment/moved', 'RELEASE=2');
    await incident.decide(bob, 'Review …');
    await incident.says(/Roll back: Overtaken/);
    await incident.replied(/Overtaken: Deployment moved has changed since the plan was made. Nothing was done/);
    show('overtaken', incident.card.text);
    expect(await imageOf('moved')).toContain('x');
  });

  it('are not done once they are frozen, and what was approved before is void when two admins end that', async () => {
    const { pod } = await brokenRollout(world, 'frozen', 2);
    const incident = await world.diagnose(pod);
    await incident.click(ann, 'Roll back');
    await incident.says(/needs 1 approval/);
    await world.slack.command({ user: mallory, channel: 'C0INCIDENTS', text: 'freeze incident in progress' });
    await eventually(
      async () =>
        expect(await world.bot.kubectl('get', 'configmap', 'imagepull-freeze', '-o', 'jsonpath={.data}')).toContain('"frozen":"true"'),
      PATIENCE_MS,
    );
    await incident.decide(bob, 'Review …');
    await incident.says(/Roll back: Remedies are frozen/);
    await incident.replied(/Remedies are frozen: incident in progress/);
    show('frozen', incident.card.text);
    expect(await imageOf('frozen')).toContain('x');
    await world.slack.command({ user: ann, channel: 'C0INCIDENTS', text: 'unfreeze' });
    await world.slack.command({ user: bob, channel: 'C0INCIDENTS', text: 'unfreeze' });
    await eventually(
      async () =>
        expect(await world.bot.kubectl('get', 'configmap', 'imagepull-freeze', '-o', 'jsonpath={.data}')).toContain('"frozen":"false"'),
      PATIENCE_MS,
    );
  });

  it('are not offered for what Helm applies, and not for a pod that nothing would make again', async () => {
    const [tag, other] = [newTag(), newTag()];
    await world.own.apply({
      ...deployment('managed', `${repository}:${tag}`),
      metadata: { name: 'managed', labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
    });
    await world.own.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'alone', labels: { app: 'alone' } },
      spec: { containers: [{ name: 'app', image: `${repository}:${other}` }] },
    });
    const [one, two] = await Promise.all([world.failingPod('managed'), world.failingPod('alone')]);
    const helm = await world.diagnose(one);
    expect(JSON.stringify(helm.card.blocks)).not.toMatch(/Roll back|Set image/);
    await giveTag(other);
    const single = await world.diagnose(two);
    expect(JSON.stringify(single.card.blocks)).not.toMatch(/delete the pod/);
    await world.own.kubectl('delete', 'pod', 'alone', '--wait=false');
  });

  it('let a finalizer keep a deleted pod, and still see the new one pull', async () => {
    const { tag, pod } = await missingTag('kept');
    await world.own.kubectl('patch', 'pod', pod, '-p', '{"metadata":{"finalizers":["example.com/kept"]}}');
    await giveTag(tag);
    const incident = await world.diagnose(pod);
    await incident.click(ann, 'Skip the wait: delete the pod');
    await incident.says(/needs 1 approval/);
    await incident.decide(bob, 'Review …');
    await incident.says(/^Fixed: 1 of 1 pod/);
    expect(await world.own.kubectl('get', 'pod', pod, '-o', 'jsonpath={.metadata.deletionTimestamp}')).not.toBe('');
    await world.own.kubectl('patch', 'pod', pod, '-p', '{"metadata":{"finalizers":null}}');
  });

  it('roll a StatefulSet back, whose pod that never became ready has to be deleted as well', async () => {
    const good = newTag();
    await giveTag(good);
    const { own } = world;
    const image = `${repository}:${good}`;
    await own.apply({ ...deployment('ordered', image, 2), kind: 'StatefulSet' });
    await eventually(async () => expect(await own.kubectl('get', 'statefulset', 'ordered')).toContain('2/2'), PATIENCE_MS);
    await own.kubectl('set', 'image', 'statefulset/ordered', `app=${image}x`);
    const pod = await world.failingPod('ordered');
    const incident = await world.diagnose(pod);
    await incident.click(ann, 'Roll back');
    await incident.says(/to revision 1 needs 1 approval/);
    show('of a StatefulSet', incident.card.text);
    await incident.decide(bob, 'Review …');
    await incident.says(/Carried out .* 1 of 2 pods have pulled/);
    expect(await own.kubectl('get', 'statefulset', 'ordered', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe(image);
    expect(await own.kubectl('get', 'pod', pod, '-o', 'jsonpath={.spec.containers[0].image}')).toBe(`${image}x`);
    await own.kubectl('delete', 'pod', pod);
    await incident.says(/^Fixed: 2 of 2 pods/);
    show('ended', incident.card.text);
  });

  it('say what an admission policy refuses, before anybody is asked to approve', async () => {
    const { pod } = await brokenRollout(world, 'refused', 2);
    const admitAll = await admitOnly(
      { expression: 'false', message: 'changes need a ticket', deployment: 'refused', dryRun: true },
      world.own,
    );
    try {
      const incident = await world.diagnose(pod);
      await incident.click(ann, 'Roll back');
      await incident.says(/cannot be done: /);
      show('refused by admission', incident.card.text);
      // A card has no room for all that names are long by; the thread has it whole.
      await eventually(() => expect(incident.replies().join('\n')).toContain('changes need a ticket'), PATIENCE_MS);
    } finally {
      await admitAll();
    }
  });
});
