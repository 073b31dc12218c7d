import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '../support/run-cli.ts';

// Each test starts processes, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const POLICY = ['--policy', 'test/approval/approvals.yaml'];
const folder = await mkdtemp(join(tmpdir(), 'policy-'));
afterAll(() => rm(folder, { recursive: true }));

describe('imagepull policy', () => {
  it('explains line by line who may approve a plan', async () => {
    const { code, stdout, stderr } = await runCli(['policy', 'explain', 'test/approval/plan.json', ...POLICY]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('set-image in shop on prod, medium risk');
    expect(stdout).toContain('needs 2 approvals');
    expect(stdout).toContain('- U0FAY may not: chose a parameter of the plan.');
    expect(stdout).toContain('+ S0ONCALL may: its members');
  });

  it('names the setting that would let somebody approve, where nobody may', async () => {
    const { stdout } = await runCli(['policy', 'explain', 'test/approval/plan.json']);
    expect(stdout).toContain('add a rule for it to');
    const own = await runCli(['policy', 'explain', 'test/approval/plan.json', ...POLICY, '--bot-namespace', 'shop']);
    expect(own.stdout).toContain('forbiddenNamespaces');
  });

  it('tests a policy: 0 where all is as expected, 1 with what differs', async () => {
    const right = 'test/approval/expectations.yaml';
    expect(await runCli(['policy', 'test', right, ...POLICY])).toMatchObject({ code: 0, stdout: '✓ 76 expectations met\n', stderr: '' });
    const wrong = join(folder, 'wrong.yaml');
    await writeFile(wrong, (await readFile(right, 'utf8')).replace('expect: denied', 'expect: approved'));
    const result = await runCli(['policy', 'test', wrong, ...POLICY]);
    expect(result).toMatchObject({ code: 1, stderr: '' });
    expect(result.stdout).toBe('✗ an approver denies\n    expected approved, found denied\n75 of 76 expectations met\n');
  });

  it('refuses a file that is none, with line and field', async () => {
    const file = join(folder, 'policy.yaml');
    await writeFile(file, 'version: 1\norganisation: T0HOME\nrules:\n  - name: all\n    approvers: { users: ["*"] }\n');
    const result = await runCli(['policy', 'explain', 'test/approval/plan.json', '--policy', file]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('policy.yaml, line 5, rules.0.approvers.users.0: is not the id of a person');
    expect(await runCli(['policy', 'test', '/dev/zero'])).toMatchObject({ code: 2, stdout: '' });
  });
});
