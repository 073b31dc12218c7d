import { spawn } from 'node:child_process';
import { recorded } from './requests/recorded.ts';

/** What a command printed and how it ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `imagepull` as a user would, in a process of its own; IMAGEPULL_CLI names another build of it. */
export function runCli(
  args: readonly string[],
  options: { readonly stdin?: string | Buffer; readonly env?: Record<string, string> } = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [process.env['IMAGEPULL_CLI'] ?? 'src/cli.ts', ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...recorded(), HOME: '/nonexistent', ...options.env },
    stdio: 'pipe',
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // A command that refuses its input early closes the pipe while the test still writes.
  child.stdin.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') throw error;
  });
  child.stdin.end(options.stdin ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }));
  });
}
