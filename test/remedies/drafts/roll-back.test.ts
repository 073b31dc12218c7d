import { afterEach, describe, expect, it } from 'vitest';
import { type RemedyCluster, remedyCluster } from '../../support/remedy-cluster.ts';
import { brokenRollout, GOOD, pod, type TestObject } from '../../support/remedy-objects.ts';

let cluster: RemedyCluster;
afterEach(() => cluster?.stop());

const rollBack = (kind = 'Deployment', revision = 0) =>
  ({ id: 'roll-back', workload: { namespace: 'shop', kind, name: 'web' }, revision }) as const;

/** The three kinds with what keeps their revisions. */
const KINDS = [
  ['Deployment', 'ReplicaSet'],
  ['StatefulSet', 'ControllerRevision'],
  ['DaemonSet', 'ControllerRevision'],
] as const;

describe('the draft to roll back', () => {
  it.each(KINDS)('a %s goes to the newest revision whose pods run, and puts its whole template back', async (kind, keeper) => {
    cluster = await remedyCluster(brokenRollout(kind, 'web'));
    const draft = await cluster.drafted(rollBack(kind));
    expect(draft.remedy).toEqual(rollBack(kind, 1));
    expect(draft.objects.map(({ planned }) => `${planned.kind} ${planned.name}`)).toEqual([`${kind} web`, `${keeper} web-r1`]);
    expect(draft.changes).toEqual([
      {
        verb: 'patch',
        object: 0,
        type: 'strategic-merge',
        patch: {
          spec: {
            template: {
              metadata: { labels: { app: 'web' } },
              spec: { containers: [expect.objectContaining({ name: 'app', image: GOOD })] },
              $patch: 'replace',
            },
          },
        },
      },
    ]);
    expect(draft.effect).toBe(
      `${kind} shop/web goes back from revision 2 to 1, which has ${GOOD}; its pods are replaced one after the other.`,
    );
    expect(draft.undo).toBe('Roll forward to revision 2.');
  });

  it.each(KINDS)('a %s is refused where of no earlier revision a pod runs', async (kind) => {
    cluster = await remedyCluster(brokenRollout(kind, 'web'));
    cluster.remove('Pod', 'web-r1-0');
    expect(await cluster.refusal(rollBack(kind))).toBe(
      `No earlier revision of ${kind} shop/web is known to have run: of revision 1 no pod runs now, and no plan brought it.`,
    );
  });

  it.each(KINDS)('a %s is refused where the pods of the earlier revision fail too', async (kind, keeper) => {
    cluster = await remedyCluster(brokenRollout(kind, 'web'));
    cluster.remove('Pod', 'web-r1-0');
    const mark = keeper === 'ReplicaSet' ? { 'pod-template-hash': 'r1' } : { 'controller-revision-hash': 'web-r1' };
    cluster.put(pod({ name: 'web-r1-1', image: GOOD, labels: { app: 'web', ...mark } }));
    expect(await cluster.refusal(rollBack(kind))).toContain('is known to have run');
  });

  it.each(KINDS)('a %s is refused where there is no earlier revision', async (kind, keeper) => {
    cluster = await remedyCluster(brokenRollout(kind, 'web'));
    cluster.remove(keeper, 'web-r1');
    expect(await cluster.refusal(rollBack(kind))).toBe(`${kind} shop/web has no earlier revision.`);
  });

  it('passes over revisions that nobody is known to have run', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const newest = cluster.get('ReplicaSet', 'web-r2');
    cluster.put({
      ...(newest as unknown as TestObject),
      kind: 'ReplicaSet',
      metadata: {
        ...newest?.metadata,
        name: 'web-r3',
        uid: 'uid-web-r3',
        annotations: { 'deployment.kubernetes.io/revision': '3' },
        labels: { app: 'web', 'pod-template-hash': 'r3' },
      },
    });
    expect((await cluster.drafted(rollBack())).effect).toContain('from revision 3 to 1');
    expect(await cluster.refusal(rollBack('Deployment', 2))).toContain('is known to have run');
  });

  it('does not take the revision of another workload with the same labels', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other', uid: 'uid-other', controller: true };
    cluster.change('ReplicaSet', 'web-r1', { metadata: { ownerReferences: [owner] } });
    expect(await cluster.refusal(rollBack())).toBe('Deployment shop/web has no earlier revision.');
  });

  it('is refused where the registry no longer has the earlier image', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.proofs.set(GOOD, { status: 'refused', says: `The registry does not have ${GOOD}, asked anonymously.` });
    expect(await cluster.refusal(rollBack())).toBe(`The registry does not have ${GOOD}, asked anonymously.`);
  });

  it('asks for the earlier image with the secrets of the earlier template', async () => {
    cluster = await remedyCluster(brokenRollout('StatefulSet', 'web'));
    cluster.change('ServiceAccount', 'default', { imagePullSecrets: [{ name: 'of-the-account' }] });
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'app', image: GOOD }], imagePullSecrets: [{ name: 'of-the-revision' }] },
    };
    cluster.change('ControllerRevision', 'web-r1', { data: { spec: { template } } });
    await cluster.drafted(rollBack('StatefulSet'));
    expect(cluster.asked.map(({ image, pullSecrets }) => ({ image, pullSecrets }))).toEqual([
      { image: GOOD, pullSecrets: ['of-the-revision'] },
    ]);
  });
});
