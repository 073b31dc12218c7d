import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Controller, Owner, type Pod, Secret, ServiceAccount } from '../../src/facts/kubernetes/kubernetes-object.ts';
import type { Recording } from '../../src/recording/recording.ts';
import type { Report } from '../../src/report/report.ts';
import { startApiServer } from '../support/api-server.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { healthyKubelet } from '../support/kubelet-answers.ts';
import { eventObject, nodeObject, podObject } from '../support/objects.ts';
import { pushImage } from '../support/push-image.ts';
import { type RealRegistry, startDockerRegistry } from '../support/real-parts.ts';
import { runCli } from '../support/run-cli.ts';

// Each test starts processes, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PASSWORD = 'canary-password';
/** bcrypt of it, cost 4. */
const HTPASSWD = 'robot:$2y$04$Z1GCZ0He9d.gxza0lyrrg.GyOa7Ap27pYz92EzO7u9rmw4hVnL1PG\n';
const base64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const node = nodeObject();

let open: RealRegistry;
let locked: RealRegistry;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imagepull-cli-'));
  [open, locked] = await Promise.all([startDockerRegistry(), startDockerRegistry({ htpasswd: HTPASSWD })]);
  const authorization = `Basic ${base64(`robot:${PASSWORD}`)}`;
  await pushImage({ origin: `http://${open.host}`, repository: 'shop/web' }, { tag: '1.27.3' });
  await pushImage({ origin: `http://${locked.host}`, repository: 'shop/web', authorization }, { tag: '1.0' });
});
afterAll(async () => {
  await Promise.all([open.stop(), locked.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function secret(auths: Record<string, unknown>): Secret {
  return Secret.parse({
    metadata: { name: 'regcred', namespace: 'shop' },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': base64({ auths }), extra: base64('canary-extra') },
  });
}

function failingPod(image: string, error: string, pullSecrets: readonly string[] = []): { pod: Pod; recording: Recording } {
  const message = `Failed to pull image "${image}": failed to pull and unpack image "${image}": failed to resolve image: ${error}`;
  const pod = podObject({
    image,
    waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${error}` },
    pullSecrets,
  });
  return { pod, recording: recordingOf(pod, [eventObject({ reason: 'Failed', message })]) };
}

async function inCluster<T>(recording: Recording, work: (args: readonly string[], requests: readonly string[]) => Promise<T>): Promise<T> {
  const api = await startApiServer(
    { nodes: [node], serviceAccounts: [ServiceAccount.parse({ metadata: { name: 'default', namespace: 'shop' } })], ...recording },
    { kubelet: healthyKubelet({ log: `E0301 pull ${recording.podObject.spec.containers[0]?.image} failed https://robot:canary-log@x\n` }) },
  );
  const kubeconfig = join(folder, `${Math.random().toString(36).slice(2)}.yaml`);
  await writeFile(kubeconfig, api.kubeconfig);
  try {
    return await work(['--kubeconfig', kubeconfig, '--allow-loopback'], api.requests);
  } finally {
    await api.stop();
  }
}

async function diagnose(recording: Recording, ...more: readonly string[]): Promise<{ report: Report; requests: readonly string[] }> {
  return inCluster(recording, async (args, requests) => {
    const { stdout, stderr, code } = await runCli(['diagnose', 'shop/web-0', '-o', 'json', ...args, ...more]);
    expect(stderr + stdout).not.toContain('canary');
    expect([code, stderr]).toEqual([0, '']);
    return { report: JSON.parse(stdout) as Report, requests: [...requests] };
  });
}

describe('a whole diagnosis, with a real registry', () => {
  it('confirms a missing tag and names the nearest one, within its budget of requests', async () => {
    const { recording } = failingPod(`${open.host}/shop/web:1.27`, `${open.host}/shop/web:1.27: not found`);
    const { report, requests } = await diagnose(recording);
    expect(report.verdict).toMatchObject({ cause: 'tag-not-found', confidence: 'confirmed', alternatives: [] });
    expect(report.verdict.context.join(' ')).toContain('1.27.3 (is a release of this version)');
    expect(report.steps.map(({ id, status }) => `${id}: ${status}`).sort()).toEqual([
      'inspect-pull-secrets: done',
      'list-pull-failures: done',
      'probe-endpoint: done',
      'read-kubelet: done',
      'read-node: done',
      'read-pull-events: done',
      'resolve-manifest: done',
    ]);
    expect(report.requests.kubernetes).toBe(requests.length);
    expect(requests.length).toBeLessThanOrEqual(12);
    expect(report.requests.registry).toBeLessThanOrEqual(6);
    expect(requests.filter((request) => !request.startsWith('GET '))).toEqual([]);
  });

  it('tells a missing repository from a missing tag', async () => {
    const { recording } = failingPod(`${open.host}/shop/wep:1.0`, `${open.host}/shop/wep:1.0: not found`);
    expect((await diagnose(recording)).report.verdict).toMatchObject({ cause: 'repository-not-found', confidence: 'confirmed' });
  });

  it('shows the contradiction where the registry has what the node says it has not', async () => {
    const image = `${open.host}/shop/web:1.27.3`;
    const { verdict } = (await diagnose(failingPod(image, `${image}: not found`).recording)).report;
    expect(verdict).toMatchObject({ cause: 'tag-not-found', confidence: 'possible' });
    expect(verdict.against).toEqual([`${open.host} has ${image}: it hands out the manifest to imagepull.`]);
  });

  const refused =
    'pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials';
  const unauthorized = 'unexpected status from HEAD request: 401 Unauthorized';
  it('confirms that a login is missing, is for another port, or is rejected', async () => {
    const image = `${locked.host}/shop/web:1.0`;
    expect((await diagnose(failingPod(image, refused).recording)).report.verdict).toMatchObject({
      cause: 'credentials-missing',
      confidence: 'confirmed',
    });
    const other = {
      ...failingPod(image, refused, ['regcred']).recording,
      secrets: [secret({ '127.0.0.1': { username: 'robot', password: PASSWORD } })],
    };
    expect((await diagnose(other)).report.verdict).toMatchObject({ cause: 'secret-host-mismatch', confidence: 'confirmed' });
    const wrong = {
      ...failingPod(image, unauthorized, ['regcred']).recording,
      secrets: [secret({ [locked.host]: { username: 'robot', password: 'canary-wrong' } })],
    };
    const { report } = await diagnose(wrong);
    expect(report.verdict).toMatchObject({ cause: 'credentials-rejected', confidence: 'confirmed' });
    expect(report.requests.registry).toBeLessThanOrEqual(6);
  });

  it('asks who applies the CronJob behind a pod, within its budget of requests', async () => {
    const { pod, recording } = failingPod(`${locked.host}/shop/web:1.0`, refused, ['regcred']);
    const madeBy = (kind: string, name: string) => ({ name, ownerReferences: [{ kind, name, uid: kind, controller: true }] });
    const podObject = { ...pod, metadata: { ...pod.metadata, ...madeBy('Job', 'report-1'), name: 'web-0' } };
    const applied = {
      name: 'report',
      namespace: 'shop',
      annotations: { 'argocd.argoproj.io/tracking-id': 'reports:batch/CronJob:shop/report' },
    };
    const { report, requests } = await diagnose({
      ...recording,
      podObject,
      pods: [podObject],
      owners: [Owner.parse({ kind: 'Job', metadata: { ...madeBy('CronJob', 'report'), name: 'report-1', namespace: 'shop' } })],
      controllers: [Controller.parse({ kind: 'CronJob', metadata: applied })],
      secrets: [secret({ [locked.host]: { username: 'robot', password: PASSWORD } })],
    });
    expect(report.target).toMatchObject({ workload: { kind: 'CronJob', name: 'report' }, managedBy: { tool: 'Argo CD', name: 'reports' } });
    expect(report.steps.filter(({ status }) => status !== 'done')).toEqual([]);
    expect(requests.filter((request) => /\/(?:cron)?jobs\//.test(request))).toHaveLength(2);
    expect(requests.length).toBeLessThanOrEqual(12);
  });

  it('confirms that a stale login blocks what anybody may pull', async () => {
    // The open registry ignores a login, so one in front of it that rejects every login stands for Docker Hub.
    const { createServer, request: forward } = await import('node:http');
    const [hostname, port] = open.host.split(':');
    const gate = createServer((request, response) => {
      if (request.headers.authorization?.startsWith('Basic '))
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="gate"' }).end();
      if (request.url === '/v2/')
        return void response
          .writeHead(401, { 'www-authenticate': 'Basic realm="gate"', 'docker-distribution-api-version': 'registry/2.0' })
          .end();
      request.pipe(
        forward({ hostname, port, path: request.url, method: request.method, headers: request.headers }, (answer) =>
          answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers)),
        ),
      );
    });
    await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
    const address = gate.address();
    const host = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const { recording } = failingPod(`${host}/shop/web:1.27.3`, unauthorized, ['regcred']);
    const { report } = await diagnose({ ...recording, secrets: [secret({ [host]: { username: 'robot', password: 'canary-stale' } })] });
    gate.closeAllConnections();
    await new Promise((resolve) => gate.close(resolve));
    expect(report.verdict).toMatchObject({ cause: 'stale-credential-blocks-public-image', confidence: 'confirmed' });
  });

  it('leaves out what is not wanted, and says so under what was not checked', async () => {
    const { recording } = failingPod(`${locked.host}/shop/web:1.0`, refused, ['regcred']);
    const world = { ...recording, secrets: [secret({ [locked.host]: { username: 'robot', password: PASSWORD } })] };
    const noRegistry = await diagnose(world, '--no-registry');
    expect(noRegistry.report.requests.registry).toBe(0);
    expect(noRegistry.report.steps).toContainEqual(
      expect.objectContaining({ id: 'resolve-manifest', status: 'skipped', because: 'Left out: --no-registry was given.' }),
    );
    const noSecrets = await diagnose(world, '--no-secrets');
    expect(noSecrets.requests.filter((request) => request.includes('/secrets/'))).toEqual([]);
    expect(noSecrets.report.verdict.unanswered.map(({ check }) => check)).toContain('inspect-pull-secrets');
    const only = await diagnose(world, '--only', 'read-node');
    expect(
      only.report.steps
        .filter(({ status }) => status === 'done')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['read-node', 'read-pull-events']);
  });

  it('is captured without a secret, and replayed with the same verdict', async () => {
    const image = `${locked.host}/shop/web:2.0`;
    const { recording } = failingPod(image, `${image}: not found`, ['regcred']);
    const world = { ...recording, secrets: [secret({ [locked.host]: { username: 'robot', password: PASSWORD } })] };
    const captured = join(folder, 'captured');
    await inCluster(world, async (args) => {
      const { code, stdout } = await runCli(['capture', 'shop/web-0', captured, ...args]);
      expect([code, stdout]).toEqual([0, expect.stringContaining('has no tag 2.0 of shop/web')]);
    });
    for (const file of await readdir(captured)) {
      const text = await readFile(join(captured, file), 'utf8');
      for (const spelling of [
        text,
        ...[...text.matchAll(/"([A-Za-z0-9+/]{16,}={0,2})"/g)].map((match) => Buffer.from(match[1] ?? '', 'base64').toString()),
      ])
        expect(spelling, file).not.toContain('canary');
    }
    const replayed = await runCli(['replay', captured, '-o', 'json']);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ verdict: { cause: 'tag-not-found', confidence: 'confirmed' } });
  });
});
