import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startSlack } from '../../src/demo/slack/slack-server.ts';
import { find, type RenderedObject } from '../helm/rendered.ts';
import { eventually } from '../support/eventually.ts';
import { render } from '../support/helm.ts';
import { startRedis } from '../support/redis.ts';
import { runCli } from '../support/run-cli.ts';
import { newKeys } from '../support/signing-keys.ts';
import { deployment, type OwnNamespace, ownNamespace } from './cluster.ts';
import { kubeconfigOf } from './documented-roles.ts';
import { type ServedProcess, serveProcess } from './process.ts';
import { pullableImage } from './tag.ts';

const CHANNEL = 'C0INCIDENTS';
const PATIENCE_MS = 240_000;
const [ANN, BOB] = ['U0ANN', 'U0BOB'];
const { repository, giveTag } = pullableImage();

type Role = 'gateway' | 'worker' | 'executor';
let own: OwnNamespace;
let bot: OwnNamespace;
let slack: Awaited<ReturnType<typeof startSlack>>;
const processes: ServedProcess[] = [];
/** How each role is started. */
const release = new Map<
  Role,
  { readonly config: string; readonly environment: Readonly<Record<string, string>>; readonly options: readonly string[] }
>();
const stops: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  [own, bot] = await Promise.all([ownNamespace(), ownNamespace()]);
  stops.push(
    () => own.remove(),
    () => bot.remove(),
  );
  slack = await startSlack({ burst: 100 });
  slack.workspace.addChannel(CHANNEL, 'incidents', [slack.workspace.botUser]);
  const redis = await startRedis();
  stops.push(redis.stop, slack.stop);
  await startRelease(redis.url);
});
afterAll(async () => {
  await Promise.all(processes.map((one) => one.stop()));
  for (const stop of stops.toReversed()) await stop();
});

/** What the chart would start in pods, each role in a process of its own with the configuration and the account that the chart gives it. */
async function startRelease(redisUrl: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-release-'));
  stops.push(() => rm(folder, { recursive: true }));
  const keys = { gateway: newKeys(), executor: newKeys() };
  const values = {
    cluster: { name: 'real', kubelet: 'off', settings: { allowLoopback: true, namespaces: { allow: [own.name] } } },
    config: {
      channels: { default: CHANNEL },
      http: { host: '127.0.0.1', port: 0, privatePort: 0 },
      slack: { apiUrl: slack.apiUrl },
      watch: { enabled: false },
    },
    remedies: {
      enabled: true,
      namespaces: [own.name],
      policy: { version: 1, organisation: 'T0DEMO', rules: [{ name: 'all', approvers: { users: [BOB] } }] },
      keys: { gatewayPublic: [keys.gateway.publicPem], executorPublic: [keys.executor.publicPem] },
    },
  };
  await writeFile(join(folder, 'values.yaml'), JSON.stringify(values));
  const objects = await render(['--values', join(folder, 'values.yaml'), '--set', `fullnameOverride=${bot.name}`], bot.name);
  const rights = objects.filter(({ kind }) => kind === 'ServiceAccount' || kind.includes('Role'));
  const wide = rights.filter(({ kind }) => kind === 'ClusterRole').map(({ metadata }) => metadata.name);
  stops.push(() => own.kubectl('delete', 'clusterrole,clusterrolebinding', ...wide));
  await bot.create(...rights, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'imagepull-freeze', namespace: bot.name },
    data: { frozen: 'false' },
  });

  await mkdir(join(folder, 'remedies'));
  for (const [file, text] of Object.entries(find(objects, 'ConfigMap', `${bot.name}-remedies`).data ?? {}))
    await writeFile(join(folder, 'remedies', file), text);
  for (const role of ['gateway', 'worker', 'executor'] as const) {
    await mkdir(join(folder, role));
    if (role !== 'worker') await writeFile(join(folder, role, 'key.pem'), keys[role].privatePem);
    const account = role === 'gateway' ? {} : { KUBECONFIG: join(folder, role, 'kubeconfig') };
    if (role !== 'gateway') await writeFile(join(folder, role, 'kubeconfig'), await kubeconfigOf(`${bot.name}-${role}`, bot));
    const tokens = role === 'gateway' ? { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken } : {};
    const text = (find(objects, 'ConfigMap', `${bot.name}-${role}`).data?.['config.yaml'] ?? '')
      .replaceAll('/etc/imagepull/remedies', join(folder, 'remedies'))
      .replaceAll('/etc/imagepull/key', join(folder, role));
    const started = { config: text, environment: { REDIS_URL: redisUrl, ...account, ...tokens }, options: optionsOf(objects, role) };
    release.set(role, started);
    processes.push(await serveProcess(started.config, started.environment, started.options));
  }
}

/** The options of `serve` that its Deployment has, but the file. */
function optionsOf(objects: readonly RenderedObject[], role: string): readonly string[] {
  const [{ args = [] } = {}] = find(objects, 'Deployment', `${bot.name}-${role}`).spec?.template?.spec.containers ?? [];
  return args.slice(args.indexOf('--config') + 2);
}

it('diagnoses and, approved, rolls back as the chart starts it: a gateway without an account, a worker that reads, an executor that may', async () => {
  const good = `imagepull-${bot.name}`;
  await giveTag(good);
  await own.apply(deployment('web', `${repository}:${good}`));
  await eventually(async () => expect(await own.kubectl('get', 'deployment', 'web')).toMatch(/1\/1/), PATIENCE_MS);
  await own.kubectl('set', 'image', 'deployment/web', `app=${repository}:${good}x`);
  let pod = '';
  await eventually(async () => {
    const lines = (await own.kubectl('get', 'pods', '-l', 'app=web', '--no-headers')).split('\n');
    pod = lines.find((line) => /ImagePullBackOff/.test(line))?.split(/\s+/)[0] ?? '';
    expect(pod).not.toBe('');
  }, PATIENCE_MS);

  const { workspace } = slack;
  const card = () => workspace.messages.find(({ user, threadTs }) => user === workspace.botUser && threadTs === undefined);
  const says = (wanted: RegExp) =>
    eventually(
      () => expect(`${card()?.text}\n${processes.map(({ said }) => said().slice(-1_500)).join('\n')}`).toMatch(wanted),
      PATIENCE_MS,
    );
  const click = async (user: string, label: string) => {
    const message = card();
    if (message) await slack.click({ user, message, label });
  };
  await slack.command({ user: ANN, channel: CHANNEL, text: `diagnose ${own.name}/${pod}` });
  await says(/ checks/);
  await eventually(() => expect(card()?.text).not.toMatch(/^Looking into/), PATIENCE_MS);
  await click(ANN, 'Roll back');
  await says(/needs 1 approval/);
  const before = workspace.views.length;
  await click(BOB, 'Review …');
  await eventually(() => expect(workspace.views.length).toBe(before + 1), PATIENCE_MS);
  await slack.submit({ user: BOB, view: before, values: { 'imagepull.plan.reason': '' } });
  await says(/^Fixed/);
  expect(await own.kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe(
    `${repository}:${good}`,
  );
});

/** What the doctor says that `helm test` starts for a role: exit code, and what is not fine. */
async function doctor(role: Role): Promise<{ readonly code: number | null; readonly wrong: readonly string[] }> {
  const { config = '', environment = {}, options = [] } = release.get(role) ?? {};
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-doctor-'));
  stops.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'config.yaml'), config);
  const { code, stdout } = await runCli(['doctor', '--config', join(folder, 'config.yaml'), ...options, '-o', 'json'], {
    env: { ...environment },
  });
  const { checks } = DoctorDocument.parse(JSON.parse(stdout));
  return { code, wrong: checks.flatMap(({ id, status, says }) => (/warning|broken/.test(status) ? [`${status} ${id}: ${says}`] : [])) };
}

it('is content with what the chart gives each role, and names a right that is taken away', async () => {
  for (const role of ['gateway', 'worker'] as const) expect([role, await doctor(role)]).toEqual([role, { code: 0, wrong: [] }]);
  // No node is changed here, and nobody is asked whether people may do it themselves.
  expect(await doctor('executor')).toEqual({
    code: 0,
    wrong: [expect.stringMatching(/^warning rights-remedies: Not allowed: patch nodes, /)],
  });
  const reader = `${bot.name}-${bot.name}-reader`;
  const rules = Rules.parse(JSON.parse(await own.kubectl('get', 'clusterrole', reader, '-o', 'json'))).rules;
  const replace = (value: unknown) =>
    own.kubectl('patch', 'clusterrole', reader, '--type=json', '-p', JSON.stringify([{ op: 'replace', path: '/rules', value }]));
  await replace(
    rules.map((rule) => ({ ...rule, verbs: rule.resources?.includes('pods') ? rule.verbs.filter((verb) => verb !== 'list') : rule.verbs })),
  );
  await eventually(
    async () =>
      expect(await doctor('worker')).toEqual({
        code: 1,
        wrong: [expect.stringMatching(/^broken rights-diagnosis: Not allowed: list pods\b/)],
      }),
    PATIENCE_MS,
  );
  await replace(rules);
  await eventually(async () => expect(await doctor('worker')).toEqual({ code: 0, wrong: [] }), PATIENCE_MS);
});

const DoctorDocument = z.object({ checks: z.array(z.object({ id: z.string(), status: z.string(), says: z.string() })) });
const Rules = z.object({ rules: z.array(z.looseObject({ resources: z.array(z.string()).optional(), verbs: z.array(z.string()) })) });
