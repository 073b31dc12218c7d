import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.ts';
import { openService } from '../../src/app/service/service.ts';
import { startSlack } from '../../src/demo/slack/slack-server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { eventually } from '../support/eventually.ts';
import { podObject } from '../support/objects.ts';
import { startRedis } from '../support/redis.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** The service on Redis with two clusters, and what its private port says. */
async function world() {
  const [slack, redis, folder] = await Promise.all([startSlack(), startRedis(), mkdtemp(join(tmpdir(), 'imagepull-ready-'))]);
  stops.push(slack.stop, redis.stop, () => rm(folder, { recursive: true }));
  const clusters: Record<string, ApiServer> = {};
  for (const name of ['prod', 'edge']) {
    const api = await startApiServer(recordingOf(podObject({})));
    clusters[name] = api;
    stops.push(api.stop);
    await writeFile(join(folder, name), api.kubeconfig);
  }
  const listed = Object.keys(clusters).map((name) => `{ name: ${name}, kubeconfig: ${join(folder, name)}, kubelet: off, registry: false }`);
  const text = `
clusters: [${listed.join(', ')}]
http: { host: 127.0.0.1, port: 0, privatePort: 0 }
slack: { apiUrl: '${slack.apiUrl}' }
`;
  const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken, REDIS_URL: redis.url };
  let log = '';
  const config = readConfig({ file: { name: 'test.yaml', text }, environment, roles: undefined, clusters: undefined });
  const service = await openService(
    config,
    createLogger({
      write(line: string) {
        log += line;
      },
    }),
  );
  stops.push(service.stop);
  const port = /"port":(\d+),"msg":"listening for health checks/.exec(log)?.[1];
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return {
      code: answer.status,
      ...((await answer.json()) as { readonly status: string; readonly parts?: Record<string, { status: string }> }),
    };
  };
  const ready = async () => {
    const { code, status, parts = {} } = await get('/readyz');
    return { code, status, ill: Object.entries(parts).flatMap(([name, part]) => (part.status === 'ill' ? [name] : [])) };
  };
  return { slack, redis, clusters, get, ready };
}

it('tells degraded from dead: Slack or one cluster away, Redis away, and all of it back', async () => {
  const { slack, redis, clusters, get, ready } = await world();
  const fine = { code: 200, status: 'ready', ill: [] };
  await eventually(async () => expect(await ready()).toEqual(fine));
  expect(Object.keys((await get('/readyz')).parts ?? {})).toEqual(['store', 'cluster prod', 'cluster edge', 'slack']);

  slack.faults.add({ kind: 'server-error', methods: ['auth.test'] }, 3);
  await eventually(async () => expect(await ready()).toEqual({ code: 200, status: 'degraded', ill: ['slack'] }));
  await eventually(async () => expect(await ready()).toEqual(fine));

  await clusters['edge']?.stop();
  await eventually(async () => expect(await ready()).toEqual({ code: 200, status: 'degraded', ill: ['cluster edge'] }));

  await redis.kill();
  await eventually(async () => expect(await ready()).toEqual({ code: 503, status: 'ill', ill: ['store', 'cluster edge'] }));
  expect(await get('/healthz')).toEqual({ code: 200, status: 'well' });
  await redis.startAgain();
  await eventually(async () => expect(await ready()).toEqual({ code: 200, status: 'degraded', ill: ['cluster edge'] }));
}, 600_000);
