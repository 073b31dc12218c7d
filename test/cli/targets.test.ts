import { afterAll, describe, expect, it, vi } from 'vitest';
import { parseTimeout } from '../../src/cli/options.ts';
import { parseTargetName } from '../../src/cli/target-name.ts';
import { Controller } from '../../src/facts/kubernetes/kubernetes-object.ts';
import type { Report } from '../../src/report/report.ts';
import { startCaseServer, startCliWorld } from '../support/cli-world.ts';
import { runCli } from '../support/run-cli.ts';

// Each test starts processes, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const HASH = { 'pod-template-hash': '565cbdc67f' };
const headers: Record<string, string | readonly string[] | undefined>[] = [];
const deployment = Controller.parse({
  kind: 'Deployment',
  metadata: { name: 'deploy-3', namespace: 'lab' },
  spec: { replicas: 3, selector: { matchLabels: HASH } },
});
const { server, kubeconfig, kubeconfigTo, stop } = await startCliWorld({
  recorded: { controllers: [deployment] },
  intercept: (request) => {
    headers.push(request.headers);
    return false;
  },
  kubeconfig: (text) => text.replace('context: { cluster: test, user: test }', 'context: { cluster: test, user: test, namespace: lab }'),
});
afterAll(stop);

async function diagnose(...args: readonly string[]): Promise<Report> {
  const { code, stdout, stderr } = await runCli(['diagnose', ...args, '--kubeconfig', kubeconfig, '-o', 'json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Report;
}

describe('the name of what is diagnosed', () => {
  it.each([
    ['web-0', undefined, 'Pod', undefined, 'web-0'],
    ['web-0', 'shop', 'Pod', 'shop', 'web-0'],
    ['shop/web-0', undefined, 'Pod', 'shop', 'web-0'],
    ['shop/web-0', 'shop', 'Pod', 'shop', 'web-0'],
    ['pod/web-0', undefined, 'Pod', undefined, 'web-0'],
    ['po/web-0', 'shop', 'Pod', 'shop', 'web-0'],
    ['deploy/web', undefined, 'Deployment', undefined, 'web'],
    ['deployment/web', 'shop', 'Deployment', 'shop', 'web'],
    ['deployment.apps/web', undefined, 'Deployment', undefined, 'web'],
    ['Deployment/web', undefined, 'Deployment', undefined, 'web'],
    ['sts/db', undefined, 'StatefulSet', undefined, 'db'],
    ['ds/agent', undefined, 'DaemonSet', undefined, 'agent'],
    ['rs/web-1', undefined, 'ReplicaSet', undefined, 'web-1'],
    ['job/x', undefined, 'Job', undefined, 'x'],
    ['cronjob/x', undefined, 'CronJob', undefined, 'x'],
    // A namespace that is called like a kind has to be given by its option.
    ['job-1', 'job', 'Pod', 'job', 'job-1'],
    ['constructor/x', undefined, 'Pod', 'constructor', 'x'],
  ])('%s in %s is %s %s/%s', (text, option, kind, namespace, name) => {
    expect(parseTargetName(text, option)).toEqual({ kind, namespace, name });
  });

  it.each(['shop/web-0', 'default/web-0'])('%s contradicts another namespace', (text) => {
    expect(() => parseTargetName(text, 'other')).toThrow(/names namespace .* and --namespace says other/);
  });

  it('is a pod of the namespace of the context, unless another is given', async () => {
    expect((await diagnose('deploy-3-565cbdc67f-hsmcj')).target).toMatchObject({ namespace: 'lab', pod: 'deploy-3-565cbdc67f-hsmcj' });
    expect((await runCli(['diagnose', 'deploy-3-565cbdc67f-hsmcj', '-n', 'other', '--kubeconfig', kubeconfig])).stderr).toContain(
      'namespace other has no pods',
    );
  });

  it('may be a workload; the report says which of its pods it is about', async () => {
    const report = await diagnose('deploy/deploy-3');
    expect(report.target.workload).toEqual({ kind: 'Deployment', name: 'deploy-3' });
    expect(report.selection).toEqual({
      matched: 3,
      failing: 3,
      says: '3 of 3 pods of Deployment deploy-3 in namespace lab cannot pull an image; this is about the newest of them.',
    });
    const text = (await runCli(['diagnose', 'deploy/deploy-3', '--kubeconfig', kubeconfig])).stdout;
    expect(text.replace(/\s+/g, ' ')).toContain('Chosen 3 of 3 pods of Deployment deploy-3');
  });

  it('may be labels; the failing pods are diagnosed and it is said how many', async () => {
    const { stdout } = await runCli(['diagnose', '-l', 'pod-template-hash=565cbdc67f', '--kubeconfig', kubeconfig, '-o', 'json']);
    const answer = JSON.parse(stdout) as { schemaVersion: number; selection: Report['selection']; reports: Report[] };
    expect(answer).toMatchObject({
      schemaVersion: 1,
      selection: { matched: 3, failing: 3 },
      reports: [{ verdict: { cause: 'tag-not-found' } }],
    });
    const text = await runCli(['diagnose', '-l', 'pod-template-hash=565cbdc67f', '--kubeconfig', kubeconfig]);
    expect(text.stdout).toMatch(
      /^3 of 3 pods of namespace lab with the labels pod-template-hash=565cbdc67f cannot pull an image; this is about the newest of them\.\n\n✗ /,
    );
    const none = await runCli(['diagnose', '-l', 'app=none', '--kubeconfig', kubeconfig]);
    expect(none).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('There is no pod in namespace lab with the labels app=none.'),
    });
  });
});

describe('how the API server is asked', () => {
  it('is on behalf of another user, with groups, in every request', async () => {
    server.rights.set({ user: 'jane' }, [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]);
    headers.length = 0;
    await diagnose('deploy/deploy-3', '--as', 'jane', '--as-group', 'dev', '--as-group', 'ops');
    expect(headers.length).toBeGreaterThan(3);
    expect(new Set(headers.map((one) => `${one['impersonate-user']} ${one['impersonate-group']}`))).toEqual(new Set(['jane dev, ops']));
  });

  it('is never directly at a kubelet on behalf of another user, who it would not know', async () => {
    const result = await runCli(['diagnose', 'deploy/deploy-3', '--as', 'jane', '--kubelet', 'direct', '--kubeconfig', kubeconfig]);
    expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('knows nothing of --as') });
  });

  it('is for so long at most', async () => {
    const silent = await startCaseServer({ intercept: () => true });
    const file = await kubeconfigTo(silent.url);
    const result = await runCli(['diagnose', 'lab/x', '--kubeconfig', file, '--request-timeout', '200ms']);
    await silent.stop();
    expect(result).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('no answer in time') });
  });

  it.each([
    ['30', 30_000],
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['200ms', 200],
    ['0', 600_000],
    ['0s', 600_000],
    ['24h', 600_000],
  ])('%s is a time of %d ms', (text, milliseconds) => {
    expect(parseTimeout(text)).toBe(milliseconds);
  });

  it.each(['', '-1', 'soon', '1m 30s', '30x', '1.5m'])('%j is no time', (text) => {
    expect(() => parseTimeout(text)).toThrow('Write a time');
  });
});
