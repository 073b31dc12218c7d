import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';

/** `imagepull serve` in a process of its own. */
export interface ServedProcess {
  readonly said: () => string;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it and waits until it serves. */
export async function serveProcess(
  config: string,
  environment: Readonly<Record<string, string>>,
  options: readonly string[] = [],
): Promise<ServedProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-on-cluster-'));
  const file = join(folder, 'config.yaml');
  await writeFile(file, config);
  const child = spawn(process.execPath, ['src/cli.ts', 'serve', '--config', file, ...options], {
    env: { PATH: process.env['PATH'], HOME: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
  await eventually(() => expect(said).toContain('"msg":"serving"'));
  return {
    said: () => said,
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
