import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WrittenObject } from '../../src/demo/cluster/objects.ts';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { podObject } from '../support/objects.ts';
import { pushImage } from '../support/push-image.ts';
import { makeRedisUsers, refusedByAcl } from '../support/redis-users.ts';
import { runCli } from '../support/run-cli.ts';
import { CHANNEL, type ServiceWorld, startServiceWorld, USER } from '../support/service-world.ts';
import { newKeys } from '../support/signing-keys.ts';

const APPROVER = 'U0APPROVER';
const SECOND = 'other';
const ALERTS_TOKEN = 'canary-token-of-alerts';
let world: ServiceWorld;
let folder: string;
beforeAll(async () => {
  [world, folder] = await Promise.all([startServiceWorld(), mkdtemp(join(tmpdir(), 'imagepull-users-'))]);
});
afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

const own = () => world.slack.workspace.messages.filter(({ user }) => user === world.slack.workspace.botUser);
const cardOf = (shop: number) => own().find(({ threadTs, text }) => threadTs === undefined && text.includes(`shop-${shop}/web-0`));

/** The settings that name the files of keys and policy, and where alerts come from and are told. */
function settingsOf(role: 'gateway' | 'executor'): string {
  const file = (name: string) => join(folder, name);
  return `
remedies: { policy: ${file('approvals.yaml')}, signingKey: ${file(`${role}.pem`)}, gatewayKeys: [${file('gateway.pub')}], executorKeys: [${file('executor.pub')}] }
channels: { default: ${CHANNEL} }
watch: { enabled: false }
alerts: { sources: [{ name: main, sender: alertmanager, authentication: { scheme: bearer, secret: ALERTS_TOKEN }, cluster: prod }] }
`;
}

/** Sends an alert about the pods of a shop as Alertmanager does. */
async function alertAbout(shop: number, pods: readonly string[]): Promise<void> {
  const port = /"port":(\d+)[^\n]*"msg":"listening for requests"/.exec(world.output.get('gateway') ?? '')?.[1];
  const alerts = pods.map((pod) => ({
    status: 'firing',
    labels: { alertname: 'ImagePullBackOff', namespace: `shop-${shop}`, pod },
    annotations: {},
    startsAt: new Date().toISOString(),
    fingerprint: `${shop}${pod}`,
  }));
  const response = await fetch(`http://127.0.0.1:${port}/webhooks/main`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ALERTS_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ version: '4', status: 'firing', groupKey: 'g', alerts }),
  });
  expect(await response.text()).toBeTypeOf('string');
  expect(response.ok).toBe(true);
}

async function writeFiles(): Promise<void> {
  for (const role of ['gateway', 'executor']) {
    const { privatePem, publicPem } = newKeys();
    await writeFile(join(folder, `${role}.pem`), privatePem);
    await writeFile(join(folder, `${role}.pub`), publicPem);
  }
  const policy = `
version: 1
organisation: T0DEMO
admins: { users: [${USER}, ${APPROVER}] }
rules: [{ name: all, approvers: { users: [${APPROVER}] } }]
`;
  await writeFile(join(folder, 'approvals.yaml'), policy);
}

const put = (object: { readonly kind: string; readonly [part: string]: unknown }) =>
  world.api.store.put({ ...WrittenObject.parse(object), kind: object.kind });

/** A pod of shop 1 as its ReplicaSet makes it, whose image was pushed meanwhile. */
async function givePodAnOwner(image: string): Promise<void> {
  const template = { spec: { containers: [{ name: 'app', image }], imagePullSecrets: [{ name: 'regcred' }] } };
  put({ kind: 'ReplicaSet', metadata: { name: 'web', namespace: 'shop-1', uid: 'owner' }, spec: { replicas: 1, template } });
  put({ kind: 'Pod', ...ownedPod(image, { name: 'web-0' }) });
  await pushImage(world.registry, { tag: '1' });
}

function ownedPod(image: string, given: { readonly name: string; readonly running?: boolean }) {
  const message = `Failed to pull image "${image}": failed to resolve image: ${image}: not found`;
  const fails = given.running ? { running: true } : { waiting: { reason: 'ErrImagePull', message } };
  return podObject({
    ...given,
    ...fails,
    namespace: 'shop-1',
    uid: `uid-owned-${given.name}`,
    node: 'node-1',
    image,
    pullSecrets: ['regcred'],
    owner: { kind: 'ReplicaSet', name: 'web' },
  });
}

describe('roles with a user of Redis each', () => {
  it('do all that they are for: diagnose, take alerts, see that it is over, plan, approve, carry out, freeze', async () => {
    await writeFiles();
    const config = join(folder, 'all.yaml');
    await writeFile(
      config,
      `clusters: [{ name: prod, executor: {} }, { name: ${SECOND} }]\nremedies: { policy: ${join(folder, 'approvals.yaml')} }`,
    );
    const printed = await runCli(['redis', 'acl', '--config', config]);
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    const urlOf = await makeRedisUsers(world.redisUrl, printed.stdout);

    put({ kind: 'Namespace', metadata: { name: 'imagepull' } });
    put({ kind: 'ConfigMap', metadata: { name: 'imagepull-freeze', namespace: 'imagepull' }, data: { frozen: 'false' } });
    const serve = (name: string, role: 'gateway' | 'worker' | 'executor', worksFor?: string) =>
      world.serve(name, role, undefined, {
        redisUrl: urlOf(['imagepull', role, ...(worksFor === undefined ? [] : [worksFor])].join('-')),
        settings: settingsOf(role === 'gateway' ? 'gateway' : 'executor'),
        environment: { ALERTS_TOKEN },
        executorIn: 'imagepull',
        others: [SECOND],
        ...(worksFor === undefined ? {} : { worksFor }),
      });
    const processes = await Promise.all([
      serve('gateway', 'gateway'),
      serve('worker', 'worker', 'prod'),
      serve('worker-2', 'worker', SECOND),
      serve('executor', 'executor', 'prod'),
    ]);

    await world.diagnose(0);
    await eventually(() => expect(cardOf(0)?.text).toContain('repository-not-found confirmed'), 2 * PATIENCE_MS);

    await world.slack.command({ user: USER, channel: CHANNEL, text: `diagnose shop-2/web-0 in ${SECOND}` });
    await eventually(() => expect(cardOf(2)?.text).toContain('repository-not-found confirmed'), 2 * PATIENCE_MS);
    expect(cardOf(2)?.text).toContain(`${SECOND} · `);
    await alertAbout(3, ['web-0']);
    await eventually(() => expect(cardOf(3)?.text).toContain('repository-not-found confirmed'), 2 * PATIENCE_MS);
    const alerted = cardOf(3);
    put({ kind: 'Pod', ...podObject({ namespace: 'shop-3', running: true }) });
    await eventually(() => expect(alerted?.text).toMatch(/^Resolved/));

    const image = `${world.registry.origin.replace('http://', '')}/shop/web:1`;
    await givePodAnOwner(image);
    await world.diagnose(1);
    await eventually(() => expect(cardOf(1)?.text).toMatch(/ checks/), 2 * PATIENCE_MS);
    const card = cardOf(1);
    if (!card) throw new Error('no card');
    await world.slack.click({ user: USER, message: card, label: 'Skip the wait: delete the pod' });
    await eventually(() => expect(card.text).toMatch(/needs 1 approval, has 0/));
    const view = world.slack.workspace.views.length;
    await world.slack.click({ user: APPROVER, message: card, label: 'Review …' });
    await eventually(() => expect(world.slack.workspace.views).toHaveLength(view + 1));
    await world.slack.submit({ user: APPROVER, view, values: { 'imagepull.plan.reason': 'it was pushed' } });
    const pod = () => world.api.store.get(resourceOfKind('Pod'), 'shop-1/web-0');
    await eventually(() => expect(pod()?.metadata.deletionTimestamp ?? pod()).not.toBeTypeOf('object'));
    put({ kind: 'Pod', ...ownedPod(image, { name: 'web-new', running: true }) });
    await eventually(() => expect(card.text).toMatch(/^Fixed/));

    const answers = world.slack.responses.length;
    await world.slack.command({ user: USER, channel: CHANNEL, text: 'freeze for a test' });
    await eventually(() => expect(JSON.stringify(world.slack.responses.slice(answers))).toMatch(/frozen/));

    for (const served of processes) await served.end('SIGTERM');
    expect(await refusedByAcl(world.redisUrl)).toEqual([]);
    for (const [name, said] of world.output) expect(`${name}: ${said}`).not.toContain('NOPERM');

    const audit = await runCli(['audit', '--config', config], { env: { REDIS_URL: urlOf('imagepull-operator') } });
    expect(audit).toMatchObject({ code: 0, stderr: '' });
    expect(audit.stdout).toContain('deleted');
  }, 600_000);
});
