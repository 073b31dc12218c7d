import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { runCli } from '../support/run-cli.ts';
import { deployment, type OwnNamespace, ownNamespace } from './cluster.ts';
import { type DocumentedAccount, documentedAccount } from './documented-roles.ts';

const VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'impersonate',
  'bind',
  'escalate',
  'proxy',
];
/** What discovery does not list, or lists among many others, and what would give most. */
const SUBRESOURCES = [
  'pods/exec',
  'pods/attach',
  'pods/log',
  'pods/portforward',
  'pods/proxy',
  'pods/eviction',
  'pods/ephemeralcontainers',
  'nodes/proxy',
  'nodes/metrics',
  'nodes/stats',
  'nodes/configz',
  'nodes/log',
  'nodes/spec',
  'services/proxy',
  'serviceaccounts/token',
  'deployments.apps/scale',
];
/** All that the documented roles give. */
const GOLDEN = {
  reader: [
    'cronjobs.batch: get',
    'daemonsets.apps: get',
    'deployments.apps: get',
    'events: list watch',
    'jobs.batch: get list',
    'leases.coordination.k8s.io: create',
    'namespaces: get',
    'nodes: get',
    'nodes/configz: get',
    'nodes/log: get',
    'nodes/metrics: get',
    'nodes/stats: get',
    'pods: get list',
    'replicasets.apps: get',
    'replicationcontrollers: get',
    'secrets: get',
    'serviceaccounts: get',
    'statefulsets.apps: get',
  ],
  executor: [
    'controllerrevisions.apps: list',
    'daemonsets.apps: get patch',
    'deployments.apps: get patch',
    'events: create',
    'horizontalpodautoscalers.autoscaling: list',
    'jobs.batch: get',
    'nodes: get patch',
    'poddisruptionbudgets.policy: list',
    'pods: get list delete',
    'replicasets.apps: get list',
    'replicationcontrollers: get',
    'serviceaccounts: get patch',
    'statefulsets.apps: get patch',
    'subjectaccessreviews.authorization.k8s.io: create',
  ],
} as const;
/** What every account may ask about itself. */
const OF_EVERYBODY = /^self|^selfsubject/;

let own: OwnNamespace;
let reader: DocumentedAccount;
let executor: DocumentedAccount;
beforeAll(async () => {
  own = await ownNamespace();
  reader = await documentedAccount(own, 'reader');
  executor = await documentedAccount(own, 'executor');
});
afterAll(async () => {
  await reader?.remove();
  await executor?.remove();
  await own?.remove();
});

describe('the roles of docs/security.md', () => {
  it.each(['reader', 'executor'] as const)(
    'give the %s exactly what is listed, of every verb and resource of the API server',
    async (which) => {
      const listed = (await own.kubectl('api-resources', '-o', 'name')).trim().split('\n');
      const resources = [...new Set([...listed, ...SUBRESOURCES])].filter((name) => !OF_EVERYBODY.test(name)).sort();
      const reviews = resources.flatMap((name) => VERBS.map((verb) => ({ name, verb })));
      const allowed = await Promise.all(chunks(reviews, 40).map((some) => review(some, which)));
      const byResource = Map.groupBy(allowed.flat(), ({ name }) => name);
      expect([...byResource].map(([name, verbs]) => `${name}: ${verbs.map(({ verb }) => verb).join(' ')}`)).toEqual(GOLDEN[which]);
    },
  );

  it('let the executor touch the ConfigMap of the freeze alone', async () => {
    const may = async (verb: string, object: string, namespace = own.name) =>
      (await review([{ name: 'configmaps', verb, object, namespace }], 'executor')).length === 1;
    expect(await Promise.all([may('get', 'imagepull-freeze'), may('patch', 'imagepull-freeze')])).toEqual([true, true]);
    expect(
      await Promise.all([may('patch', 'other'), may('delete', 'imagepull-freeze'), may('get', 'imagepull-freeze', 'kube-system')]),
    ).toEqual([false, false, false]);
  });

  it('let it touch its own Lease alone', async () => {
    const may = async (verb: string, lease: string, namespace = own.name) =>
      (await review([{ name: 'leases.coordination.k8s.io', verb, object: lease, namespace }], 'reader')).length === 1;
    expect(await Promise.all([may('update', 'imagepull-watch'), may('get', 'imagepull-watch')])).toEqual([true, true]);
    expect(await Promise.all([may('update', 'other'), may('delete', 'imagepull-watch'), may('create', '', 'kube-system')])).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('are enough for a whole diagnosis', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'imagepull-rights-'));
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, await reader.kubeconfig());
    await own.apply(deployment('web', '127.0.0.1:1/imagepull/none:1'));
    await eventually(async () => expect(await own.kubectl('get', 'pods')).toMatch(/ErrImagePull|ImagePullBackOff/), 120_000);
    const args = [
      'diagnose',
      '-n',
      own.name,
      'deploy/web',
      '--kubelet',
      'direct',
      '--kubelet-any-certificate',
      '--no-registry',
      '-o',
      'json',
    ];
    const { code, stdout, stderr } = await runCli(args, { env: { KUBECONFIG: kubeconfig } });
    const report = JSON.parse(stdout) as { verdict: { cause: string }; shortfalls: readonly unknown[] };
    expect([code, report.verdict.cause]).toEqual([0, 'connection-refused']);
    expect(JSON.stringify(report.shortfalls)).not.toMatch(/may not|forbidden/i);
    expect(stderr).not.toContain('forbidden');
    await rm(folder, { recursive: true });
  });
});

/** What of it an account may. */
async function review<T extends { readonly name: string; readonly verb: string; readonly object?: string; readonly namespace?: string }>(
  asked: readonly T[],
  which: 'reader' | 'executor',
): Promise<readonly T[]> {
  const items = asked.map(({ name, verb, object, namespace }) => {
    const [plain = '', ...group] = name.split('.');
    const [resource = '', subresource] = plain.split('/');
    const groupOf = group.join('.');
    const [apiGroup, sub] = groupOf.includes('/') ? groupOf.split('/') : [groupOf, subresource];
    return {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${own.name}:imagepull-${which}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${own.name}`, 'system:authenticated'],
        resourceAttributes: {
          group: apiGroup,
          resource,
          ...(sub === undefined ? {} : { subresource: sub }),
          verb,
          namespace: namespace ?? own.name,
          ...(object ? { name: object } : {}),
        },
      },
    };
  });
  const answers = await own.ask('.status.allowed', ...items);
  return asked.filter((_, at) => answers[at] === 'true');
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
