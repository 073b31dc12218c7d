import { afterEach, describe, expect, it } from 'vitest';
import { type RemedyCluster, remedyCluster } from '../../support/remedy-cluster.ts';
import { BAD, brokenRollout } from '../../support/remedy-objects.ts';

let cluster: RemedyCluster;
afterEach(() => cluster?.stop());

const restart = (kind = 'Deployment') => ({ id: 'restart-workload', workload: { namespace: 'shop', kind, name: 'web' } }) as const;

describe('the draft to restart a workload', () => {
  it('marks the template with when it was asked for, and counts the pods that restart', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web', 3));
    expect(await cluster.drafted(restart())).toMatchObject({
      changes: [
        {
          verb: 'patch',
          object: 0,
          type: 'strategic-merge',
          patch: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-03-01T10:10:00Z' } } } } },
        },
      ],
      blast: { restarts: 4, disruptionBudgets: [], replicasLeft: 1 },
      risk: 'medium',
      effect: `All pods of Deployment shop/web are replaced, 4 pods; the new ones pull ${BAD} at once.`,
      watched: { kind: 'workload', namespace: 'shop', labels: 'app=web' },
    });
  });

  it.each(['StatefulSet', 'DaemonSet'] as const)('is made for a %s as well', async (kind) => {
    cluster = await remedyCluster(brokenRollout(kind, 'web'));
    expect((await cluster.drafted(restart(kind))).blast.restarts).toBe(3);
  });

  it('is made for what somebody else applies too: a restart changes nothing that they would take back', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.change('Deployment', 'web', { metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } });
    expect((await cluster.draft(restart())).status).toBe('drafted');
  });

  it('is refused where new pods would fail as these do', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.proofs.set(BAD, { status: 'refused', says: 'The registry does not have it.' });
    expect(await cluster.refusal(restart())).toBe('New pods would fail as these do. The registry does not have it.');
  });

  it('is refused where no pod fails any more', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web', 0));
    expect(await cluster.refusal(restart())).toBe('No pod of Deployment shop/web fails for an image any more.');
  });
});
