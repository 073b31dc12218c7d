import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.ts';
import { openService } from '../../src/app/service/service.ts';
import { startSlack } from '../../src/demo/slack/slack-server.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/redis.ts';
import { deployment, type OwnNamespace, ownNamespace } from './cluster.ts';
import { outageBefore } from './outage.ts';
import { serveProcess } from './process.ts';
import { pullableImage } from './tag.ts';

const CHANNEL = 'C0INCIDENTS';
/** Nobody listens there, so the pull fails at once on every node. */
const IMAGE = '127.0.0.1:1/imagepull/none:1';
const PATIENCE_MS = 180_000;
let own: OwnNamespace;
const stops: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  own = await ownNamespace();
});
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
  await own.kubectl('delete', 'deployments', '--all', '--cascade=foreground', '--wait');
});
afterAll(async () => own?.remove());

/** A configuration that watches the namespace of these tests alone. */
const configured = (slackApi: string, more: string, kubeconfig = own.kubeconfig) => `
clusters: [{ name: real, kubeconfig: ${kubeconfig}, kubelet: off, registry: false, namespaces: { allow: [${own.name}] } }]
channels: { default: ${CHANNEL} }
http: { host: 127.0.0.1, port: 0, privatePort: 0 }
slack: { apiUrl: '${slackApi}' }
${more}
`;

async function workspace() {
  const slack = await startSlack({ burst: 100 });
  stops.push(slack.stop);
  slack.workspace.addChannel(CHANNEL, 'incidents', [slack.workspace.botUser]);
  const cards = () => slack.workspace.messages.filter(({ user, threadTs }) => user === slack.workspace.botUser && threadTs === undefined);
  return { slack, cards };
}

describe('the watch of a real cluster', () => {
  it('tells of pods that cannot pull in one card, and turns it green once they are gone', async () => {
    const { slack, cards } = await workspace();
    const text = configured(slack.apiUrl, 'watch: { announceAfterMs: 5000, lease: off }');
    const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
    const config = readConfig({ file: { name: 'test.yaml', text }, environment, roles: undefined, clusters: undefined });
    const service = await openService(config, SILENT);
    stops.push(service.stop);
    const begun = performance.now();
    await own.apply(deployment('web', IMAGE, 3));
    await eventually(() => expect(cards()).toHaveLength(1), PATIENCE_MS);
    console.log(`first card ${((performance.now() - begun) / 1000).toFixed(1)} s after the pods were made, announceAfter 5 s`);
    await eventually(() => expect(cards()[0]?.text).toMatch(/3 pods of Deployment/), PATIENCE_MS);
    expect(cards()[0]?.text).toContain('connection-refused');
    await own.kubectl('delete', 'deployment', 'web');
    const gone = performance.now();
    await eventually(() => expect(cards()[0]?.text).toMatch(/^Resolved by itself/), PATIENCE_MS);
    console.log(`green ${((performance.now() - gone) / 1000).toFixed(1)} s after they were gone`);
    expect(cards()).toHaveLength(1);
  });

  it('goes on with another process within 15 s after the one that watched was killed, and tells nothing twice', async () => {
    const { slack, cards } = await workspace();
    const redis = await startRedis();
    stops.push(() => redis.stop());
    const text = configured(
      slack.apiUrl,
      `watch: { announceAfterMs: 0, lease: { namespace: ${own.name} } }\nredis: { leaseMs: 2000, checkMs: 500 }`,
    );
    const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken, REDIS_URL: redis.url };
    const processes = await Promise.all([0, 1].map(() => serveProcess(text, environment)));
    for (const { stop } of processes) stops.push(stop);
    await own.apply(deployment('before', IMAGE));
    await eventually(() => expect(cards()).toHaveLength(1), PATIENCE_MS);
    const leader = processes.find(({ said }) => said().includes('"msg":"watching"'));
    const other = processes.find((one) => one !== leader);
    expect(other?.said()).not.toContain('"msg":"watching"');
    await leader?.kill();
    const killed = performance.now();
    await eventually(() => expect(other?.said()).toContain('"msg":"watching"'), PATIENCE_MS);
    const tookS = (performance.now() - killed) / 1000;
    console.log(`another process watches ${tookS.toFixed(1)} s after the kill`);
    expect(tookS).toBeLessThan(15);
    await own.apply(deployment('after', IMAGE.replace(':1/', ':2/')));
    await eventually(() => expect(cards().at(-1)?.text).toContain('127.0.0.1:2'), PATIENCE_MS);
    expect(cards()).toHaveLength(2);
  });

  it('turns a card green by itself once the image is there, and says how many pods pulled', async () => {
    const { slack, cards } = await workspace();
    const { repository, giveTag } = pullableImage();
    const tag = `imagepull-${randomUUID().slice(0, 8)}`;
    const text = configured(slack.apiUrl, 'watch: { announceAfterMs: 0, lease: off }');
    const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
    const config = readConfig({ file: { name: 'test.yaml', text }, environment, roles: undefined, clusters: undefined });
    const service = await openService(config, SILENT);
    stops.push(service.stop);
    await own.apply(deployment('late', `${repository}:${tag}`, 2));
    await eventually(() => expect(cards()[0]?.text).toMatch(/^\S.*\n.*not-found/), PATIENCE_MS);
    await giveTag(tag);
    const pushed = performance.now();
    await eventually(() => expect(cards()[0]?.text).toMatch(/^Resolved by itself: 2 pods pulled/), PATIENCE_MS);
    console.log(`green ${((performance.now() - pushed) / 1000).toFixed(1)} s after the push, most of it the back-off of the kubelet`);
    expect(cards()).toHaveLength(1);
  });

  it('goes on where the API server was away, and tells what began meanwhile', async () => {
    const { slack, cards } = await workspace();
    const view = await own.kubectl('config', 'view', '--minify', '--raw', '-o', 'jsonpath={.clusters[0].cluster.server}');
    const server = new URL(view);
    const outage = await outageBefore({ host: server.hostname, port: Number(server.port || 443) });
    stops.push(() => outage.stop());
    const folder = await mkdtemp(join(tmpdir(), 'imagepull-outage-'));
    stops.push(() => rm(folder, { recursive: true }));
    const kubeconfig = join(folder, 'kubeconfig');
    const raw = await own.kubectl('config', 'view', '--minify', '--raw', '--flatten');
    await writeFile(kubeconfig, raw.replace(view, `https://127.0.0.1:${outage.port}\n    tls-server-name: ${server.hostname}`));
    const text = configured(slack.apiUrl, 'watch: { announceAfterMs: 0, lease: off }', kubeconfig);
    const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
    const config = readConfig({ file: { name: 'test.yaml', text }, environment, roles: undefined, clusters: undefined });
    const service = await openService(config, SILENT);
    stops.push(service.stop);
    await own.apply(deployment('early', IMAGE.replace(':1/', ':3/')));
    await eventually(() => expect(cards()).toHaveLength(1), PATIENCE_MS);
    await outage.begin();
    await own.apply(deployment('meanwhile', IMAGE.replace(':1/', ':4/')));
    await eventually(
      async () => expect(await own.kubectl('get', 'pods', '-l', 'app=meanwhile')).toMatch(/ErrImagePull|ImagePullBackOff/),
      PATIENCE_MS,
    );
    await outage.end();
    const back = performance.now();
    await eventually(() => expect(cards()).toHaveLength(2), PATIENCE_MS);
    console.log(`told ${((performance.now() - back) / 1000).toFixed(1)} s after the API server was back`);
    await eventually(() => expect(cards()[1]?.text).toContain('127.0.0.1:4'), PATIENCE_MS);
  });
});
