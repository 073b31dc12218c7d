import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.ts';
import { examine } from '../../src/app/doctor/doctor.ts';
import { replicasSeen } from '../../src/app/doctor/redis-checks.ts';
import type { ClusterServer } from '../../src/demo/cluster/cluster-server.ts';
import { startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import { startSlack } from '../../src/demo/slack/slack-server.ts';
import { type Checked, keyOf } from '../../src/doctor/check.ts';
import { doctorDocument } from '../../src/doctor/doctor-document.ts';
import { doctorText } from '../../src/doctor/doctor-text.ts';
import { plain } from '../../src/report/layout.ts';
import { KINDS, versionsOf } from '../../src/store/kinds.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { connectProxy } from '../support/connect-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/real-parts.ts';
import { type OwnRedis, startRedis } from '../support/redis.ts';
import { pod } from '../support/remedy-objects.ts';
import { runCli } from '../support/run-cli.ts';

const CHANNEL = 'C0INCIDENTS';
const CANARY = 'canary-token';
let folder: string;
let certificates: Certificates;
let redis: OwnRedis;
let slack: Awaited<ReturnType<typeof startSlack>>;
let cluster: ClusterServer;
/** What the account of the bot may not. */
let denied: (attempt: { readonly verb: string; readonly resource: string; readonly namespace?: string; readonly name?: string }) => boolean;
beforeAll(async () => {
  [certificates, redis] = await Promise.all([makeCertificates(), startRedis()]);
});
afterAll(() => Promise.all([certificates.remove(), redis.stop()]));
beforeEach(async () => {
  denied = () => false;
  folder = await mkdtemp(join(tmpdir(), 'imagepull-doctor-'));
  slack = await startSlack();
  slack.workspace.addChannel(CHANNEL, 'incidents', [slack.workspace.botUser]);
  cluster = await startCluster({
    tls: { cert: await readFile(certificates.good.certificate, 'utf8'), key: await readFile(certificates.good.key, 'utf8') },
    accounts: new Map([[CANARY, { user: 'system:serviceaccount:imagepull:imagepull-worker', may: (attempt) => !denied(attempt) }]]),
  });
});
afterEach(() => Promise.all([slack.stop(), cluster.stop(), rm(folder, { recursive: true })]));

interface Given {
  readonly token?: string;
  readonly redisUrl?: string;
  readonly clusterUrl?: string;
  readonly now?: () => Date;
  readonly more?: string;
  readonly clusterMore?: string;
  readonly appToken?: string;
  readonly signal?: AbortSignal;
}

/** Examines a service of one process with these parts. */
async function examined({
  token = slack.botToken,
  redisUrl = redis.url,
  clusterUrl = cluster.url,
  now = () => new Date(),
  more = '',
  clusterMore = '',
  appToken = slack.appToken,
  signal,
}: Given = {}): Promise<readonly Checked[]> {
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigFor(clusterUrl, CANARY));
  const text = `
clusters: [{ name: prod, kubeconfig: ${kubeconfig}, kubelet: off${clusterMore} }]
channels: { default: ${CHANNEL} }
redis: { prefix: doctor }
${more.includes('APIURL') ? '' : `slack: { apiUrl: '${slack.apiUrl}' }`}
${more.replace('APIURL', `'${slack.apiUrl}'`)}`;
  const environment = { SLACK_BOT_TOKEN: token, SLACK_APP_TOKEN: appToken, REDIS_URL: redisUrl };
  const read = () => readConfig({ file: { name: 'test.yaml', text }, environment, roles: undefined, clusters: undefined });
  return examine(read, { now, environment, ...(signal === undefined ? {} : { signal }) });
}

/** As people read it, without what differs from run to run. */
const shown = (checked: readonly Checked[]): string => masked(doctorText(checked, { paint: plain, width: 100 }));
const masked = (text: string): string =>
  text
    .replace(/127\.0\.0\.1:\d+/g, 'HOST')
    .replaceAll(folder, 'FOLDER')
    .replace(/[\d.]+ [kMG]?B are used/, 'SOME are used')
    .replace(/takes (?:less than 1|\d+) ms/, 'takes SOME ms');
const of = (checked: readonly Checked[], key: string) => checked.find((one) => keyOf(one) === key);

describe('imagepull doctor', () => {
  it('says of everything that it is there, in the order in which one rests on another', async () => {
    const checked = await examined();
    await expect(shown(checked)).toMatchFileSnapshot('doctor-fine.txt');
    expect(doctorDocument(checked, new Date(0))).toMatchObject({ schemaVersion: 1, fine: true });
  });

  it('says what is wrong, what to do and where to read on, and what it left out for that', async () => {
    const port = await freePort();
    const checked = await examined({
      token: 'xoxb-canary-wrong',
      redisUrl: `redis://:canary-password@127.0.0.1:${port}`,
      clusterUrl: `https://127.0.0.1:${port}`,
    });
    await expect(shown(checked)).toMatchFileSnapshot('doctor-broken.txt');
    const document = doctorDocument(checked, new Date(0));
    await expect(`${masked(JSON.stringify(document, null, 2))}\n`).toMatchFileSnapshot('doctor-broken.json');
    expect(document.fine).toBe(false);
    expect(JSON.stringify(document) + shown(checked)).not.toContain('canary');
  });

  it('stops at a configuration that cannot be read', async () => {
    const checked = await examined({ more: 'chanels: {}' });
    expect(checked).toHaveLength(1);
    expect(checked[0]).toMatchObject({ id: 'configuration', status: 'broken', says: expect.stringContaining('chanels') });
  });

  it('names each scope that the token lacks, with what it is for', async () => {
    await slack.stop();
    slack = await startSlack({
      scopes: ['chat:write', 'commands', 'channels:read', 'groups:read', 'users:read', 'channels:history', 'groups:history'],
    });
    slack.workspace.addChannel(CHANNEL, 'incidents', []);
    const checked = await examined();
    expect(of(checked, 'slack-scopes')).toMatchObject({
      status: 'broken',
      says: expect.stringMatching(/^Missing: app_mentions:read \(@imagepull in threads/),
    });
    expect(of(checked, 'slack-channels')).toMatchObject({ status: 'broken', says: 'The bot is not in #incidents.' });
  });

  it('names each right that is missing, with its price, and only pods and events are vital', async () => {
    denied = ({ verb, resource }) => resource === 'secrets' || (resource === 'events' && verb === 'watch');
    const checked = await examined();
    expect(of(checked, 'rights-secrets/prod')).toMatchObject({
      status: 'warning',
      says: 'Not allowed: get secrets.',
      hint: expect.stringContaining('registries are asked anonymously'),
    });
    expect(of(checked, 'rights-watch/prod')).toMatchObject({ status: 'warning', says: 'Not allowed: watch events.' });
    expect(of(checked, 'rights-nodes/prod')).toMatchObject({ status: 'ok' });
    denied = ({ resource }) => resource === 'pods';
    expect(of(await examined(), 'rights-diagnosis/prod')).toMatchObject({ status: 'broken', says: 'Not allowed: get pods, list pods.' });
  });

  it('tells a Redis that drops work from one that only forgets', async () => {
    const [drops, forgets] = await Promise.all([startRedis(['--maxmemory-policy', 'allkeys-lru']), startRedis(['--appendonly', 'no'])]);
    try {
      expect(of(await examined({ redisUrl: drops.url }), 'redis-settings')).toMatchObject({
        status: 'broken',
        says: expect.stringContaining('allkeys-lru'),
      });
      expect(of(await examined({ redisUrl: forgets.url }), 'redis-settings')).toMatchObject({
        status: 'warning',
        says: expect.stringContaining('does not persist'),
      });
    } finally {
      await Promise.all([drops.stop(), forgets.stop()]);
    }
  });

  it('leaves out what the user of Redis may not ask', async () => {
    const admin = new Redis(redis.url);
    try {
      await admin.call('ACL', 'SETUSER', 'low', 'on', '>secret', '~*', '&*', '+@connection', '+info', '+config|get');
      const checked = await examined({ redisUrl: redis.url.replace('redis://', 'redis://low:secret@') });
      expect(of(checked, 'replicas')).toMatchObject({ status: 'skipped', says: 'This user of Redis may not ask for that.' });
      expect(of(checked, 'redis-clock')).toMatchObject({ status: 'ok' });
      expect(of(checked, 'redis-latency')).toMatchObject({ status: 'ok' });
      expect(checked.filter(({ category, status }) => category === 'redis' && status === 'broken')).toEqual([]);
    } finally {
      await admin.call('ACL', 'DELUSER', 'low');
      admin.disconnect();
    }
  });

  it('says when a Redis is nearly full', async () => {
    const admin = new Redis(redis.url);
    try {
      const [, used = '0'] = /used_memory:(\d+)/.exec(await admin.info('memory')) ?? [];
      await admin.config('SET', 'maxmemory', Math.round(Number(used) * 1.1));
      expect(of(await examined(), 'redis-memory')).toMatchObject({ status: 'warning', says: expect.stringMatching(/ are used\.$/) });
    } finally {
      await admin.config('SET', 'maxmemory', 0);
      admin.disconnect();
    }
  });

  it('asks the registries of the pods that run, by name', async () => {
    const image = `127.0.0.1:${await freePort()}/shop/web:1`;
    cluster.store.put({ kind: 'Namespace', metadata: { name: 'shop' } });
    const { kind, metadata, ...parts } = pod({ name: 'web-0', image, state: 'pulled' });
    cluster.store.put({ kind, metadata: { ...metadata }, ...parts });
    expect(of(await examined(), 'registries/prod')).toMatchObject({
      status: 'warning',
      says: expect.stringMatching(/^Not reached from here: 127\.0\.0\.1:\d+\./),
    });
  });

  it('is content with roles in the namespaces that the bot is for', async () => {
    denied = ({ namespace }) => namespace !== 'shop';
    const image = `127.0.0.1:${await freePort()}/shop/web:1`;
    cluster.store.put({ kind: 'Namespace', metadata: { name: 'shop' } });
    const { kind, metadata, ...parts } = pod({ name: 'web-0', image, state: 'pulled' });
    cluster.store.put({ kind, metadata: { ...metadata }, ...parts });
    const checked = await examined({ more: 'watch: { enabled: false }', clusterMore: ', namespaces: { allow: [shop] }' });
    expect(checked.filter(({ status }) => status === 'broken')).toEqual([]);
    expect(of(checked, 'registries/prod')).toMatchObject({ status: 'warning', says: expect.stringContaining('Not reached from here') });
  });

  it('asks for the roles of an executor where remedies are wanted, and in the namespace of node tasks', async () => {
    denied = ({ namespace, verb, resource }) =>
      ({ shop: false, 'bot-nodes': resource === 'secrets', bot: false })[namespace ?? ''] ??
      !['get nodes', 'list pods'].includes(`${verb} ${resource}`);
    const image = `registry.example/imagepull@sha256:${'0'.repeat(64)}`;
    const checked = await examined({
      more: 'watch: { enabled: false }\nremedies: { policy: runbooks/approvals.yaml, signingKey: KEY, gatewayKeys: [K], executorKeys: [K] }',
      clusterMore: `, secrets: false, executor: { namespace: bot, namespaces: [shop], nodes: false }, nodeTasks: { image: '${image}', namespace: bot-nodes }`,
    });
    const seen = Object.fromEntries(
      checked.filter(({ id }) => id.startsWith('rights-')).map(({ id, status, says }) => [id, status === 'ok' ? status : says]),
    );
    expect(seen).toMatchObject({
      'rights-remedies': 'ok',
      'rights-freeze': 'ok',
      'rights-node-tasks': 'ok',
      'rights-node-task-pods': 'Not allowed in bot-nodes: create secrets.',
    });
    expect(Object.keys(seen)).not.toContain('rights-cordon');
    expect(Object.keys(seen)).not.toContain('rights-approver');
  });

  it('says once that pods may not be listed', async () => {
    denied = ({ verb, resource }) => verb === 'list' && resource === 'pods';
    const checked = await examined();
    expect(checked.filter(({ status }) => status === 'broken').map(keyOf)).toEqual(['rights-diagnosis/prod']);
    expect(of(checked, 'registries/prod')).toMatchObject({ status: 'skipped', says: 'rights-diagnosis has to be fine first.' });
  });

  it('asks for the Lease that the configuration names', async () => {
    denied = ({ resource, namespace, name }) =>
      resource === 'leases' && (namespace !== 'elsewhere' || (name !== undefined && name !== 'mine'));
    const more = 'watch: { lease: { namespace: elsewhere, name: mine } }';
    expect(of(await examined({ more }), 'rights-lease/prod')).toMatchObject({ status: 'ok' });
    expect(of(await examined(), 'rights-lease/prod')).toMatchObject({ status: 'warning' });
  });

  it('tells nothing of namespaces that the bot may not read', async () => {
    cluster.store.put({ kind: 'Namespace', metadata: { name: 'shop' } });
    const { kind, metadata, ...parts } = pod({ name: 'web-0', image: '127.0.0.1:1/shop/web:1', state: 'pulled' });
    cluster.store.put({ kind, metadata: { ...metadata }, ...parts });
    expect(of(await examined({ clusterMore: ', namespaces: { deny: [shop] }' }), 'registries/prod')).toMatchObject({ status: 'skipped' });
  });

  it('names the app-level token where Slack refuses that', async () => {
    const connection = of(await examined({ appToken: 'xapp-canary-wrong' }), 'slack-connection');
    expect(connection).toMatchObject({ status: 'broken', hint: expect.stringContaining('SLACK_APP_TOKEN') });
    expect(JSON.stringify(connection)).not.toContain('SLACK_BOT_TOKEN');
  });

  it('names a private channel that the bot may not even see', async () => {
    slack.workspace.addChannel('C0HIDDEN', 'hidden', [], true);
    const more = 'slack: { apiUrl: APIURL, alertChannels: [{ channel: C0HIDDEN, apps: [A0GRAFANA] }] }';
    expect(of(await examined({ more }), 'slack-channels')).toMatchObject({ status: 'broken', says: expect.stringContaining('C0HIDDEN') });
  });

  it('misses the secret of an alert source before serve does', async () => {
    const more =
      'alerts: { sources: [{ name: am, sender: alertmanager, cluster: prod, authentication: { scheme: bearer, secret: ALERTS_TOKEN } }] }';
    expect(of(await examined({ more }), 'configuration')).toMatchObject({
      status: 'broken',
      says: expect.stringContaining('ALERTS_TOKEN'),
    });
  });

  it('goes through the proxy that a file names, as serve does, again with each examination', async () => {
    const { server, heads } = connectProxy(() => '502 Bad Gateway');
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const [config, proxy] = [join(folder, 'config.yaml'), join(folder, 'proxy')];
      await writeFile(config, `clusters: [{ name: prod, kubeconfig: ${folder}/none }]\nslack: { apiUrl: 'https://slack.example/api/' }\n`);
      await writeFile(proxy, `http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
      const env = { HTTPS_PROXY_FILE: proxy, SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };
      const args = ['src/cli.ts', 'doctor', '--config', config, '--wait', '60m'];
      const child = spawn(process.execPath, args, { env: { PATH: process.env['PATH'], HOME: folder, ...env } });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const closed = once(child, 'close');
      // The client tries twice, so the third request is of another examination.
      await eventually(() => expect(heads.length).toBeGreaterThan(2));
      child.kill('SIGINT');
      expect(await closed).toEqual([1, null]);
      expect(said).not.toMatch(/both set|bug of imagepull/);
      expect(heads[0]).toMatch(/^CONNECT slack\.example:443 /);
    } finally {
      server.close();
    }
  });

  it('waits for an hour at most, and says so', async () => {
    const { code, stderr } = await runCli(['doctor', '--config', join(folder, 'none.yaml'), '--wait', '61m']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Write --wait as a time such as 90s or 5m, of an hour at most.')]);
  });

  it('calls it no bug that somebody ended it', async () => {
    const ending = new AbortController();
    ending.abort();
    const said = await examined({ signal: ending.signal }).then(JSON.stringify, () => 'ended');
    expect(said).not.toMatch(/bug of imagepull|"status":"broken"/);
  });

  it('compares clocks', async () => {
    const checked = await examined({ now: () => new Date(Date.now() + 90_000) });
    expect(of(checked, 'clock/prod')).toMatchObject({
      status: 'warning',
      says: expect.stringMatching(/^The clock here is 1 min (?:29|30|31) s ahead of that of the API server of prod\.$/),
    });
    expect(of(checked, 'redis-clock')).toMatchObject({ status: 'warning' });
  });
});

describe('other processes of the service', () => {
  const alive = (roles: readonly string[], versions = versionsOf(KINDS)) => ({
    id: 'x',
    roles: [...roles],
    clusters: ['prod'],
    versions: { ...versions },
    taskVersion: 5,
  });
  const config = readConfig({
    file: { name: 'x', text: 'clusters: [{ name: prod }]' },
    environment: { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' },
    roles: undefined,
    clusters: undefined,
  });

  it.each([
    ['nobody lives', [], 'skipped', /^No process/],
    ['nobody listens to Slack', [alive(['worker'])], 'broken', /^No gateway lives/],
    ['nobody works for a cluster', [alive(['gateway'])], 'broken', /^No worker lives for prod/],
    [
      'one is of another version',
      [alive(['gateway', 'worker']), alive(['worker'], { run: 1 })],
      'warning',
      /^1 of 2 processes read other versions/,
    ],
    ['all are alike', [alive(['gateway', 'worker']), alive(['worker'])], 'ok', /^2 processes live/],
  ] as const)('are told of where %s', (_, heartbeats, status, says) => {
    expect(replicasSeen(heartbeats, config)).toMatchObject({ status, says: expect.stringMatching(says) });
  });
});
