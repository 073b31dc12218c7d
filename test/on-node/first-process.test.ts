import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** An API server that never answers. */
let silent: Server;
const kubeconfig = join(tmpdir(), `imagepull-first-process-${process.pid}`);

beforeAll(async () => {
  silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await writeFile(
    kubeconfig,
    JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      clusters: [{ name: 'a', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'a', user: { token: 'x' } }],
    }),
  );
});
afterAll(async () => {
  silent.close();
  await rm(kubeconfig);
});

/** As in a container: the first process of its namespace, which is asked to end from outside. */
function startFirst(args: readonly string[]): ChildProcess {
  const node = [process.execPath, resolve(process.env['IMAGEPULL_CLI'] ?? 'src/cli.ts')];
  return spawn('unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', ...node, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('as the first process of a container', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('a command that waits ends by %s', async (signal, code) => {
    const asked = once(silent, 'connection');
    const unshare = startFirst(['scan', '--kubeconfig', kubeconfig, '--request-timeout', '10m']);
    const ended = once(unshare, 'close');
    // It has asked the cluster, so it is up, and waits.
    await asked;
    process.kill(await childOf(unshare), signal);
    expect((await ended)[0]).toBe(code);
  });
});

/** The process that unshare forked. */
async function childOf({ pid }: ChildProcess): Promise<number> {
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim());
}
