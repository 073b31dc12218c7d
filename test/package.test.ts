import { execFile, spawn } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sbomOf } from '../packaging/sbom.ts';

const run = promisify(execFile);
/** What `npm pack` reads; packing changes package.json for a moment, so it is done to a copy. */
const SOURCES = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'SUPPORT.md',
  'rolldown.config.ts',
  'rolldown.node.config.ts',
  'bin',
  'completions',
  'docs',
  'packaging',
  'runbooks',
  'src',
];

let folder: string;
let copy: string;
let installed: string;
let packed: string[];

/** As long as npm may take on a busy machine. */
const SLOW = { timeout: 300_000 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imagepull-package-'));
  copy = join(folder, 'copy');
  for (const name of SOURCES) cpSync(name, join(copy, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  const npm = (args: readonly string[], cwd: string) =>
    run('npm', [...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, npm_config_cache: join(folder, 'cache'), npm_config_update_notifier: 'false' },
    });
  const { stdout } = await npm(['pack', '--json', '--offline', '--pack-destination', folder], copy);
  // Scripts print before the answer of npm does.
  const [answer] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { filename: string; files: { path: string }[] }[];
  packed = answer?.files.map(({ path }) => path) ?? [];
  const target = join(folder, 'target');
  await run('mkdir', [target]);
  await writeFile(join(target, 'package.json'), '{"private":true}');
  await npm(['install', '--offline', '--no-audit', '--no-fund', join(folder, answer?.filename ?? '')], target);
  installed = join(target, 'node_modules');
}, SLOW.timeout);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command of the installed package with nothing around that the repository would offer. */
async function command(name: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(join(installed, '.bin', name), [...args], {
    cwd: folder,
    env: { PATH: dirname(process.execPath), HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise((done, failed) => child.on('error', failed).on('close', done));
  return { code, stdout, stderr };
}

describe('the published package', SLOW, () => {
  it('has the program of nodes in one small file, which says what it can do', async () => {
    const file = join(installed, 'imagepull', 'dist', 'node', 'node.js');
    expect((await stat(file)).size).toBeLessThan(150_000);
    const { stdout } = await run(process.execPath, [file]).catch((failed: { readonly stdout: string }) => failed);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'failure', error: { code: 'usage/node' } });
  });

  it('installs one package, without network and without what it has bundled', async () => {
    expect((await readdir(installed)).filter((name) => !name.startsWith('.'))).toEqual(['imagepull']);
    const manifest = JSON.parse(await readFile(join(installed, 'imagepull', 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(Object.keys(manifest).sort()).toEqual([
      'bin',
      'description',
      'engines',
      'files',
      'keywords',
      'license',
      'name',
      'publishConfig',
      'repository',
      'type',
      'version',
    ]);
    const own = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(own['dependencies']).toEqual(JSON.parse(await readFile('package.json', 'utf8')).dependencies);
  });

  it('holds what it should and nothing else, and what it runs may be executed', async () => {
    const kinds = new Set(packed.map((path) => path.replace(/^(bin|completions|dist|docs|runbooks)\/.*(\.[a-z]{1,5})$/, '$1/*$2')));
    expect([...kinds].sort()).toEqual([
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'SUPPORT.md',
      'bin/*.cjs',
      'completions/*.bash',
      'completions/*.fish',
      'completions/*.zsh',
      'dist/*.js',
      'dist/*.txt',
      'docs/*.json',
      'docs/*.md',
      'docs/*.yaml',
      'package.json',
      'runbooks/*.yaml',
    ]);
    for (const name of ['imagepull', 'kubectl-imagepull', 'kubectl_complete-imagepull'])
      expect((await stat(join(installed, 'imagepull', 'bin', `${name}.cjs`))).mode & 0o111).toBe(0o111);
    const bytes = await Promise.all(packed.map(async (path) => (await stat(join(installed, 'imagepull', path))).size));
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(12_000_000);
  });

  it('bundles nothing but what its bill of materials names', async () => {
    const { components } = sbomOf('.');
    const listed = new Set(components.map(({ name, version }) => `${name} ${version}`));
    for (const folder of ['dist', join('dist', 'node')]) {
      const notices = await readFile(join(installed, 'imagepull', folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
      const bundled = [...notices.matchAll(/^(@?[a-z0-9][\w./-]{0,100} [0-9]\S{0,40}), \S/gm)].map((match) => match[1] ?? '');
      expect(bundled.length).toBeGreaterThan(0);
      expect(bundled.filter((name) => !listed.has(name))).toEqual([]);
    }
  });

  it('runs by each of its names', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(await command('imagepull', ['version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect((await command('kubectl-imagepull', ['help'])).stdout).toMatch(/^Usage: kubectl imagepull /);
    expect((await command('kubectl_complete-imagepull', ['sca'])).stdout).toMatch(/^scan\t.*\n:4\n$/);
    expect((await command('imagepull', ['completion', 'bash'])).stdout).toContain('complete -o default -F _imagepull');
  });

  it('diagnoses, explains and prints the page on a cause', async () => {
    const replayed = await command('imagepull', ['replay', resolve('test/cases/made-tag-not-found')]);
    expect(replayed.stdout).toContain('tag-not-found, confirmed');
    const page = /More: imagepull (explain --cause \S+)/.exec(replayed.stdout)?.[1] ?? '';
    expect((await command('imagepull', page.split(' '))).stdout).toMatch(/^# tag-not-found\n/);
    expect(
      (
        await command('imagepull', [
          'explain',
          'Failed to pull image "registry.example/web:1": dial tcp: lookup registry.example: no such host',
        ])
      ).stdout,
    ).toContain('dns-failure');
  });

  it('serves: what it needs for Slack and Redis is in it', async () => {
    const refused = await command('imagepull', ['serve'], {
      SLACK_BOT_TOKEN: 'xoxb-x',
      SLACK_APP_TOKEN: 'xapp-x',
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('Redis') });
  });

  it('says which Node.js it needs on an older one, in words that one can read', async () => {
    const preload = join(folder, 'old.cjs');
    await writeFile(
      preload,
      `Object.defineProperty(process.versions, 'node', { value: '18.1.0' }); Object.defineProperty(process, 'version', { value: 'v18.1.0' });`,
    );
    const old = await command('imagepull', ['explain', 'x'], { NODE_OPTIONS: `--require ${preload}` });
    expect(old).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('imagepull needs Node.js 22.19 or later; ') });
    expect(old.stderr).toContain('is v18.1.0.');
    for (const name of ['imagepull', 'kubectl-imagepull', 'kubectl_complete-imagepull']) {
      const text = await readFile(join('bin', `${name}.cjs`), 'utf8');
      expect(text.replace(/\/\/.*|'[^'\n]*'/g, '')).not.toMatch(/=>|`|\b(?:const|let|class|import|async|of)\b|\?\.|\?\?|\.\.\./);
    }
  });

  it('names the licence of every package that is bundled', async () => {
    const notices = await readFile(join(installed, 'imagepull', 'dist', 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    const named = new Set([...notices.matchAll(/^(\S{1,100}) [0-9]\S{0,40}, \S/gm)].map((match) => match[1]));
    for (const name of ['@kubernetes/client-node', '@slack/web-api', 'bullmq', 'commander', 'ioredis', 'pino', 'undici', 'zod'])
      expect(named).toContain(name);
    expect(notices).not.toMatch(/, (?:see below|UNLICENSED|undefined)$/m);
  });

  it('holds what its documents link to, but the recorded cases and pictures', async () => {
    const pages = packed.filter((path) => path.endsWith('.md'));
    expect(pages).toContain('docs/causes/tag-not-found.md');
    for (const page of pages) {
      const text = await readFile(join(installed, 'imagepull', page), 'utf8');
      const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)]
        .map((match) => match[1] ?? '')
        .filter((link) => !/^https?:|\bpictures\/[a-z]+\.png$/.test(link));
      for (const link of links) {
        const path = join(dirname(page), link);
        expect(
          packed.some((file) => file === path || file.startsWith(`${path}/`)),
          `${page} links to ${link}`,
        ).toBe(true);
      }
    }
    expect(packed.filter((path) => /^(?:src|test|bench|packaging)\//.test(path))).toEqual([]);
  });
});
