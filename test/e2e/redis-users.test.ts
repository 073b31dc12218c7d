import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { podObject } from '../support/objects.ts';
import { makeRedisUsers, refusedByAcl } from '../support/redis-users.ts';
import { runCli } from '../support/run-cli.ts';
import { CHANNEL, type ServiceWorld, startServiceWorld, USER } from '../support/service-world.ts';
import { shopCards } from '../support/shop-cards.ts';
import { FREEZE_NAMESPACE, remedySettings, shopRemedies, writeRemedyFiles } from '../support/shop-remedies.ts';

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

const { cardOf } = shopCards(() => world);
const remedies = shopRemedies(() => world);

/** The settings that name the files of keys and policy, and where alerts come from and are told. */
function settingsOf(role: 'gateway' | 'executor'): string {
  return `
${remedySettings(folder, role)}
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

describe('roles with a user of Redis each', () => {
  it('do all that they are for: diagnose, take alerts, see that it is over, plan, approve, carry out, freeze', async () => {
    await writeRemedyFiles(folder);
    const config = join(folder, 'all.yaml');
    await writeFile(
      config,
      `clusters: [{ name: prod, executor: {} }, { name: ${SECOND} }]\nremedies: { policy: ${join(folder, 'approvals.yaml')} }`,
    );
    const printed = await runCli(['redis', 'acl', '--config', config]);
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    const urlOf = await makeRedisUsers(world.redisUrl, printed.stdout);

    remedies.thaw();
    const serve = (name: string, role: 'gateway' | 'worker' | 'executor', worksFor?: string) =>
      world.serve(name, role, undefined, {
        redisUrl: urlOf(['imagepull', role, ...(worksFor === undefined ? [] : [worksFor])].join('-')),
        settings: settingsOf(role === 'gateway' ? 'gateway' : 'executor'),
        environment: { ALERTS_TOKEN },
        executorIn: FREEZE_NAMESPACE,
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
    remedies.put({ kind: 'Pod', ...podObject({ namespace: 'shop-3', running: true }) });
    await eventually(() => expect(alerted?.text).toMatch(/^Resolved/));

    await remedies.pushed(1);
    const card = await remedies.proposeDeletion(1);
    await remedies.approve(card);
    await eventually(() => expect(remedies.pod(1)).toBeUndefined());
    remedies.replace(1);
    await eventually(() => expect(card.text).toMatch(/^Fixed/));

    const answers = world.slack.responses.length;
    await world.slack.command({ user: USER, channel: CHANNEL, text: 'freeze for a test' });
    await eventually(() => expect(JSON.stringify(world.slack.responses.slice(answers))).toMatch(/frozen/));

    // An admin of approvals.yaml learns of each process how it is; the others tell it with their signs of life.
    await eventually(async () => {
      const before = world.slack.responses.length;
      await world.slack.command({ user: USER, channel: CHANNEL, text: 'doctor' });
      await eventually(() => expect(world.slack.responses.length).toBeGreaterThan(before));
      const said = JSON.stringify(world.slack.responses.at(-1));
      for (const name of ['worker for prod', `worker for ${SECOND}`, 'executor'])
        expect(said).toMatch(new RegExp(`\\*${name}, [^*]+\\*: \\d+ checks made`));
    }, 2 * PATIENCE_MS);

    for (const served of processes) await served.end('SIGTERM');
    expect(await refusedByAcl(world.redisUrl)).toEqual([]);
    for (const [name, said] of world.output) expect(`${name}: ${said}`).not.toContain('NOPERM');

    const audit = await runCli(['audit', '--config', config], { env: { REDIS_URL: urlOf('imagepull-operator') } });
    expect(audit).toMatchObject({ code: 0, stderr: '' });
    expect(audit.stdout).toContain('deleted');
  }, 600_000);
});
