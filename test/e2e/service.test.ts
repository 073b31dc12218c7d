import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../src/app/config.ts';
import { openService } from '../../src/app/service/service.ts';
import { charactersIn } from '../../src/demo/slack/block-limits.ts';
import { type SlackServer, startSlack } from '../../src/demo/slack/slack-server.ts';
import { type Log, SILENT } from '../../src/telemetry/log.ts';
import { startApiServer } from '../support/api-server.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { podObject } from '../support/objects.ts';
import { freePort } from '../support/real-parts.ts';

const CHANNEL = 'C0INCIDENTS';
const USER = 'U0SRE';
const IMAGE = '127.0.0.1:9/shop/web:1';
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** The service in memory, a workspace with one channel, and a cluster with one pod that cannot pull. */
async function world(configured = '', more = '') {
  const slack = await startSlack({ burst: 50, limitMs: PATIENCE_MS });
  stops.push(slack.stop);
  slack.workspace.addChannel(CHANNEL, 'incidents', [USER, slack.workspace.botUser]);
  const message = `Failed to pull image "${IMAGE}": failed to resolve image: ${IMAGE}: not found`;
  const api = await startApiServer(recordingOf(podObject({ image: IMAGE, waiting: { reason: 'ErrImagePull', message } })));
  stops.push(api.stop);
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-e2e-'));
  stops.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'kubeconfig'), api.kubeconfig);
  const text = `
clusters: [{ name: prod, kubeconfig: ${join(folder, 'kubeconfig')}, kubelet: off, registry: false${configured} }]
http: { host: 127.0.0.1, port: 0, privatePort: 0 }
slack: { apiUrl: '${slack.apiUrl}', alertChannels: [{ channel: ${CHANNEL}, apps: [A0GRAFANA] }] }
${more}`;
  const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
  const logged: string[] = [];
  const line = (text_: string, fields: object = {}) => void logged.push(`${text_} ${JSON.stringify(fields)}`);
  const log: Log = { ...SILENT, info: line, warn: line, error: line };
  const config = readConfig({ file: { name: 'test.yaml', text }, environment, roles: undefined, clusters: undefined });
  const service = await openService(config, log);
  stops.push(service.stop);
  return { slack, logged, api };
}

const own = ({ workspace }: SlackServer) => workspace.messages.filter(({ user }) => user === workspace.botUser);
/** Waits for the card of a finished run, its evidence and its commands. */
const told = (slack: SlackServer, runs = 1) => eventually(() => expect(own(slack)).toHaveLength(1 + 2 * runs));
const ephemeral = (slack: SlackServer) =>
  eventually(() => expect(slack.responses.length).toBeGreaterThan(0)).then(() => JSON.stringify(slack.responses));

describe('the service in Slack', () => {
  it('tells a diagnosis in one card that is edited, with evidence and commands below it', async () => {
    const { slack, logged } = await world();
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
    await told(slack);
    const [card, evidence, commands] = own(slack);
    expect(card?.text).toContain('127.0.0.1:9 does not have shop/web:1');
    expect(card?.edits.length).toBeGreaterThan(0);
    expect(evidence).toMatchObject({ threadTs: card?.ts, text: expect.stringMatching(/^Evidence[\s\S]*not found/) });
    expect(commands).toMatchObject({ threadTs: card?.ts, text: expect.stringMatching(/^Commands[\s\S]*kubectl/) });
    expect(charactersIn(card?.blocks)).toBeLessThan(13_200);
    expect(
      logged.filter(
        (text) =>
          !/^(?:serving|listening|examined|no cluster is watched|a diagnosis has|a step has failed)/.test(text) &&
          !text.startsWith('REDIS_URL'),
      ),
    ).toEqual([]);
  });

  it('runs again at a click, in the same thread', async () => {
    const { slack } = await world();
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
    await told(slack);
    const [card] = own(slack);
    if (!card) throw new Error('no card');
    await slack.click({ user: USER, message: card, label: 'Run again' });
    await told(slack, 2);
    expect(own(slack).filter(({ threadTs }) => threadTs === card.ts)).toHaveLength(4);
    await slack.click({ user: USER, message: card, label: 'Show raw' });
    await eventually(() => expect(JSON.stringify(slack.workspace.views)).toContain('failed to resolve image'));
  });

  it('silences a workload, lists that, and ends it at a click', async () => {
    const { slack } = await world();
    await slack.command({ user: USER, channel: CHANNEL, text: 'silence shop/web-0 2h moving the registry' });
    expect(await ephemeral(slack)).toContain('I tell nobody of `shop/web-0` in prod by myself');
    await slack.command({ user: USER, channel: CHANNEL, text: 'silences' });
    await eventually(() => expect(JSON.stringify(slack.responses.at(-1))).toContain('moving the registry'));
    const { blocks } = z.object({ blocks: z.array(z.unknown()) }).parse(slack.responses.at(-1)?.body);
    await slack.click({ user: USER, message: { channel: CHANNEL, blocks }, label: 'End' });
    await eventually(() => expect(JSON.stringify(slack.responses.at(-1))).toContain('is ended'));
    await slack.command({ user: USER, channel: CHANNEL, text: 'silences' });
    await eventually(() => expect(JSON.stringify(slack.responses.at(-1))).toContain('Nothing is silenced.'));
  });

  it('says at the start and to an admin what it lacks, and nothing of that to others', async () => {
    const { slack, logged } = await world('', 'channels: { default: C0ELSEWHERE }');
    await eventually(() => expect(logged.find((text) => text.startsWith('examined'))).toContain('"wrong":["slack-channels"]'));
    expect(logged.find((text) => text.startsWith('the doctor found something'))).toContain(
      '"check":"slack-channels","status":"broken","because":"The bot is not in C0ELSEWHERE (private, archived or gone).","hint":"Invite it there',
    );
    await slack.command({ user: USER, channel: CHANNEL, text: 'doctor' });
    expect(await ephemeral(slack)).toContain('Only admins may ask how I am');
    expect(JSON.stringify(slack.responses)).not.toContain('C0ELSEWHERE');
    slack.workspace.people.set('U0ADMIN', { admin: true });
    await slack.command({ user: 'U0ADMIN', channel: CHANNEL, text: 'doctor' });
    await eventually(() => expect(slack.responses).toHaveLength(2));
    expect(slack.responses[1]?.body).toMatchObject({ response_type: 'ephemeral', text: expect.stringMatching(/^1 of my checks fails/) });
    expect(JSON.stringify(slack.responses[1])).toContain('✗ `slack-channels` The bot is not in C0ELSEWHERE');
  });

  it('does a delivery that comes twice once', async () => {
    const { slack } = await world();
    slack.deliverTwice();
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
    await told(slack);
    await slack.command({ user: USER, channel: CHANNEL, text: 'status' });
    expect(await ephemeral(slack)).toContain('does not have');
    expect(own(slack)).toHaveLength(3);
  });

  it('posts nothing twice where the answer to a post is lost, Slack fails or has too much to do', async () => {
    const { slack } = await world();
    slack.faults.add({ kind: 'cut-after', methods: ['chat.postMessage'] });
    slack.faults.add({ kind: 'server-error', methods: ['chat.update', 'chat.postMessage'] });
    slack.faults.add({ kind: 'rate-limited', methods: ['chat.update', 'chat.postMessage'], retryAfterS: 1 });
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
    await told(slack);
    expect(own(slack)[0]?.text).toContain('does not have');
  });

  it.each([
    ['diagnose shop/web-1', 'Did you mean web-0?'],
    ['diagnos shop/web-0', 'Did you mean `diagnose shop/web-0`?'],
    ['diagnose shop/web-0 in staging', 'Known are: prod.'],
    ['diagnose shop/Web-0', 'names are lower case'],
    ['help', 'diagnose NAMESPACE/POD'],
    ['history', 'Nothing was diagnosed there'],
    ['scan', '1 pod cannot pull an image, for one reason'],
  ])('answers "%s" to the person alone', async (text, says) => {
    const { slack } = await world();
    await slack.command({ user: USER, channel: CHANNEL, text });
    expect(await ephemeral(slack)).toContain(says);
    expect(own(slack)).toEqual([]);
  });

  it('refuses a namespace that the configuration forbids', async () => {
    const { slack } = await world(', namespaces: { deny: [shop] }');
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
    expect(await ephemeral(slack)).toContain('Namespace shop of prod is not one');
  });

  it('lets people choose from the pods that fail', async () => {
    const { slack } = await world();
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose' });
    await eventually(() => expect(slack.workspace.views).toHaveLength(1));
    const { payload } = await slack.suggest({ user: USER, view: 0, actionId: 'imagepull.pick.pod', typed: 'web' });
    expect(payload).toMatchObject({ options: [{ value: 'shop/web-0' }] });
    await slack.submit({ user: USER, view: 0, values: { 'imagepull.pick.pod': 'shop/web-0' } });
    await told(slack);
  });

  it('has figures whose labels name no namespace, pod, image, registry or person', async () => {
    const { slack, logged } = await world();
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
    await told(slack);
    await slack.command({ user: USER, channel: CHANNEL, text: 'scan' });
    const alert = await slack.appMessage({ app: 'A0GRAFANA', channel: CHANNEL, text: 'KubePodNotReady namespace="shop" pod="web-0"' });
    const [card] = own(slack);
    if (!card) throw new Error('no card');
    await slack.click({ user: USER, message: card, label: 'Wrong verdict …' });
    await eventually(() => expect(slack.workspace.views).toHaveLength(1));
    await slack.submit({ user: USER, view: 0, values: { 'imagepull.dispute.cause': 'dns-failure' } });
    const port = /health checks and figures \{"port":([0-9]+)/.exec(logged.join('\n'))?.[1];
    const figures = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await eventually(async () => expect(await figures()).toContain('imagepull_verdicts_disputed_total{'));
    const rows = (await figures()).split('\n').filter((row) => row.startsWith('imagepull_'));
    const values = rows.flatMap((row) => [...row.matchAll(/[a-z_]+="([^"]*)"/g)].map(([, value]) => value ?? ''));
    expect(values.length).toBeGreaterThan(20);
    const names = ['shop', 'web', '127.0.0.1', USER, CHANNEL, alert.ts, 'Deployment', 'A0GRAFANA'];
    expect(values.filter((value) => names.some((name) => value.includes(name)))).toEqual([]);
    expect(new Set(rows.filter((row) => row.includes('cluster=')).map((row) => /cluster="([^"]*)"/.exec(row)?.[1]))).toEqual(
      new Set(['prod']),
    );
  });

  it('looks into an alert that another app posts, in its thread, and asks there which pod it is about where it does not say', async () => {
    const { slack } = await world();
    await slack.appMessage({ app: 'A0OTHER', channel: CHANNEL, text: 'KubePodNotReady namespace="shop" pod="web-0"' });
    const lost = await slack.appMessage({ app: 'A0GRAFANA', channel: CHANNEL, text: '[FIRING:1] ImagePullBackOff somewhere' });
    await eventually(() => expect(own(slack)).toMatchObject([{ threadTs: lost.ts, text: expect.stringContaining('Which one is it?') }]));
    const alert = await slack.appMessage({
      app: 'A0GRAFANA',
      channel: CHANNEL,
      text: '[FIRING:1] KubePodNotReady namespace="shop" pod="web-0"',
    });
    await eventually(() => expect(own(slack).filter(({ threadTs }) => threadTs === alert.ts)).toHaveLength(3));
    const [question] = own(slack);
    if (!question) throw new Error('nobody asked');
    await slack.click({ user: USER, message: question, label: 'Choose a pod …' });
    await eventually(() => expect(slack.workspace.views).toHaveLength(1));
    await slack.submit({ user: USER, view: 0, values: { 'imagepull.pick.pod': 'shop/web-0' } });
    await eventually(() => expect(JSON.stringify(slack.workspace.ephemerals)).toContain('An incident about this pod is open'));
  });

  it('reads the pod out of an alert, and answers in its thread', async () => {
    const { slack } = await world();
    const alert = slack.workspace.post({
      channel: CHANNEL,
      user: 'UALERT',
      text: '[FIRING:1] KubePodNotReady namespace="shop" pod="web-0"',
    });
    await slack.shortcut({ user: USER, message: alert, callbackId: 'imagepull.diagnose_message' });
    await told(slack);
    expect(own(slack).map(({ threadTs }) => threadTs)).toEqual([alert.ts, alert.ts, alert.ts]);
  });

  it('answers a mention in its thread, and lists what is open at home', async () => {
    const { slack } = await world();
    await slack.mention({ user: USER, channel: CHANNEL, text: '<@U0BOT> diagnose shop/web-0' });
    await told(slack);
    await slack.openHome(USER);
    await eventually(() => expect(JSON.stringify(slack.workspace.homes.get(USER))).toContain('shop/web-0'));
  });

  it('acknowledges although the cluster is down, and says that it is', async () => {
    const { slack, api } = await world();
    await api.stop();
    stops.splice(stops.indexOf(api.stop), 1);
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
    expect(await ephemeral(slack)).toMatch(/Cannot reach|does not answer|unreachable/);
    expect(own(slack)).toEqual([]);
  });

  it('lives on where Slack goes away, and says why it cannot be reached', async () => {
    const { slack, logged } = await world();
    await slack.stop();
    stops.splice(stops.indexOf(slack.stop), 1);
    await eventually(() =>
      expect(logged.join('\n')).toMatch(/Slack connection .*Slack cannot be reached: 127\.0\.0\.1: connection refused\./),
    );
    // Tried again and told again, as nobody has mended it.
    await eventually(() => expect(logged.filter((line) => line.startsWith('Slack connection')).length).toBeGreaterThan(1));
  });

  it('tells who asked that the bot is not in the channel', async () => {
    const { slack } = await world();
    slack.workspace.addChannel('C0OTHER', 'other', [USER]);
    await slack.command({ user: USER, channel: 'C0OTHER', text: 'diagnose shop/web-0' });
    expect(await ephemeral(slack)).toContain('/invite @imagepull');
  });

  it('tells who asked, in a conversation of their own, that a card cannot be shown in the channel', async () => {
    const { slack } = await world();
    const channel = slack.workspace.channels.get(CHANNEL);
    if (channel) channel.archived = true;
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
    await eventually(() =>
      expect(own(slack)).toMatchObject([
        { channel: USER, text: expect.stringMatching(/diagnosis of shop\/web-0 cannot be shown: The channel is archived/) },
      ]),
    );
  });

  it('shows a scan with a button for each group, which begins a diagnosis in the channel', async () => {
    const { slack } = await world();
    await slack.command({ user: USER, channel: CHANNEL, text: 'scan' });
    await ephemeral(slack);
    const { blocks } = (slack.responses[0]?.body ?? {}) as { blocks: unknown[] };
    await slack.click({ user: USER, message: { channel: CHANNEL, blocks }, label: 'Diagnose' });
    await told(slack);
    expect(own(slack)[0]?.text).toContain('does not have');
  });

  it('lists what is open at home, with a link to its card', async () => {
    const { slack } = await world();
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
    await told(slack);
    const [card] = own(slack);
    await slack.openHome(USER);
    const link = `https://slack.test/archives/${CHANNEL}/p${card?.ts.replace('.', '')}`;
    await eventually(() => expect(JSON.stringify(slack.workspace.homes.get(USER))).toContain(link));
  });

  it('lets no error show the address of the API server', async () => {
    const { slack, api } = await world();
    await api.stop();
    stops.splice(stops.indexOf(api.stop), 1);
    await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
    const told = await ephemeral(slack);
    expect(told).toContain('the API server of prod');
    expect(told).not.toContain(new URL(api.url).host);
  });

  it('stops although a request over HTTP is only half sent', async () => {
    const slack = await startSlack();
    stops.push(slack.stop);
    const port = await freePort();
    const text = `http: { host: 127.0.0.1, port: ${port}, privatePort: 0 }\nslack: { mode: http, apiUrl: '${slack.apiUrl}' }\nclusters: [{ name: prod, kubelet: off, registry: false, kubeconfig: ${await emptyKubeconfig()} }]`;
    const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_SIGNING_SECRET: 'secret' };
    const config = readConfig({ file: { name: 'test.yaml', text }, environment, roles: undefined, clusters: undefined });
    const service = await openService(config, SILENT);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
    const closed = once(socket.resume(), 'close');
    await service.stop();
    await closed;
  });
});

/** A kubeconfig of a cluster that nobody asks anything. */
async function emptyKubeconfig(): Promise<string> {
  const api = await startApiServer(recordingOf(podObject({})));
  stops.push(api.stop);
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-e2e-'));
  stops.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'kubeconfig'), api.kubeconfig);
  return join(folder, 'kubeconfig');
}
