import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { failureOf } from '../../src/cli/failure.ts';
import { createProgram } from '../../src/cli/program.ts';
import { CASE, POD, startCliWorld } from '../support/cli-world.ts';
import { runCli } from '../support/run-cli.ts';

// Each test starts processes, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SCRIPT = process.env['IMAGEPULL_CLI'] ?? 'src/cli.ts';

const { folder, server, kubeconfig, stop } = await startCliWorld();
afterAll(stop);

/** How a process ends, with what it said on standard error. */
async function ending(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise<number | null>((done, failed) => child.on('error', failed).on('close', done));
  return { code, stderr };
}

const spawned = (args: readonly string[], stdout: number | 'pipe', env: Record<string, string> = {}) =>
  spawn(process.execPath, [SCRIPT, ...args], {
    stdio: ['ignore', stdout, 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
  });

describe('a result that cannot be written', () => {
  it.each([
    ['a report', ['replay', CASE]],
    ['a JSON report', ['replay', CASE, '-o', 'json']],
    ['help', ['--help']],
    ['a version', ['--version']],
    ['an explanation', ['explain', 'no such host']],
  ])('such as %s on a full disk is an error with a sentence', async (_, args) => {
    const { code, stderr } = await ending(spawned(args, openSync('/dev/full', 'w')));
    expect([code, stderr]).toEqual([1, 'imagepull: Cannot write the result: no space is left on the device.\n']);
  });

  it('is no error where the reader has gone away, as `head` does', async () => {
    const child = spawned(['replay', CASE, '-o', 'json'], 'pipe');
    child.stdout?.destroy();
    expect(await ending(child)).toEqual({ code: 0, stderr: '' });
  });
});

describe('a recording that cannot be made', () => {
  const capture = (target: string, name = POD) => runCli(['capture', name, target, '--kubeconfig', kubeconfig]);

  it('ends with a sentence where no folder can be made, before anything is asked', async () => {
    const before = server.requests.length;
    const result = await capture('/proc/x');
    expect(result).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Cannot make the folder /proc/x: no folder can be made there.'),
    });
    await writeFile(join(folder, 'file'), '');
    expect((await capture(join(folder, 'file', 'in', 'it'))).stderr).toContain('a part of its path is a file, not a folder');
    expect((await capture(join(folder, 'file'))).stderr).toContain('there is a file of that name');
    expect(server.requests.length).toBe(before);
  });

  it('leaves no folder behind, nor those above it', async () => {
    const result = await capture(join(folder, 'a', 'b', 'c'), 'lab/not-there');
    expect(result.code).toBe(3);
    expect(existsSync(join(folder, 'a'))).toBe(false);
    expect((await capture(join(folder, 'a', 'b', 'c'))).code).toBe(0);
    expect(await readdir(join(folder, 'a', 'b', 'c'))).toContain('pod.json');
  });
});

describe('a recording by kubectl', () => {
  const made = async (pods: unknown) => {
    const target = await mkdtemp(join(folder, 'kubectl-'));
    await writeFile(join(target, 'pod.json'), JSON.stringify(pods));
    await writeFile(join(target, 'events.json'), await readFile(join(CASE, 'events.json')));
    return target;
  };
  const pod = async (name: string) => {
    const text = await readFile(join(CASE, 'pod.json'), 'utf8');
    return JSON.parse(text.replaceAll('deploy-3-565cbdc67f-hsmcj', name)) as unknown;
  };

  it('may hold a List of one pod', async () => {
    const target = await made({ kind: 'List', apiVersion: 'v1', items: [await pod('deploy-3-565cbdc67f-hsmcj')] });
    expect((await runCli(['replay', target])).stdout).toContain('tag-not-found');
  });

  it('that holds several says that one has to be chosen, and diagnoses the one that is', async () => {
    const target = await made({ kind: 'List', items: [await pod('web-0'), await pod('web-1')] });
    expect(await runCli(['replay', target])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'imagepull: pod.json of the recording holds 2 pods: lab/web-0 and lab/web-1. Choose one with --pod NAME.\n',
    });
    expect((await runCli(['replay', target, '--pod', 'web-1'])).stdout).toContain('lab/web-1');
    expect((await runCli(['replay', target, '--pod', 'lab/web-0'])).stdout).toContain('lab/web-0');
    expect((await runCli(['replay', target, '--pod', 'api-0'])).stderr).toContain(
      'does not hold a pod api-0. It holds lab/web-0 and lab/web-1.',
    );
  });

  it('that holds none says so', async () => {
    expect((await runCli(['replay', await made({ kind: 'List', items: [] })])).stderr).toContain('is a list without a pod');
  });
});

describe('what goes wrong', () => {
  beforeAll(() => {
    vi.stubEnv('KUBECONFIG', '');
    vi.stubEnv('HOME', '/nonexistent');
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    ['an empty message', ['explain', ''], 'the message is empty'],
    ['blanks for a message', ['explain', '  '], 'the message is empty'],
    ['a message beside a cause', ['explain', 'x', '--cause', 'dns-failure'], 'Pass a message or --cause, not both'],
    ['a cause that is none', ['explain', '--cause', 'dns-failur'], 'Did you mean dns-failure?'],
    ['a context without a kubeconfig', ['diagnose', POD, '--context', 'prod'], 'No cluster to ask'],
    [
      'a Prometheus beside another way to ask',
      ['diagnose', POD, '--prometheus', 'http://127.0.0.1:9', '--kubelet', 'off'],
      '--prometheus is for --kubelet prometheus',
    ],
    [
      'any certificate beside another way to ask',
      ['diagnose', POD, '--kubelet-any-certificate'],
      '--kubelet-any-certificate is for --kubelet direct',
    ],
    ['a group without a user', ['scan', '--as-group', 'dev'], '--as-group needs --as'],
    ['a time that is none', ['scan', '--request-timeout', 'soon'], 'Write a time such as 30s or 1m'],
    ['labels that are none', ['diagnose', '-l', 'app in web'], '"app in web" is no label selector'],
    ['labels beside a name', ['diagnose', 'web-0', '-l', 'app=web'], 'not both'],
    ['a namespace that is none', ['scan', '-n', 'Shop'], '"Shop" is no namespace'],
    ['help for a command that is none', ['help', 'diagnos'], "unknown command 'diagnos'"],
    ['a command that is none', ['diagnos'], "unknown command 'diagnos'. Did you mean diagnose? See imagepull --help."],
    [
      'an option that is none',
      ['scan', '--namespac', 'x'],
      "unknown option '--namespac'. Did you mean --namespace? See imagepull scan --help.",
    ],
    ['a shell that is none', ['completion', 'csh'], 'bash, zsh, fish'],
    ['a configuration that is not there', ['serve', '--config', '/nonexistent'], 'Cannot read /nonexistent: it does not exist.'],
    ['a kubeconfig that is a folder', ['scan', '--kubeconfig', '/'], 'Cannot read the kubeconfig /: it is a folder, not a file.'],
  ])('such as %s is said in one sentence or two', async (_, args, says) => {
    const command = createProgram(() => undefined).parseAsync(args, { from: 'user' });
    const cause = await command.then(
      () => expect.fail('it was taken'),
      (error: unknown) => error,
    );
    const failure = failureOf(cause, 'imagepull', args[0] === 'scan' ? 'imagepull scan' : 'imagepull');
    expect(failure.exitCode).toBe(2);
    expect(failure.says).toContain(says);
    expect(failure.says).toMatch(/^imagepull: \S[\s\S]*[.?!]\n$/);
    expect(failure.says).not.toMatch(/\.\.|\.\)\.|\(outputHelp\)|loaded-context|undefined/);
  });

  it('such as no command at all shows the usage and nothing else', async () => {
    const { code, stderr } = await runCli([]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Usage: imagepull /);
    expect(stderr).not.toContain('imagepull: ');
  });

  it('such as a Prometheus alone asks that Prometheus', async () => {
    const { stdout } = await runCli(['diagnose', POD, '--kubeconfig', kubeconfig, '--prometheus', 'http://127.0.0.1:9', '-o', 'json']);
    expect(stdout).toContain('Prometheus at 127.0.0.1:9');
  });
});

describe('what it was called by', () => {
  it('stands in its usage and in the commands it names', async () => {
    const link = join(folder, 'kubectl-imagepull');
    await symlink(resolve(SCRIPT), link);
    await chmod(link, 0o755);
    const run = async (...args: string[]) => {
      const child = spawn(process.execPath, [link, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      return { ...(await ending(child)), stdout };
    };
    expect((await run('help', 'diagnose')).stdout).toMatch(/^Usage: kubectl imagepull diagnose /);
    expect((await run('diagnos')).stderr).toMatch(/^kubectl imagepull: unknown command .* See kubectl imagepull --help\.\n$/);
    expect(
      (await run('explain', 'Failed to pull image "registry.example/web:1": dial tcp: lookup registry.example: no such host')).stdout,
    ).toContain('kubectl imagepull explain --cause dns-failure');
    expect((await run('replay', CASE)).stdout).toContain('More: kubectl imagepull explain --cause tag-not-found');
  });
});
