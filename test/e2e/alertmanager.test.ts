import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/app/config.ts';
import { openService } from '../../src/app/service/service.ts';
import { startSlack } from '../../src/demo/slack/slack-server.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { startAlertmanager } from '../support/alertmanager.ts';
import { startApiServer } from '../support/api-server.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { eventually, PATIENCE_MS } from '../support/eventually.ts';
import { podObject } from '../support/objects.ts';
import { freePort } from '../support/real-parts.ts';

const CHANNEL = 'C0INCIDENTS';
const TOKEN = 'canary-alertmanager-token';
const IMAGE = '127.0.0.1:9/shop/web:1';
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** The service in memory with a source of alerts, a workspace, a cluster with pods that cannot pull, and a real Alertmanager. */
async function world() {
  const slack = await startSlack({ burst: 100, limitMs: PATIENCE_MS });
  stops.push(slack.stop);
  slack.workspace.addChannel(CHANNEL, 'incidents', [slack.workspace.botUser]);
  const message = `Failed to pull image "${IMAGE}": failed to resolve image: ${IMAGE}: not found`;
  const pods = ['web-0', 'web-1', 'web-2'].map((name) => podObject({ name, image: IMAGE, waiting: { reason: 'ErrImagePull', message } }));
  const recording = recordingOf(pods[0] ?? podObject({}));
  let pulled = false;
  const api = await startApiServer(
    { ...recording, pods },
    {
      intercept({ url = '' }, response) {
        const name = /\/pods\/([^/?]+)$/.exec(url)?.[1];
        if (!pulled || name === undefined) return false;
        response.writeHead(200).end(JSON.stringify(podObject({ name, image: IMAGE, running: true })));
        return true;
      },
    },
  );
  /** All pods have their image from now on. */
  const pull = () => {
    pulled = true;
  };
  stops.push(api.stop);
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-e2e-'));
  stops.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'kubeconfig'), api.kubeconfig);
  const port = await freePort();
  const text = `
clusters: [{ name: prod, kubeconfig: ${join(folder, 'kubeconfig')}, kubelet: off, registry: false }]
channels: { default: ${CHANNEL} }
watch: { enabled: false }
alerts: { sources: [{ name: main, sender: alertmanager, authentication: { scheme: bearer, secret: ALERTS_TOKEN }, cluster: prod }] }
http: { host: 127.0.0.1, port: ${port}, privatePort: 0 }
slack: { apiUrl: '${slack.apiUrl}' }
`;
  vi.stubEnv('ALERTS_TOKEN', TOKEN);
  const environment = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
  const logged: string[] = [];
  const line = (said: string, fields: object = {}) => void logged.push(`${said} ${JSON.stringify(fields)}`);
  const config = readConfig({ file: { name: 'test.yaml', text }, environment, roles: undefined, clusters: undefined });
  const service = await openService(config, { ...SILENT, info: line, warn: line, error: line });
  stops.push(service.stop);
  const alertmanager = await startAlertmanager({ url: `http://127.0.0.1:${port}/webhooks/main`, token: TOKEN });
  stops.push(alertmanager.stop);
  return { slack, alertmanager, logged, pull };
}

describe('alerts of a real Alertmanager', () => {
  it('become one thread, however many and however often they are sent, and say so when they end', {
    timeout: 2 * PATIENCE_MS,
  }, async () => {
    const { slack, alertmanager, logged, pull } = await world();
    const own = () => slack.workspace.messages.filter(({ user }) => user === slack.workspace.botUser);
    const takes = (wanted: RegExp) => logged.filter((line) => wanted.test(line)).length;
    const labels = (pod: string) => ({ alertname: 'KubePodNotReady', severity: 'warning', namespace: 'shop', pod });
    await alertmanager.fire(['web-0', 'web-1', 'web-2'].map((pod) => ({ labels: labels(pod) })));
    await alertmanager.fire([{ labels: { alertname: 'KubePodCrashLooping', namespace: 'shop', pod: 'web-9' } }]);
    await eventually(
      () =>
        expect(
          own().filter(({ threadTs }) => threadTs !== undefined),
          logged.join('\n'),
        ).toHaveLength(2),
      8000,
    );
    const [card] = own();
    expect(card).toMatchObject({ channel: CHANNEL, text: expect.stringContaining('127.0.0.1:9 does not have shop/web:1') });
    await eventually(() => expect(takes(/^alerts were looked into .*"failing":3/)).toBeGreaterThanOrEqual(1));
    // Sent again by its repeat interval, in vain.
    await eventually(() => expect(takes(/^alerts \{.*"taken":[1-9]/)).toBeGreaterThanOrEqual(3));
    await alertmanager.fire(['web-0', 'web-1', 'web-2'].map((pod) => ({ labels: labels(pod), endsAt: new Date().toISOString() })));
    await eventually(() => expect(takes(/^alerts \{.*"dropped":1/)).toBeGreaterThanOrEqual(1));
    // The cluster says when it is over, not the sender.
    expect(own()[0]?.text).toContain('does not have');
    pull();
    await eventually(() => expect(own()[0]?.text).toMatch(/^Resolved by itself/));
    expect(own().filter(({ threadTs }) => threadTs === undefined)).toHaveLength(1);
    expect(JSON.stringify(own())).not.toContain('web-9');
    expect(logged.join('\n')).not.toContain('canary');
  });
});
