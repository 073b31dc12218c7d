import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { eventually } from '../support/eventually.ts';
import { runCli } from '../support/run-cli.ts';
import { deployment, type OwnNamespace, ownNamespace } from './cluster.ts';

const ACCOUNT = 'imagepull';
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
const GOLDEN = [
  'cronjobs.batch: get',
  'daemonsets.apps: get',
  'deployments.apps: get',
  'events: get list watch',
  'jobs.batch: get list',
  'leases.coordination.k8s.io: create',
  'namespaces: get',
  'nodes: get',
  'nodes/configz: get',
  'nodes/log: get',
  'nodes/metrics: get',
  'nodes/stats: get',
  'pods: get list watch',
  'replicasets.apps: get',
  'replicationcontrollers: get',
  'secrets: get',
  'serviceaccounts: get',
  'statefulsets.apps: get',
];
/** What every account may ask about itself. */
const OF_EVERYBODY = /^self|^selfsubject/;

let own: OwnNamespace;
let role: string;
beforeAll(async () => {
  own = await ownNamespace();
  role = `imagepull-reader-${own.name}`;
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/security.md', 'utf8')) ?? [];
  const [reader, lease] = parseAllDocuments(yaml).map((document) => document.toJS() as { metadata: { name: string } });
  if (!reader || !lease) throw new Error('docs/security.md has not both roles');
  const subjects = [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: own.name }];
  const binding = (kind: 'Role' | 'ClusterRole', name: string) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: `${kind}Binding`,
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects,
  });
  await own.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT } },
    { ...reader, metadata: { name: role } },
    binding('ClusterRole', role),
    lease,
    binding('Role', lease.metadata.name),
  );
});
afterAll(async () => {
  await own?.kubectl('delete', 'clusterrolebinding,clusterrole', role);
  await own?.remove();
});

describe('the roles of docs/security.md', () => {
  it('give exactly what is listed, of every verb and resource of the API server', async () => {
    const listed = (await own.kubectl('api-resources', '-o', 'name')).trim().split('\n');
    const resources = [...new Set([...listed, ...SUBRESOURCES])].filter((name) => !OF_EVERYBODY.test(name)).sort();
    const reviews = resources.flatMap((name) => VERBS.map((verb) => ({ name, verb })));
    const allowed = await Promise.all(chunks(reviews, 40).map(review));
    const byResource = Map.groupBy(allowed.flat(), ({ name }) => name);
    expect([...byResource].map(([name, verbs]) => `${name}: ${verbs.map(({ verb }) => verb).join(' ')}`)).toEqual(GOLDEN);
  });

  it('let it touch its own Lease alone', async () => {
    const may = async (verb: string, lease: string, namespace = own.name) =>
      (await review([{ name: 'leases.coordination.k8s.io', verb, object: lease, namespace }])).length === 1;
    expect(await Promise.all([may('update', 'imagepull-watch'), may('get', 'imagepull-watch')])).toEqual([true, true]);
    expect(await Promise.all([may('update', 'other'), may('delete', 'imagepull-watch'), may('create', '', 'kube-system')])).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('are enough for a whole diagnosis', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'imagepull-rights-'));
    const token = (await own.kubectl('create', 'token', ACCOUNT)).trim();
    const raw = await own.kubectl('config', 'view', '--minify', '--raw', '--flatten', '-o', 'json');
    const config = JSON.parse(raw) as { users: { user: object }[] };
    for (const user of config.users) user.user = { token };
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, JSON.stringify(config));
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

/** What of it the account may. */
async function review<T extends { readonly name: string; readonly verb: string; readonly object?: string; readonly namespace?: string }>(
  asked: readonly T[],
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
        user: `system:serviceaccount:${own.name}:${ACCOUNT}`,
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
