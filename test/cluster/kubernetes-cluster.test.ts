import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { createKubernetesCluster } from '../../src/cluster/kubernetes-cluster.ts';
import { sealHttp } from '../support/http-mock.ts';
import { podObject } from '../support/objects.ts';

const SERVER = 'https://api.example:6443';
const api = sealHttp(SERVER);

function cluster() {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'c', server: SERVER, skipTLSVerify: false }, { name: 'u', token: 'canary-token' });
  return createKubernetesCluster(config);
}

const pod = podObject({});
const refusal = (code: number, message: string) => ({ kind: 'Status', status: 'Failure', message, code });

describe('the Kubernetes adapter', () => {
  it('sends the credentials of the kubeconfig and reads a pod', async () => {
    api().get('/api/v1/namespaces/shop/pods/web-0').matchHeader('authorization', 'Bearer canary-token').reply(200, pod);
    const reader = cluster();
    expect((await reader.readPod('shop', 'web-0')).metadata.uid).toBe('uid-web-0');
    expect(reader.requests()).toBe(1);
  });

  it('drops what a diagnosis does not read, environment variables among it', async () => {
    const full = {
      ...pod,
      spec: { ...pod.spec, containers: [{ name: 'app', image: 'x', env: [{ name: 'PASSWORD', value: 'canary-env' }] }] },
    };
    api().get('/api/v1/namespaces/shop/pods/web-0').reply(200, full);
    expect(JSON.stringify(await cluster().readPod('shop', 'web-0'))).not.toContain('canary-env');
  });

  it('says how it is: the version that the API server runs, or why it does not answer', async () => {
    api().get('/version').reply(200, { gitVersion: 'v1.36.2' });
    api().get('/version').reply(401, refusal(401, 'Unauthorized'));
    const { check } = cluster();
    const { signal } = new AbortController();
    expect(await check(signal)).toEqual({ status: 'well', says: 'The API server runs Kubernetes v1.36.2.' });
    expect(await check(signal)).toMatchObject({ status: 'ill', says: expect.stringContaining('does not accept your credentials (401)') });
  });

  it('asks for the events of this very pod', async () => {
    api()
      .get('/api/v1/namespaces/shop/events')
      .query({ fieldSelector: 'involvedObject.kind=Pod,involvedObject.name=web-0,involvedObject.uid=u1', limit: '500' })
      .reply(200, { items: null, metadata: {} });
    expect(await cluster().listPodEvents({ namespace: 'shop', name: 'web-0', uid: 'u1' })).toEqual([]);
  });

  it('reads pods page by page, narrowed by the server', async () => {
    api()
      .get('/api/v1/pods')
      .query({ limit: '1', fieldSelector: 'spec.nodeName=n1,status.phase=Pending' })
      .reply(200, { items: [pod], metadata: { continue: 'more', remainingItemCount: 7 } });
    api()
      .get('/api/v1/pods')
      .query({ limit: '1', continue: 'more' })
      .reply(200, { items: [pod], metadata: {} });
    const reader = cluster();
    const first = await reader.listPods({ node: 'n1', phase: 'Pending', limit: 1 });
    expect(first.more).toEqual({ continueFrom: 'more', remaining: 7 });
    expect((await reader.listPods({ limit: 1, continueFrom: first.more?.continueFrom ?? '' })).more).toBeUndefined();
  });

  it("waits as long as the server's Retry-After says, then tries again and counts both", async () => {
    api().get('/api/v1/namespaces/shop/pods/web-0').reply(429, refusal(429, 'too many'), { 'retry-after': '0' });
    api().get('/api/v1/namespaces/shop/pods/web-0').reply(200, pod);
    const reader = cluster();
    await reader.readPod('shop', 'web-0');
    expect(reader.requests()).toBe(2);
  });

  it('gives up after three attempts at a server error', async () => {
    api().get('/api/v1/namespaces/shop/pods/web-0').times(3).reply(503, 'the server is shutting down', { 'retry-after': '0' });
    await expect(cluster().readPod('shop', 'web-0')).rejects.toMatchObject({
      code: 'cluster/unavailable',
      message: expect.stringContaining('answered 503'),
    });
  });

  it('does not wait for a server that asks for minutes', async () => {
    api().get('/api/v1/namespaces/shop/pods/web-0').reply(429, refusal(429, 'too many'), { 'retry-after': '120' });
    const reader = cluster();
    await expect(reader.readPod('shop', 'web-0')).rejects.toMatchObject({ code: 'cluster/unavailable', retryable: true });
    expect(reader.requests()).toBe(1);
  });

  it('gives up when it is told to, as when the time of a step is over', async () => {
    const stop = new AbortController();
    const never = new Promise<[number]>(() => undefined);
    api()
      .get('/api/v1/namespaces/shop/pods/web-0')
      .reply(() => {
        stop.abort();
        return never;
      });
    const asked = cluster().readPod('shop', 'web-0', stop.signal);
    await expect(asked).rejects.toMatchObject({ code: 'cluster/unreachable', message: expect.stringContaining('no answer in time') });
  });

  it.each([
    [
      'list',
      'pods',
      (reader: ReturnType<typeof cluster>) => reader.listPods({ limit: 500 }),
      '/api/v1/pods',
      { limit: '500' },
      'a ClusterRole',
      'apiGroups: [""]',
    ],
    [
      'get',
      'jobs',
      (reader: ReturnType<typeof cluster>) => reader.readJob('shop', 'import'),
      '/apis/batch/v1/namespaces/shop/jobs/import',
      {},
      'a Role in namespace shop',
      'apiGroups: ["batch"]',
    ],
  ])('prints the rule that would allow a forbidden %s of %s', async (verb, resource, call, path, query, where, group) => {
    api()
      .get(path)
      .query(query)
      .reply(403, refusal(403, `${resource} is forbidden: User "u" cannot ${verb} resource`));
    const error = await call(cluster()).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: 'cluster/forbidden' });
    for (const part of [where, group, `resources: ["${resource}"]`, `verbs: ["${verb}"]`, 'is forbidden'])
      expect(String(error)).toContain(part);
  });

  it('says that a login has expired', async () => {
    api().get('/api/v1/namespaces/shop/pods/web-0').reply(401, refusal(401, 'Unauthorized'));
    await expect(cluster().readPod('shop', 'web-0')).rejects.toMatchObject({
      code: 'cluster/unauthenticated',
      message: expect.stringContaining('log in again'),
    });
  });

  it.each([
    ['a page instead of JSON', '<html>login</html>', 'is not JSON'],
    ['JSON that is no pod', '{"hello":"world"}', 'lacks metadata'],
  ])('refuses %s', async (_, body, message) => {
    api().get('/api/v1/namespaces/shop/pods/web-0').reply(200, body);
    await expect(cluster().readPod('shop', 'web-0')).rejects.toMatchObject({
      code: 'cluster/bad-answer',
      message: expect.stringContaining(message),
    });
  });

  it('names a connection that cannot be made, without the token', async () => {
    api()
      .get('/api/v1/namespaces/shop/pods/web-0')
      .replyWithError(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    const error = await cluster()
      .readPod('shop', 'web-0')
      .then(
        () => undefined,
        (cause: unknown) => cause,
      );
    expect(error).toMatchObject({ code: 'cluster/unreachable', message: `Cannot reach the API server ${SERVER}: connection refused.` });
    expect(JSON.stringify(error)).not.toContain('canary');
  });
});
