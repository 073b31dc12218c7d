/**
 * What one process of the service and its Redis need while a registry that answers 503 lets 10, 1,000 and 10,000 pods fail: `npm run bench:sizing`. The
 * built program runs as a process of its own, on a real Redis, with a simulated cluster of three times as many pods that run, a registry and a stand-in of Slack in
 * others. The table is that of docs/operations.md.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { kubeconfigFor } from '../src/demo/cluster/kubeconfig.ts';
import { startSlack } from '../src/demo/slack/slack-server.ts';
import { freePort } from '../test/support/real-parts.ts';
import { startRedis } from '../test/support/redis.ts';

const SIZES = [10, 1_000, 10_000];
const CHANNEL = 'C0SIZING';
/** The storm is over once nothing was told or waited for so long, ms. What is open goes on to be looked after. */
const QUIET_MS = 20_000;
/** How long what it costs at rest is looked at: as long as from one sweep to the next, ms. */
const REST_MS = 180_000;
/** Nothing takes longer, ms. */
const MOST_MS = 20 * 60_000;

/** Figures of a process as it tells them itself. */
interface Figures {
  readonly memory: number;
  readonly cpuS: number;
  readonly waiting: number;
  readonly open: number;
  readonly verdicts: number;
  readonly kubernetes: number;
  readonly slack: number;
}

async function figuresAt(port: number): Promise<Figures> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+]+)$`, 'gm'))].reduce((all, [, value]) => all + Number(value), 0);
  return {
    memory: sum('process_resident_memory_bytes') / 1024 ** 2,
    cpuS: sum('process_cpu_seconds_total'),
    waiting: sum('imagepull_queue_tasks'),
    open: sum('imagepull_incidents_open'),
    verdicts: sum('imagepull_verdicts_total'),
    kubernetes: sum('imagepull_kubernetes_requests_total'),
    slack: sum('imagepull_slack_requests_total'),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

async function measure(failing: number): Promise<string> {
  let asked = 0;
  const registry = createServer((_, response) => {
    asked += 1;
    response.writeHead(503).end();
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  const address = registry.address();
  const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const [redis, slack, folder, port] = await Promise.all([
    startRedis(),
    startSlack({ burst: 1_000_000 }),
    mkdtemp(join(tmpdir(), 'imagepull-sizing-')),
    freePort(),
  ]);
  slack.workspace.addChannel(CHANNEL, 'incidents', [slack.workspace.botUser]);
  const args = [String(3 * failing), String(failing), host];
  const cluster = fork(new URL('simulated-cluster.ts', import.meta.url), args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [line] = (await once(cluster.stdout ?? cluster, 'data')) as [Buffer];
  await writeFile(join(folder, 'kubeconfig'), kubeconfigFor(line.toString().trim()));
  await writeFile(
    join(folder, 'config.yaml'),
    `
clusters: [{ name: prod, kubeconfig: ${join(folder, 'kubeconfig')}, kubelet: off, allowLoopback: true }]
channels: { default: ${CHANNEL} }
watch: { lease: off }
http: { host: 127.0.0.1, privatePort: ${port} }
slack: { apiUrl: '${slack.apiUrl}' }
`,
  );
  const service = spawn(process.execPath, ['dist/cli.js', 'serve', '--config', join(folder, 'config.yaml')], {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      REDIS_URL: redis.url,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  service.stdout.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-10_000);
  });
  while (!said.includes('"msg":"serving"')) {
    if (service.exitCode !== null) throw new Error(`the service ended: ${said}`);
    await pause(20);
  }

  const begun = performance.now();
  let peak = 0;
  let busy = begun;
  let last = await figuresAt(port);
  while (performance.now() - begun < MOST_MS) {
    await pause(250);
    const now = await figuresAt(port);
    peak = Math.max(peak, now.memory);
    if (now.waiting > 0 || now.verdicts === 0 || now.verdicts !== last.verdicts || now.slack !== last.slack) busy = performance.now();
    last = now;
    if (performance.now() - busy > QUIET_MS) break;
  }
  const storm = await figuresAt(port);
  const seconds = (busy - begun) / 1_000;
  for (const until = performance.now() + REST_MS; performance.now() < until; await pause(250))
    peak = Math.max(peak, (await figuresAt(port)).memory);
  const rest = await figuresAt(port);
  const client = new Redis(redis.url);
  const info = await client.info('memory');
  client.disconnect();
  const mebibytes = (name: string) => (Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]) / 1024 ** 2).toFixed(1);
  const core = ((100 * (rest.cpuS - storm.cpuS)) / (REST_MS / 1_000)).toFixed(1);
  const row = [
    failing.toLocaleString('en-US'),
    `${seconds.toFixed(0)} s`,
    `${Math.round(peak)} MiB`,
    `${storm.cpuS.toFixed(1)} s`,
    `${core} %`,
    `${mebibytes('used_memory_peak')} MiB`,
    storm.kubernetes.toLocaleString('en-US'),
    ((60_000 * (rest.kubernetes - storm.kubernetes)) / REST_MS).toFixed(0),
    asked.toLocaleString('en-US'),
    storm.slack.toLocaleString('en-US'),
    `${storm.open} / ${storm.verdicts}`,
  ];
  await end(service);
  cluster.disconnect();
  cluster.kill();
  await Promise.all([once(cluster, 'exit'), slack.stop(), redis.stop(), rm(folder, { recursive: true })]);
  registry.closeAllConnections();
  registry.close();
  return `| ${row.join(' | ')} |`;
}

const [cpu] = cpus();
process.stdout.write(`${cpus().length} cores, ${cpu?.model ?? 'of an unknown model'}, Node.js ${process.version}\n\n`);
const heads = [
  ['pods failing', 'until quiet', 'memory, most', 'CPU until then', 'CPU at rest', 'Redis, most'],
  ['cluster requests', 'a minute at rest', 'registry requests', 'Slack requests', 'incidents open / diagnoses'],
].flat();
process.stdout.write(`| ${heads.join(' | ')} |\n|${heads.map(() => '---|').join('')}\n`);
for (const size of SIZES) process.stdout.write(`${await measure(size)}\n`);
