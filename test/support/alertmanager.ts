import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import { freePort, program } from './real-parts.ts';

/** A running Alertmanager. */
export interface RealAlertmanager {
  /** Tells it of alerts, as Prometheus does. */
  fire(alerts: readonly { readonly labels: Readonly<Record<string, string>>; readonly endsAt?: string }[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts Debian's Alertmanager on a free loopback port; it groups alerts by name and sends them to a webhook with a bearer token. */
export async function startAlertmanager(webhook: { readonly url: string; readonly token: string }): Promise<RealAlertmanager> {
  const path = await program('prometheus-alertmanager', 'prometheus-alertmanager');
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-alertmanager-'));
  const port = await freePort();
  await writeFile(
    join(folder, 'alertmanager.yml'),
    `
route: { receiver: imagepull, group_by: [alertname], group_wait: 100ms, group_interval: 1s, repeat_interval: 2s }
receivers:
  - name: imagepull
    webhook_configs:
      - url: ${webhook.url}
        http_config: { authorization: { credentials: ${webhook.token} } }
`,
  );
  const child = spawn(
    path,
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  );
  const exit = once(child, 'exit');
  const base = `http://127.0.0.1:${port}`;
  await eventually(async () => expect((await fetch(`${base}/-/ready`)).status).toBe(200));
  return {
    async fire(alerts) {
      const answer = await fetch(`${base}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      });
      expect(answer.status).toBe(200);
    },
    async stop() {
      child.kill('SIGTERM');
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
