/**
 * Measures the built command line, the classifier and the service: `npm run bench`. Every figure that depends on the machine is a
 * ratio to something measured in the same run, in turns. `kubectl describe pod` is compared with where kubectl is on
 * PATH (or KUBECTL names it).
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPullErrorRules } from '../src/app/runbooks.ts';
import { createPullErrorClassifier } from '../src/diagnosis/message/pull-error.ts';
import { readRecordingFolder } from '../src/recording/recording-folder.ts';
import { startApiServer } from '../test/support/api-server.ts';
import { approvals } from './approvals.ts';
import { node } from './node.ts';
import { service } from './service.ts';
import { storms } from './storms.ts';
import { watch } from './watch.ts';
import { wholeDiagnosis } from './whole-diagnosis.ts';

const CLI = 'dist/cli.js';
const RUNS = 25;

interface Measured {
  readonly milliseconds: number;
  readonly ok: boolean;
}

function time(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Measured> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, ...env } });
  return new Promise((resolve) => {
    child.on('error', () => resolve({ milliseconds: Number.NaN, ok: false }));
    child.on('close', (code) => resolve({ milliseconds: performance.now() - start, ok: code === 0 }));
  });
}

/** Median times of several commands, run in turns so that a busy machine slows all of them alike. */
async function compare(
  commands: Readonly<Record<string, readonly [string, readonly string[]]>>,
  env: Record<string, string> = {},
): Promise<Record<string, number>> {
  const times: Record<string, number[]> = {};
  for (let run = 0; run < RUNS; run++) {
    for (const [name, [command, args]] of Object.entries(commands)) {
      const { milliseconds, ok } = await time(command, args, env);
      if (!ok) throw new Error(`${name} failed: ${command} ${args.join(' ')}`);
      times[name] = [...(times[name] ?? []), milliseconds];
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN]),
  );
}

function say(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(46)} ${value}\n`);
}

async function coldStart(): Promise<void> {
  const node = process.execPath;
  const message = 'Failed to pull image "x:1": dial tcp: lookup registry.example on 192.0.2.53:53: no such host';
  const medians = await compare({
    'node -e 0': [node, ['-e', '0']],
    'imagepull --version': [node, [CLI, '--version']],
    'imagepull explain': [node, [CLI, 'explain', message]],
    'imagepull replay': [node, [CLI, 'replay', 'test/cases/tag-missing']],
  });
  const base = medians['node -e 0'] ?? Number.NaN;
  for (const [name, median] of Object.entries(medians)) say(name, `${median.toFixed(0)} ms, ${(median / base).toFixed(2)} x node -e 0`);
}

function throughput(): void {
  const rules = loadPullErrorRules();
  const classify = createPullErrorClassifier(rules);
  const messages = rules.rules.flatMap((rule) =>
    rule.samples.map((sample) => `Failed to pull image "registry.example/shop/web:1": ${sample}`),
  );
  for (let warm = 0; warm < 20; warm++) messages.forEach((message) => void classify(message));
  const rounds = 100;
  const start = performance.now();
  for (let round = 0; round < rounds; round++) messages.forEach((message) => void classify(message));
  const seconds = (performance.now() - start) / 1000;
  say('classified messages a second, one core', Math.round((rounds * messages.length) / seconds).toLocaleString('en-US'));

  const hostile = [
    'a',
    'lookup ',
    'image "',
    'dial tcp: ',
    '[rpc error: code',
    '\\"',
    'https://a/',
    'x509: ',
    '\n * ',
    'manifest for a ',
    '<digest>',
    'sha256:a',
  ];
  const worst = hostile
    .map((piece) => {
      const text = piece.repeat(Math.ceil(100_000 / piece.length));
      const begin = performance.now();
      classify(text);
      return { piece, milliseconds: performance.now() - begin };
    })
    .sort((a, b) => b.milliseconds - a.milliseconds)[0];
  say('100 kB of the worst of twelve hostile patterns', `${worst?.milliseconds.toFixed(1)} ms (${JSON.stringify(worst?.piece)})`);
}

/** Most memory a command ever held, in MiB, as the process itself reports it at its end. */
function peakMemory(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const report = 'data:text/javascript,process.on("exit",()=>process.stderr.write("peak="+process.resourceUsage().maxRSS))';
  const child = spawn(process.execPath, ['--import', report, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve) => child.on('close', () => resolve(`${Math.round(Number(/peak=([0-9]+)/.exec(errors)?.[1]) / 1024)} MiB`)));
}

async function diagnosis(): Promise<void> {
  const server = await startApiServer(await readRecordingFolder('test/cases/deploy-3'));
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-bench-'));
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, server.kubeconfig);
  const pod = 'deploy-3-565cbdc67f-hsmcj';
  const kubectl = process.env['KUBECTL'] ?? 'kubectl';
  const there = (await time(kubectl, ['version', '--client'])).ok;
  const medians = await compare(
    {
      'imagepull diagnose, cluster only': [process.execPath, [CLI, 'diagnose', `lab/${pod}`, '--no-registry', '--kubelet', 'off']],
      ...(there ? { 'kubectl describe pod': [kubectl, ['describe', 'pod', '-n', 'lab', pod]] as const } : {}),
    },
    { KUBECONFIG: kubeconfig },
  );
  for (const [name, median] of Object.entries(medians)) say(name, `${median.toFixed(0)} ms`);
  const [ours = Number.NaN, theirs] = [medians['imagepull diagnose, cluster only'], medians['kubectl describe pod']];
  say('diagnose against kubectl describe', theirs === undefined ? 'not measured: there is no kubectl' : `${(ours / theirs).toFixed(2)} x`);
  const before = server.requests.length;
  await time(process.execPath, [CLI, 'diagnose', `lab/${pod}`, '--no-registry', '--kubelet', 'off'], { KUBECONFIG: kubeconfig });
  say('API requests a diagnosis', String(server.requests.length - before));
  say('peak memory of node -e 0', await peakMemory(['-e', '0']));
  say('peak memory of imagepull explain', await peakMemory([CLI, 'explain', 'pull QPS exceeded']));
  say(
    'peak memory of imagepull diagnose',
    await peakMemory([CLI, 'diagnose', `lab/${pod}`, '--no-registry', '--kubelet', 'off'], { KUBECONFIG: kubeconfig }),
  );
  await server.stop();
  await rm(folder, { recursive: true });
}

await coldStart();
throughput();
await diagnosis();
await node(say, { compare, peakMemory });
await wholeDiagnosis(say);
await service(say);
await approvals(say);
await watch(say);
await storms(say);
