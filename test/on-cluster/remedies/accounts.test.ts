import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { admitOnly } from './admission-policy.ts';
import { brokenRollout } from './broken-rollout.ts';
import { PATIENCE_MS, PEOPLE, type RemedyWorld, remedyWorld } from './world.ts';

const { ann, bob, eve } = PEOPLE;
let world: RemedyWorld | undefined;
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.log(world?.state());
  await world?.stop();
});

describe('the account that carries remedies out', () => {
  it('needs no more than docs/security.md gives it', async () => {
    world = await remedyWorld({ account: () => true });
    const incident = await world.diagnose((await brokenRollout(world, 'web')).pod);
    await incident.click(ann, 'Roll back');
    await incident.says(/needs 1 approval/);
    await incident.decide(bob, 'Review …');
    await incident.says(/^Fixed/);
    // An event stands beside the object.
    await eventually(async () => expect(await world?.own.kubectl('get', 'events')).toContain('ImagepullRemedy'), PATIENCE_MS);
    await world.slack.command({ user: ann, channel: 'C0INCIDENTS', text: 'freeze' });
    await eventually(
      async () =>
        expect(await world?.bot.kubectl('get', 'configmap', 'imagepull-freeze', '-o', 'jsonpath={.data}')).toContain('"frozen":"true"'),
      PATIENCE_MS,
    );
  });

  it('is refused what it may not when the plan is made, with the rule that would allow it', async () => {
    world = await remedyWorld({ account: ({ resources }) => !resources.includes('deployments') });
    const incident = await world.diagnose((await brokenRollout(world, 'web')).pod);
    await incident.click(ann, 'Roll back');
    await incident.says(/Roll back cannot be done/);
    await incident.replied(/deployments.apps "web" is forbidden/);
    console.log(incident.card.text);
  });

  it('acts in the name of whoever approved, if the cluster lets that person, and not otherwise', async () => {
    world = await remedyWorld({
      executor: ', approver: impersonate',
      identities: `, identities: { users: { ${bob}: bob@corp.example, ${eve}: eve@corp.example }, groups: { bob@corp.example: [imagepull-sre] } }`,
    });
    const { own } = world;
    await own.apply(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'sre' },
        rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'sre' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'sre' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'imagepull-sre' }],
      },
    );
    const { pod } = await brokenRollout(world, 'web');
    // From now on only Bob changes it, but for dry runs and the cluster's own controllers.
    const admitAll = await admitOnly(
      {
        expression: "request.dryRun || request.userInfo.username.startsWith('system:') || request.userInfo.username == 'bob@corp.example'",
        message: 'only Bob',
        deployment: 'web',
        dryRun: false,
      },
      own,
    );
    try {
      const incident = await world.diagnose(pod);
      await incident.click(ann, 'Roll back');
      await incident.says(/needs 1 approval/);
      await incident.decide(eve, 'Review …');
      await incident.says(/Roll back: The cluster does not allow/);
      await incident.replied(/The cluster does not allow one of those who approved it to patch Deployment web. Nothing was done/);
      console.log(incident.card.text);
      await incident.click(ann, 'Roll back');
      await incident.says(/needs 1 approval/);
      await incident.decide(bob, 'Review …');
      await incident.says(/^Fixed/);
    } finally {
      await admitAll();
    }
  });
});
