import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PATIENCE_MS } from './eventually.ts';

/** Real servers for tests: from PATH, else installed with apt where that is possible, else a sentence that says what to install. */

const INSTALL_LIMIT_MS = 120_000;

/** The path of a program; installs its Debian package if it is missing and this is root on Debian. */
export async function program(name: string, debianPackage: string): Promise<string> {
  const found = which(name);
  if (found) return found;
  await oneAtATime(async () => {
    if (which(name) || process.getuid?.() !== 0 || !which('apt-get')) return;
    const install = () =>
      spawnSync('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], { stdio: 'ignore', timeout: INSTALL_LIMIT_MS });
    if (install().status !== 0) {
      spawnSync('apt-get', ['update'], { stdio: 'ignore', timeout: INSTALL_LIMIT_MS });
      install();
    }
  });
  const installed = which(name);
  if (installed) return installed;
  throw new Error(`These tests need ${name}. Install Debian's package ${debianPackage}, or put ${name} on PATH.`);
}

function which(name: string): string | undefined {
  const path = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
  return path === '' ? undefined : path;
}

/** Test files run in processes of their own, and dpkg bears only one; a folder is the lock, since making one is atomic. */
async function oneAtATime(work: () => Promise<void>): Promise<void> {
  const lock = join(tmpdir(), 'imagepull-test-install.lock');
  const giveUp = Date.now() + 4 * INSTALL_LIMIT_MS;
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      const held = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!held || Date.now() > giveUp) throw error;
      // A lock that is older than any installation was left by a run that was killed.
      const age = await stat(lock).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > 2 * INSTALL_LIMIT_MS) await rm(lock, { recursive: true, force: true });
      else await pause(200);
    }
  }
  try {
    await work();
  } finally {
    await rmdir(lock);
  }
}

/** How a registry of its own is set up. */
export interface RegistryOptions {
  /** Lines of an htpasswd file, bcrypt. */
  readonly htpasswd?: string;
  readonly token?: { readonly realm: string; readonly service: string; readonly issuer: string; readonly certificate: string };
  /** PEM files. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A running docker-registry (distribution). */
export interface RealRegistry {
  /** `127.0.0.1:PORT`, as an image reference names it. */
  readonly host: string;
  stop(): Promise<void>;
}

/** Starts Debian's docker-registry on a free loopback port, with a folder of its own. */
export async function startDockerRegistry(options: RegistryOptions = {}): Promise<RealRegistry> {
  const binary = await program('docker-registry', 'docker-registry');
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-registry-'));
  const port = await freePort();
  const config: Record<string, unknown> = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, ...(options.tls ? { tls: { certificate: options.tls.certificate, key: options.tls.key } } : {}) },
  };
  if (options.htpasswd !== undefined) {
    await writeFile(join(folder, 'htpasswd'), options.htpasswd);
    config['auth'] = { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } };
  }
  if (options.token) {
    const { certificate, ...token } = options.token;
    config['auth'] = { token: { ...token, rootcertbundle: certificate } };
  }
  // JSON is YAML.
  await writeFile(join(folder, 'registry.yml'), JSON.stringify(config));
  const child = spawn(binary, ['serve', join(folder, 'registry.yml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  await untilListening(child, port, () => Buffer.concat(said).toString());
  return {
    host: `127.0.0.1:${port}`,
    async stop() {
      await ended(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function untilListening(child: ChildProcess, port: number, said: () => string): Promise<void> {
  const giveUp = Date.now() + PATIENCE_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}: ${said()}`);
    if (await answers(port)) return;
    if (Date.now() > giveUp) {
      child.kill('SIGKILL');
      throw new Error(`nothing listens on port ${port} after ${PATIENCE_MS / 1000} s: ${said()}`);
    }
    await pause(20);
  }
}

async function answers(port: number): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.on('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
