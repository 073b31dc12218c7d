import { afterEach, describe, expect, it } from 'vitest';
import { type ClusterServer, type ClusterServerOptions, startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';
import { namesOf } from '../contract/api-objects.ts';
import { type ApiTarget, ask, openStream } from '../contract/api-target.ts';
import { eventually } from '../support/eventually.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function started(options: ClusterServerOptions = {}): Promise<{ readonly cluster: ClusterServer; readonly target: ApiTarget }> {
  const cluster = await startCluster(options);
  closers.push(cluster.stop);
  const nobody = { user: '', options: {} };
  const unused = {
    powerless: nobody,
    nobody: {},
    account: () => Promise.resolve(nobody),
    allow: () => Promise.resolve(),
    webhook: () => Promise.reject(new Error('unused')),
  };
  return { cluster, target: { url: cluster.url, admin: {}, ...unused } };
}

const PODS = '/api/v1/pods';
const pod = (name: string, more: object = {}) => ({ kind: 'Pod', metadata: { name }, ...more });

describe('the stand-in, from within', () => {
  it('serves what is put and removed in its store, whose objects are shared and not changed', async () => {
    const { cluster, target } = await started({ now: () => new Date('2026-11-27T10:00:00.123Z') });
    const status = { phase: 'Running' };
    const put = cluster.store.put(pod('a', { status }));
    cluster.store.put(pod('a', { status: { phase: 'Failed' } }));
    expect(put['status']).toBe(status);
    expect(put.metadata.creationTimestamp).toBe('2026-11-27T10:00:00Z');
    expect(put.metadata.namespace).toBe('default');
    expect((await ask(target, { path: '/api/v1/namespaces/default/pods/a' })).body.status).toEqual({ phase: 'Failed' });
    cluster.store.remove(resourceOfKind('Pod'), 'default/a');
    expect((await ask(target, { path: '/api/v1/namespaces/default/pods/a' })).status).toBe(404);
  });

  it('forgets what is compacted: tokens expire, watches end, and the newest version still goes on', async () => {
    const { cluster, target } = await started();
    for (const name of ['a', 'b', 'c']) cluster.store.put(pod(name));
    const first = (await ask(target, { path: PODS, query: { limit: 1 } })).body;
    const before = cluster.store.version;
    cluster.store.put(pod('d'));
    expect((await ask(target, { path: PODS, query: { limit: 9, continue: first.metadata.continue ?? '' } })).body.items).toHaveLength(2);
    cluster.store.compact();
    const late = await ask(target, { path: PODS, query: { limit: 9, continue: first.metadata.continue ?? '' } });
    expect(late.body).toMatchObject({ code: 410, reason: 'Expired' });
    expect(namesOf((await ask(target, { path: PODS, query: { continue: late.body.metadata.continue ?? '' } })).body)).toEqual([
      'b',
      'c',
      'd',
    ]);
    const old = await openStream(target, PODS, { resourceVersion: before });
    await eventually(() => expect(old.lines).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]));
    const fresh = await openStream(target, PODS, { resourceVersion: cluster.store.version });
    cluster.store.put(pod('e'));
    await eventually(() => expect(fresh.lines).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'e' } } }]));
  });

  it('shows on a page nothing that went in other namespaces', async () => {
    const { cluster, target } = await started();
    for (const namespace of ['a', 'b', 'c'])
      for (const name of ['1', '2']) cluster.store.put({ kind: 'Pod', metadata: { namespace, name } });
    const path = '/api/v1/namespaces/b/pods';
    const { metadata } = (await ask(target, { path, query: { limit: 1 } })).body;
    for (const key of ['a/2', 'b/2', 'c/2']) cluster.store.remove(resourceOfKind('Pod'), key);
    const { items } = (await ask(target, { path, query: { limit: 9, continue: metadata.continue ?? '' } })).body;
    expect(items?.map((of) => `${of.metadata.namespace}/${of.metadata.name}`)).toEqual(['b/2']);
  });

  it('answers with the faults that were asked for, in their order, on the paths that they name', async () => {
    const { cluster, target } = await started();
    cluster.faults.add({ status: 429, retryAfterS: 3, path: /pods/ }, 2);
    cluster.faults.add({ status: 500 });
    cluster.faults.add({ status: 410, path: /watch=1/ });
    expect((await ask(target, { path: '/api/v1/nodes' })).body).toMatchObject({ code: 500, reason: 'InternalError' });
    expect((await fetch(`${cluster.url}${PODS}`)).headers.get('retry-after')).toBe('3');
    expect((await ask(target, { path: PODS })).body).toMatchObject({ kind: 'Status', code: 429, reason: 'TooManyRequests' });
    expect((await ask(target, { path: PODS })).status).toBe(200);
    expect((await openStream(target, PODS, {})).status).toBe(410);
    expect(cluster.faults.waiting()).toBe(0);
    expect(cluster.requests).toEqual(['GET /api/v1/nodes', `GET ${PODS}`, `GET ${PODS}`, `GET ${PODS}`, `GET ${PODS}?watch=1`]);
  });

  it('cuts its streams, and ends them with an error', async () => {
    const { cluster, target } = await started();
    const first = await openStream(target, PODS, {});
    await eventually(() => expect(cluster.streams.size).toBe(1));
    cluster.streams.fail(410, 'The resourceVersion for the provided watch is too old.');
    // Nobody is written to any more.
    expect(cluster.streams.size).toBe(0);
    cluster.store.put(pod('late'));
    await eventually(() => expect(first.lines).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]));
    const second = await openStream(target, PODS, {});
    await eventually(() => expect(cluster.streams.size).toBe(1));
    cluster.streams.cut();
    await eventually(() => expect(cluster.streams.size).toBe(0));
    expect([first.ended(), second.ended()]).toEqual([true, false]);
  });

  it('lists all of many objects in pages, each once and in order, while others come and go', async () => {
    const { cluster, target } = await started();
    const names = Array.from({ length: 2_000 }, (_, n) => `pod-${(n * 7919) % 2_000}`);
    for (const name of names) cluster.store.put(pod(name));
    const seen: string[] = [];
    let next = '';
    do {
      const { body } = await ask(target, { path: PODS, query: { limit: 300, ...(next === '' ? {} : { continue: next }) } });
      seen.push(...namesOf(body));
      next = body.metadata.continue ?? '';
      expect(body.metadata.remainingItemCount ?? 0).toBeGreaterThanOrEqual(next === '' ? 0 : 1);
      cluster.store.remove(resourceOfKind('Pod'), `default/${seen[0]}`);
      cluster.store.remove(resourceOfKind('Pod'), `default/pod-999`);
      cluster.store.put(pod(`pod-5-${seen.length}`));
    } while (next !== '');
    expect(seen).toEqual(names.toSorted());
  });

  it('lets a pod go at once that has ended, and never later than was said', async () => {
    const { cluster, target } = await started({ now: () => new Date('2026-11-27T10:00:00Z') });
    const spec = { nodeName: 'node-1', terminationGracePeriodSeconds: 60 };
    const remove = async (name: string, body: object = {}) =>
      (await ask(target, { method: 'DELETE', path: `/api/v1/namespaces/default/pods/${name}`, body })).body.metadata;
    for (const phase of ['Succeeded', 'Failed', 'Running']) {
      cluster.store.put(pod(phase.toLowerCase(), { spec, status: { phase } }));
      expect((await remove(phase.toLowerCase())).deletionGracePeriodSeconds).toBe(phase === 'Running' ? 60 : 0);
    }
    const late = { name: 'late', deletionTimestamp: '2026-11-27T09:59:00Z', deletionGracePeriodSeconds: 60 };
    cluster.store.put({ kind: 'Pod', metadata: late, spec });
    expect(await remove('late', { gracePeriodSeconds: 5 })).toMatchObject({
      deletionTimestamp: '2026-11-27T10:00:00Z',
      deletionGracePeriodSeconds: 1,
    });
    const held = { ...late, name: 'held', deletionGracePeriodSeconds: 0, finalizers: ['example.com/held'] };
    cluster.store.put({ kind: 'Pod', metadata: held, spec });
    expect((await remove('held')).deletionTimestamp).toBe('2026-11-27T09:59:00Z');
  });
});
