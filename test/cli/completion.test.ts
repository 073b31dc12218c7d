import { execFile, spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { completionsFor } from '../../src/cli/completion/complete.ts';
import { createProgram } from '../../src/cli/program.ts';
import { startCaseServer, startCliWorld } from '../support/cli-world.ts';
import { runCli } from '../support/run-cli.ts';

// Each test starts processes, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const { folder, server, kubeconfig, kubeconfigTo, stop } = await startCliWorld();
afterAll(stop);

const program = createProgram(() => undefined);

/** What fits in place of the last word: values, and the directive behind the colon. */
async function fits(...[command = '', ...words]: readonly string[]): Promise<{ values: readonly string[]; directive: string | undefined }> {
  const asked = ['diagnose', 'scan'].includes(command) ? ['--kubeconfig', kubeconfig, ...words] : words;
  const lines = (await completionsFor(program, [command, ...asked])).trimEnd().split('\n');
  return { values: lines.slice(0, -1).map((line) => line.split('\t')[0] ?? ''), directive: lines.at(-1) };
}

describe('completion', () => {
  it.each([
    [['di'], ['diagnose'], ':4'],
    [['help', 'sc'], ['scan'], ':4'],
    [['completion', ''], ['bash', 'zsh', 'fish'], ':4'],
    [['scan', '--all'], ['--all-namespaces'], ':4'],
    [['diagnose', '--kubelet', ''], ['off', 'direct', 'apiserver-proxy', 'prometheus'], ':4'],
    [['diagnose', '--kubelet=d'], ['--kubelet=direct'], ':4'],
    [['diagnose', '--only', 'read-n'], ['read-node'], ':4'],
    [['explain', '--cause', 'dns'], ['dns-failure'], ':4'],
    [['replay', ''], [], ':0'],
    [['policy', ''], ['explain', 'test'], ':4'],
    [['policy', 'test', ''], [], ':0'],
    [['slack', ''], ['manifest'], ':4'],
    [['audit', ''], ['list', 'verify', 'erase', 'cut'], ':4'],
    [['corrections', ''], ['list', 'export'], ':4'],
    [['config', ''], ['show', 'check'], ':4'],
    [['config', 'check', ''], [], ':0'],
    [['scan', '--kubeconfig', ''], [], ':0'],
    [['scan', '--context', ''], ['test'], ':4'],
    [['scan', '-n', 'la'], ['lab'], ':4'],
    [['diagnose', '-n', 'lab', 'deploy-3-565cbdc67f-h'], ['deploy-3-565cbdc67f-hsmcj'], ':4'],
    [['diagnose', 'lab/deploy-3-565cbdc67f-h'], ['lab/deploy-3-565cbdc67f-hsmcj'], ':4'],
    [['diagnose', '-n', 'lab', 'deploy/d'], ['deploy/deploy-3'], ':4'],
    [['diagnose', '-n', 'lab', 'cronj'], ['cronjob/'], ':6'],
    [['diagnose', 'la'], ['lab/'], ':6'],
    [['nonsense', ''], [], ':4'],
  ])('of %j is %j', async (words, values, directive) => {
    expect(await fits(...words)).toEqual({ values, directive });
  });

  it('describes commands and failing pods, and hides what only scripts call', async () => {
    const commands = await completionsFor(program, ['']);
    expect(commands).toContain('scan\tlist every container that cannot pull');
    expect(commands).not.toContain('__complete');
    expect(await completionsFor(program, ['diagnose', '--kubeconfig', kubeconfig, '-n', 'lab', 'tag-missing'])).toContain(
      'tag-missing\tcannot pull an image',
    );
  });

  it('says nothing where the cluster does not answer, and does not wait for it', async () => {
    const silent = await startCaseServer({ intercept: () => true });
    const file = await kubeconfigTo(silent.url);
    expect(await completionsFor(program, ['diagnose', '--kubeconfig', file, ''])).toBe(':4\n');
    await silent.stop();
    expect(await runCli(['__complete', '--', 'diagnose', ''])).toEqual({ code: 0, stdout: ':4\n', stderr: '' });
  });

  it('leaves out names that a shell could not take for a word', async () => {
    const file = join(folder, 'odd');
    const odd = '{ name: "two words", context: { cluster: test, user: test } }';
    await writeFile(file, server.kubeconfig.replace('contexts: [', `contexts: [${odd}, `));
    expect(await completionsFor(program, ['scan', '--kubeconfig', file, '--context', ''])).toBe('test\n:4\n');
  });

  const has = (shell: string) => spawnSync('sh', ['-c', `command -v ${shell}`]).status === 0;
  const env = { PATH: `${folder}:${process.env['PATH']}`, KUBECONFIG: kubeconfig, HOME: folder };
  beforeAll(async () => {
    const command = join(folder, 'imagepull');
    await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${resolve(process.env['IMAGEPULL_CLI'] ?? 'src/cli.ts')}' "$@"\n`);
    await chmod(command, 0o755);
  });

  it('works in a real bash, also behind an equals sign', async () => {
    const script = `
      source <(imagepull completion bash)
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _imagepull 2>/dev/null; echo "\${COMPREPLY[*]}"; }
      try imagepull di
      try imagepull diagnose -n lab deploy/d
      try imagepull diagnose --kubelet = d
    `;
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
    expect(stdout).toBe('diagnose\ndeploy/deploy-3\ndirect\n');
  });

  it.skipIf(!has('zsh'))('works in a real zsh, where there is one', async () => {
    // Stands in for the part of zsh that needs a terminal: what it is given is what would be shown.
    const script = `
      compdef() { : }
      compadd() { print -- "\${values[@]}" }
      source <(imagepull completion zsh)
      try() { words=("$@"); CURRENT=$#; _imagepull }
      try imagepull di
      try imagepull diagnose -n lab deploy/d
      try imagepull diagnose --kubelet=d
    `;
    const { stdout } = await promisify(execFile)('zsh', ['-f', '-c', script], { env });
    expect(stdout).toBe('diagnose\ndeploy/deploy-3\n--kubelet=direct\n');
  });

  it.skipIf(!has('fish'))('works in a real fish, where there is one', async () => {
    const script = `
      imagepull completion fish | source
      complete -C 'imagepull scan -n la'
      complete -C 'imagepull diagnose -n lab deploy/d'
      complete -C 'imagepull diagnose --kubelet=d'
    `;
    const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', script], { env });
    expect(stdout).toBe('lab\ndeploy/deploy-3\n--kubelet=direct\n');
  });
});
