import { afterEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/approval/canonical-json.ts';
import type { Remedy } from '../../../src/approval/remedy.ts';
import { type RemedyCluster, remedyCluster } from '../../support/remedy-cluster.ts';
import { brokenRollout, digestOf, type Fields } from '../../support/remedy-objects.ts';

let cluster: RemedyCluster;
afterEach(() => cluster?.stop());

const workload = { namespace: 'shop', kind: 'Deployment', name: 'web' };
const REMEDIES: readonly Remedy[] = [
  { id: 'delete-pod', namespace: 'shop', pod: 'web-r2-0' },
  { id: 'restart-workload', workload },
  { id: 'roll-back', workload, revision: 0 },
  {
    id: 'set-image',
    workload,
    container: 'app',
    repository: 'registry.example/shop/web',
    tag: '3',
    digest: digestOf('registry.example/shop/web:3'),
  },
  { id: 'attach-pull-secret', workload, secret: 'mirror' },
  { id: 'cordon-node', node: 'node-1' },
];

/** What a plan keeps of a draft, without the version that everything moves. */
async function keptOf(remedy: Remedy): Promise<string> {
  const { objects, ...draft } = await cluster.drafted(remedy);
  return canonicalJson({ ...draft, objects: objects.map(({ planned }) => ({ ...planned, resourceVersion: '' })) });
}

/** The state of every object that a draft rests on. */
async function statesOf(remedy: Remedy): Promise<readonly string[]> {
  return (await cluster.drafted(remedy)).objects.map(({ planned }) => `${planned.kind} ${planned.uid} ${planned.state}`);
}

describe('drafts of the same cluster', () => {
  it.each(REMEDIES)('to $id are equal', async (remedy) => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    expect(await keptOf(remedy)).toBe(await keptOf(remedy));
  });

  it.each(REMEDIES)('to $id stay equal while status, counts, annotations and versions move', async (remedy) => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const before = await statesOf(remedy);
    const status = cluster.get('Pod', 'web-r2-0')?.['status'] as Fields;
    cluster.change('Pod', 'web-r2-0', { status: { ...status, message: 'Back-off pulling, 17 times' } });
    cluster.change('Deployment', 'web', { metadata: { annotations: { note: 'x' } }, status: { readyReplicas: 1, observedGeneration: 9 } });
    cluster.change('ReplicaSet', 'web-r2', { status: { replicas: 2 } });
    cluster.change('Node', 'node-1', { metadata: { annotations: { heartbeat: 'x' } } });
    expect(await statesOf(remedy)).toEqual(before);
  });
});

/** What moves that a plan rests on. */
const MOVED: readonly (readonly [what: string, parts: { readonly metadata?: Fields; readonly spec?: Fields }])[] = [
  ['its spec', { spec: { replicas: 5 } }],
  ['its labels', { metadata: { labels: { app: 'web', team: 'a' } } }],
  ['its owner', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Thing', name: 'x', uid: 'y' }] } }],
  ['that it is being deleted', { metadata: { deletionTimestamp: '2026-03-01T10:00:00Z' } }],
];

describe('a draft is another one', () => {
  it.each(MOVED)('once %s has changed', async (_, parts) => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const restart: Remedy = { id: 'restart-workload', workload };
    const before = await statesOf(restart);
    cluster.change('Deployment', 'web', parts);
    expect(await statesOf(restart)).not.toEqual(before);
  });

  it('once the object is another one of the same name', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const restart: Remedy = { id: 'restart-workload', workload };
    const before = (await cluster.drafted(restart)).objects[0]?.planned;
    const object = cluster.get('Deployment', 'web');
    cluster.remove('Deployment', 'web');
    cluster.put({ ...object, kind: 'Deployment', metadata: { ...object?.metadata, name: 'web', uid: 'uid-later' } });
    const after = (await cluster.drafted(restart)).objects[0]?.planned;
    expect(after).toMatchObject({ uid: 'uid-later', state: before?.state });
    expect(after?.uid).not.toBe(before?.uid);
  });

  it('once the revision that it goes back to says something else', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const rollBack: Remedy = { id: 'roll-back', workload, revision: 0 };
    const before = await statesOf(rollBack);
    cluster.change('ReplicaSet', 'web-r1', { spec: { minReadySeconds: 5 } });
    expect(await statesOf(rollBack)).not.toEqual(before);
  });
});
