import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type SlackServer, startSlack } from '../../src/demo/slack/slack-server.ts';
import { startApiServer } from '../support/api-server.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { podObject } from '../support/objects.ts';
import { startRedis } from '../support/redis.ts';

const CHANNEL = 'C0INCIDENTS';
const USER = 'U0SRE';
const IMAGE = '127.0.0.1:9/shop/web:1';
const KILLS = Number(process.env['IMAGEPULL_KILLS'] ?? 4);

let slack: SlackServer;
let redis: Awaited<ReturnType<typeof startRedis>>;
let api: Awaited<ReturnType<typeof startApiServer>>;
let folder: string;
const processes = new Set<ChildProcess>();
const output: string[] = [];

beforeAll(async () => {
  slack = await startSlack({ burst: 1_000 });
  slack.workspace.addChannel(CHANNEL, 'incidents', [USER, slack.workspace.botUser]);
  redis = await startRedis();
  const message = `Failed to pull image "${IMAGE}": failed to resolve image: ${IMAGE}: not found`;
  api = await startApiServer(recordingOf(podObject({ image: IMAGE, waiting: { reason: 'ErrImagePull', message } })));
  folder = await mkdtemp(join(tmpdir(), 'imagepull-e2e-'));
  await writeFile(join(folder, 'kubeconfig'), api.kubeconfig);
  await writeFile(
    join(folder, 'config.yaml'),
    `
clusters: [{ name: prod, kubeconfig: ${join(folder, 'kubeconfig')}, kubelet: off, registry: false }]
slack: { apiUrl: '${slack.apiUrl}' }
redis: { leaseMs: 1000, checkMs: 500 }
resumeMs: 1000
`,
  );
}, 60_000);

afterAll(async () => {
  for (const child of processes) await ended(child, 'SIGKILL');
  await Promise.all([slack.stop(), redis.stop(), api.stop()]);
  await rm(folder, { recursive: true });
});

/** Starts the command line's `serve` and waits until it serves. */
async function serve(roles: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['src/cli.ts', 'serve', '--config', join(folder, 'config.yaml'), '--roles', roles], {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      REDIS_URL: redis.url,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  processes.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      output.push(chunk.toString());
    });
  await vi.waitFor(() => expect(said).toContain('"msg":"serving"'), { timeout: 20_000, interval: 50 });
  return child;
}

async function ended(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  processes.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

const own = () => slack.workspace.messages.filter(({ user }) => user === slack.workspace.botUser);
const finished = () => own().filter(({ threadTs, text }) => threadTs === undefined && text.includes('does not have'));
/** All cards tell a verdict, and each has its details once. */
const allTold = (incidents: number) =>
  vi.waitFor(
    () => {
      expect(finished()).toHaveLength(incidents);
      for (const { ts } of finished()) expect(own().filter(({ threadTs }) => threadTs === ts)).toHaveLength(1);
      expect(own()).toHaveLength(2 * incidents);
    },
    { timeout: 40_000, interval: 100 },
  );

describe('gateways and workers on one Redis', () => {
  it('share the work, and tell each diagnosis once', async () => {
    const [gateway, other, ...workers] = await Promise.all([serve('gateway'), serve('gateway'), serve('worker'), serve('worker')]);
    for (let n = 0; n < 6; n++) {
      slack.deliverTwice();
      await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
      await allTold(n + 1);
    }
    for (const child of [gateway, other, ...workers]) if (child) await ended(child, 'SIGTERM');
  }, 120_000);

  it(
    `lose nothing and say nothing twice when they are killed at any moment (${KILLS} times)`,
    async () => {
      const before = finished().length;
      let gateway = await serve('gateway');
      let worker = await serve('worker');
      for (let n = 0; n < KILLS; n++) {
        await slack.command({ user: USER, channel: CHANNEL, text: 'diagnose shop/web-0' });
        // The moment wanders over the whole of a run.
        const requests = slack.requests.length + (n % 5);
        await vi
          .waitFor(() => expect(slack.requests.length).toBeGreaterThanOrEqual(requests), { timeout: 5_000, interval: 1 })
          .catch(() => undefined);
        if (n % 2 === 0) {
          await ended(gateway, 'SIGKILL');
          gateway = await serve('gateway');
        } else {
          await ended(worker, 'SIGKILL');
          worker = await serve('worker');
        }
        await allTold(before + n + 1);
      }
      await ended(gateway, 'SIGTERM');
      await ended(worker, 'SIGTERM');
      expect(output.join('')).not.toContain('xoxb-');
    },
    60_000 + KILLS * 30_000,
  );
});
