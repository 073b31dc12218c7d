import { afterEach, describe, expect, it } from 'vitest';
import { type RemedyCluster, remedyCluster } from '../../support/remedy-cluster.ts';
import { brokenRollout, type Fields } from '../../support/remedy-objects.ts';

let cluster: RemedyCluster;
afterEach(() => cluster?.stop());

const workload = (kind = 'Deployment') => ({ namespace: 'shop', kind, name: 'web' });
const rollBack = (kind?: string) => ({ id: 'roll-back', workload: workload(kind), revision: 0 }) as const;
const restart = (kind?: string) => ({ id: 'restart-workload', workload: workload(kind) }) as const;

/** Who would take a change back, by the sign of it, and what is said. */
const MANAGED: readonly (readonly [sign: string, metadata: Fields, says: RegExp])[] = [
  [
    "Argo CD's annotation",
    { annotations: { 'argocd.argoproj.io/tracking-id': 'shop-app:apps/Deployment:shop/web' } },
    /applied by Argo CD \(shop-app\).*annotation argocd/,
  ],
  ["Argo CD's label", { labels: { 'argocd.argoproj.io/instance': 'shop-app' } }, /applied by Argo CD \(shop-app\)/],
  ["Flux's Kustomization", { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }, /applied by Flux \(apps\)/],
  ["Flux's HelmRelease", { labels: { 'helm.toolkit.fluxcd.io/name': 'web' } }, /applied by Flux \(web\)/],
  ["Helm's annotation", { annotations: { 'meta.helm.sh/release-name': 'web' } }, /applied by Helm \(web\)/],
  ["Helm's label", { labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, /applied by Helm, which would take the change back/],
  ['a chart', { labels: { 'helm.sh/chart': 'web-1.2.3' } }, /applied by Helm/],
  ['the fields of Argo CD', { managedFields: [{ manager: 'argocd-controller', operation: 'Apply' }] }, /applied by Argo CD/],
  ['the fields of Flux', { managedFields: [{ manager: 'kustomize-controller' }] }, /applied by Flux/],
  ["the fields of Flux's Helm", { managedFields: [{ manager: 'helm-controller' }] }, /applied by Flux/],
  ['the fields of Helm', { managedFields: [{ manager: 'kubectl' }, { manager: 'helm' }] }, /applied by Helm/],
  [
    'an operator that owns it',
    { ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Database', name: 'orders', uid: 'u', controller: true }] },
    /made by Database orders, which would take the change back/,
  ],
];

describe('a change of a template', () => {
  it.each(MANAGED)('is refused where %s says that it would be taken back, with who does', async (_, metadata, says) => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.change('Deployment', 'web', { metadata });
    expect(await cluster.refusal(rollBack())).toMatch(says);
    expect(await cluster.refusal(rollBack())).toContain('Change it there.');
  });

  it('is not refused for what kubectl and controllers write', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    const managedFields = [{ manager: 'kubectl-client-side-apply' }, { manager: 'kube-controller-manager' }, { manager: 'helmsman' }, {}];
    cluster.change('Deployment', 'web', { metadata: { managedFields, labels: { 'app.kubernetes.io/managed-by': 'kubectl' } } });
    expect((await cluster.draft(rollBack())).status).toBe('drafted');
  });

  it.each([
    ['Deployment', { paused: true }, 'Deployment shop/web is paused: it would replace no pod before somebody resumes it.'],
    ['Deployment', { replicas: 0 }, 'Deployment shop/web is scaled to 0: it has no pods to mend.'],
    [
      'StatefulSet',
      { updateStrategy: { type: 'OnDelete' } },
      'StatefulSet shop/web replaces pods only when they are deleted (update strategy OnDelete).',
    ],
    [
      'DaemonSet',
      { updateStrategy: { type: 'OnDelete' } },
      'DaemonSet shop/web replaces pods only when they are deleted (update strategy OnDelete).',
    ],
  ] as const)('and a restart are refused for a %s that would not replace its pods: %o', async (kind, spec, says) => {
    cluster = await remedyCluster(brokenRollout(kind, 'web'));
    cluster.change(kind, 'web', { spec });
    expect(await cluster.refusal(rollBack(kind))).toBe(says);
    expect(await cluster.refusal(restart(kind))).toBe(says);
  });

  it.each(['ReplicaSet', 'Job', 'CronJob', 'Database'])('is refused for a %s, which does not replace its pods', async (kind) => {
    cluster = await remedyCluster();
    expect(await cluster.refusal(restart(kind))).toContain('is of a kind that does not replace its pods when it changes');
  });

  it('is refused where the selector would mean every pod of the namespace', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.change('Deployment', 'web', { spec: { selector: {} } });
    expect(await cluster.refusal(restart())).toBe('Deployment shop/web has a selector that cannot be asked for.');
  });
});

const budget = (name: string, selector: object) => ({
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: 'shop' },
  spec: { minAvailable: 1, selector },
});

describe('what a change of a template reaches', () => {
  it('names the disruption budgets that are for its pods, and no others', async () => {
    cluster = await remedyCluster([
      ...brokenRollout('Deployment', 'web'),
      budget('of-web', { matchLabels: { app: 'web' } }),
      budget('of-all', {}),
      budget('by-expression', { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'api'] }] }),
      budget('of-others', { matchLabels: { app: 'api' } }),
      budget('of-none', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }),
    ]);
    expect((await cluster.drafted(restart())).blast.disruptionBudgets).toEqual(['by-expression', 'of-all', 'of-web']);
  });

  it('names the autoscaler that decides how many pods there are', async () => {
    const scaler = (name: string, target: string) => ({
      kind: 'HorizontalPodAutoscaler',
      metadata: { name, namespace: 'shop' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target }, maxReplicas: 9 },
    });
    cluster = await remedyCluster([...brokenRollout('Deployment', 'web'), scaler('other', 'api'), scaler('web-scaler', 'web')]);
    expect((await cluster.drafted(restart())).notChecked).toContain('HorizontalPodAutoscaler web-scaler decides how many pods there are.');
  });

  it('says that budgets could not be read, where that is not allowed', async () => {
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    cluster.server.faults.add({ status: 403, path: /poddisruptionbudgets/ });
    const { notChecked, blast } = await cluster.drafted(restart());
    expect(notChecked.join('\n')).toMatch(/Disruption budgets could not be read: /);
    expect(blast.disruptionBudgets).toEqual([]);
  });

  it('says of a StatefulSet, and of nothing else, that a pod that was never ready stays', async () => {
    cluster = await remedyCluster(brokenRollout('StatefulSet', 'web'));
    const stays =
      'Whether all pods are replaced: a StatefulSet does not replace one that never became ready. Delete that one once the change is made.';
    expect((await cluster.drafted(restart('StatefulSet'))).notChecked).toContain(stays);
    await cluster.stop();
    cluster = await remedyCluster(brokenRollout('Deployment', 'web'));
    expect((await cluster.drafted(restart('Deployment'))).notChecked).not.toContain(stays);
  });

  it.each([
    ['Deployment', { replicas: 4 }, { readyReplicas: 4 }, 3],
    ['Deployment', { replicas: 4 }, { readyReplicas: 1 }, 1],
    ['Deployment', { replicas: 4, strategy: { rollingUpdate: { maxUnavailable: 2 } } }, { readyReplicas: 4 }, 2],
    ['Deployment', { replicas: 4, strategy: { rollingUpdate: { maxUnavailable: '50%' } } }, { readyReplicas: 4 }, 2],
    ['Deployment', { replicas: 3, strategy: { rollingUpdate: { maxUnavailable: '50%' } } }, { readyReplicas: 3 }, 2],
    ['Deployment', { replicas: 4, strategy: { type: 'Recreate' } }, { readyReplicas: 4 }, 0],
    ['StatefulSet', { replicas: 4 }, { readyReplicas: 3 }, 2],
    ['StatefulSet', { replicas: 1 }, {}, 0],
    ['DaemonSet', {}, { numberReady: 3 }, undefined],
  ] as const)('counts what stays ready of a %s with %o and %o: %s', async (kind, spec, status, left) => {
    cluster = await remedyCluster(brokenRollout(kind, 'web'));
    cluster.change(kind, 'web', { spec, status });
    expect((await cluster.drafted(restart(kind))).blast.replicasLeft).toBe(left);
  });
});
