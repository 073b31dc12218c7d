import { afterEach, describe, expect, it } from 'vitest';
import { type RemedyCluster, remedyCluster } from '../../support/remedy-cluster.ts';
import { BAD, brokenRollout, GOOD, pod } from '../../support/remedy-objects.ts';

let cluster: RemedyCluster;
afterEach(() => cluster?.stop());

const deletePod = (name = 'web-r2-0') => ({ id: 'delete-pod', namespace: 'shop', pod: name }) as const;

describe('the draft to delete a pod', () => {
  it('names the pod and what makes it again, deletes the pod by its uid, and watches what its owner makes', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const draft = await cluster.drafted(deletePod());
    expect(draft).toMatchObject({
      changes: [{ verb: 'delete', object: 0 }],
      blast: { restarts: 1, disruptionBudgets: [] },
      risk: 'low',
      effect: `Pod shop/web-r2-0 is deleted. ReplicaSet web-r2 makes another one, which pulls ${BAD} at once.`,
      watched: { kind: 'owner', namespace: 'shop', uid: 'uid-web-r2' },
    });
    expect(draft.undo).toBeUndefined();
    expect(draft.notChecked).toContain('What emptyDir volumes of the pod hold is lost with it.');
    expect(draft.objects.map(({ planned }) => `${planned.kind} ${planned.name} ${planned.uid}`)).toEqual([
      'Pod web-r2-0 uid-web-r2-0',
      'ReplicaSet web-r2 uid-web-r2',
    ]);
    expect(cluster.asked).toEqual([{ image: BAD, namespace: 'shop', pullSecrets: [], node: 'node-1' }]);
  });

  it.each(['StatefulSet', 'DaemonSet'] as const)('is made for a pod of a %s as well', async (kind) => {
    cluster = await remedyCluster(brokenRollout(kind, 'web'));
    expect((await cluster.drafted(deletePod())).effect).toContain(`${kind} web makes another one`);
  });

  it('is made for a pod of a StatefulSet that was mended since: the next one asks for what the template says now', async () => {
    cluster = await remedyCluster(brokenRollout('StatefulSet', 'web'));
    cluster.change('StatefulSet', 'web', {
      spec: { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: GOOD }] } } },
    });
    cluster.proofs.set(BAD, { status: 'refused', says: `The registry does not have ${BAD}.` });
    expect((await cluster.drafted(deletePod())).effect).toContain(`which pulls ${GOOD} at once`);
  });

  it('asks the registry with the secrets of the service account, where the template names none', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.change('ServiceAccount', 'default', { imagePullSecrets: [{ name: 'regcred' }] });
    await cluster.drafted(deletePod());
    expect(cluster.asked[0]?.pullSecrets).toEqual(['regcred']);
  });

  it('is refused for a pod that nothing would make again', async () => {
    cluster = await remedyCluster([pod({ name: 'alone' })]);
    expect(await cluster.refusal(deletePod('alone'))).toBe(
      'Nothing would make Pod shop/alone again: it has no owner. Delete it by hand if it may go.',
    );
  });

  it('is refused where it is not known whether the owner makes it again', async () => {
    cluster = await remedyCluster([pod({ name: 'web-0', owner: { kind: 'Sandbox', name: 'box' } })]);
    expect(await cluster.refusal(deletePod('web-0'))).toContain(
      'belongs to Sandbox box, and whether that makes it again is not known here',
    );
  });

  it('is refused where the owner is another one by now', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.remove('ReplicaSet', 'web-r2');
    cluster.put({ kind: 'ReplicaSet', metadata: { name: 'web-r2', namespace: 'shop', uid: 'uid-later' }, spec: {} });
    expect(await cluster.refusal(deletePod())).toBe('ReplicaSet web-r2, which made Pod shop/web-r2-0, is gone.');
  });

  it('is refused where the new pod would fail as this one does', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.proofs.set(BAD, { status: 'refused', says: `The registry does not have ${BAD}, asked anonymously.` });
    expect(await cluster.refusal(deletePod())).toBe(
      `A new pod would fail as this one does. The registry does not have ${BAD}, asked anonymously.`,
    );
  });

  it('is refused where it is not known whether the new pod would fail', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.proofs.set(BAD, { status: 'unknown', says: 'The registry cannot be reached from here.' });
    expect(await cluster.refusal(deletePod())).toContain('The registry cannot be reached from here.');
  });

  it('is refused where a StatefulSet would make the same broken pod again and again', async () => {
    cluster = await remedyCluster(brokenRollout('StatefulSet', 'web'));
    cluster.proofs.set(BAD, { status: 'refused', says: `The registry does not have ${BAD}.` });
    expect(await cluster.refusal(deletePod())).toContain('A new pod would fail as this one does.');
  });

  it('is refused for a pod that is being deleted, and for one that fails no longer', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.change('Pod', 'web-r2-0', { metadata: { deletionTimestamp: '2026-03-01T10:00:00Z' } });
    expect(await cluster.refusal(deletePod())).toBe('Pod shop/web-r2-0 is being deleted already.');
    expect(await cluster.refusal(deletePod('web-r1-0'))).toBe('Pod shop/web-r1-0 no longer fails for an image.');
    expect(cluster.get('Pod', 'web-r1-0')?.['spec']).toMatchObject({ containers: [{ image: GOOD }] });
  });

  it('throws what the cluster says where the pod is gone', async () => {
    cluster = await remedyCluster();
    await expect(cluster.draft(deletePod())).rejects.toMatchObject({ code: 'cluster/not-found' });
  });
});
