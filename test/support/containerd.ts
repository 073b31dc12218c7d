import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CodedError } from '../../src/errors.ts';
import { createCriRuntime } from '../../src/node/cri/cri-runtime.ts';
import { PATIENCE_MS } from './eventually.ts';
import { program } from './real-parts.ts';

/** A containerd of the test's own, beside any other on this machine. */
export interface RealContainerd {
  readonly socket: string;
  /** Its folder; `certs.d` in it is the configuration of registries. */
  readonly folder: string;
  /** Writes a file into certs.d, such as `registry.example/hosts.toml`. */
  configureRegistry(file: string, text: string): Promise<void>;
  /** Ends the process at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on what it had. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** How it is started. */
export interface ContainerdOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Gives it a file system of its own of this size, in memory. */
  readonly diskMiB?: number;
}

/**
 * Starts Debian's containerd, or the one that CONTAINERD names, with a root, a state and a socket of its own. Needs root; pulls are unpacked by its native
 * snapshotter, without runc.
 */
export async function startContainerd({ env = {}, diskMiB }: ContainerdOptions = {}): Promise<RealContainerd> {
  if (process.getuid?.() !== 0) throw new Error('These tests start containerd, which needs root. Run them as root.');
  const binary = process.env['CONTAINERD'] ?? (await program('containerd', 'containerd'));
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-containerd-'));
  const socket = join(folder, 'containerd.sock');
  const root = join(folder, 'root');
  await mkdir(join(folder, 'cni'));
  await mkdir(root);
  if (diskMiB !== undefined) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'imagepull-test', root]);
  await writeFile(join(folder, 'config.toml'), configuration(folder, socket));
  let child = await launch();

  async function launch(): Promise<ChildProcess> {
    const started = spawn(binary, ['--config', join(folder, 'config.toml')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    const said: Buffer[] = [];
    started.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    await untilOpen(started, socket, () => Buffer.concat(said).toString());
    return started;
  }

  return {
    socket,
    folder,
    async configureRegistry(file, text) {
      const place = join(folder, 'certs.d', file);
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, text);
    },
    kill: () => ended(child),
    async restart() {
      await ended(child);
      child = await launch();
    },
    async stop() {
      await ended(child);
      if (diskMiB !== undefined) execFileSync('umount', [root]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The sandbox image is called as no other is, so that only the configuration can tell it. */
export const SANDBOX_IMAGE = 'own-sandbox';

function configuration(folder: string, socket: string): string {
  // containerd 2 reads version 2 as well, and moves what it knows.
  return `
version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  disable_tcp_service = true
  sandbox_image = "registry.example/${SANDBOX_IMAGE}:1"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${folder}/certs.d"
  [plugins."io.containerd.grpc.v1.cri".cni]
    conf_dir = "${folder}/cni"
    bin_dir = "${folder}/cni"
`;
}

/** Until CRI answers: a socket is there before what stands behind it. */
async function untilOpen(child: ChildProcess, socket: string, said: () => string): Promise<void> {
  const giveUp = Date.now() + PATIENCE_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`containerd ended with code ${child.exitCode}: ${said()}`);
    if (await answers(socket)) return;
    if (Date.now() > giveUp) {
      child.kill('SIGKILL');
      throw new Error(`containerd does not answer after ${PATIENCE_MS / 1000} s: ${said()}`);
    }
    await pause(20);
  }
}

async function answers(socket: string): Promise<boolean> {
  const runtime = createCriRuntime(socket);
  try {
    await runtime.images();
    return true;
  } catch (cause) {
    if (cause instanceof CodedError) return false;
    throw cause;
  } finally {
    runtime.close();
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.on('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
