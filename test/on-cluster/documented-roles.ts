import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { OwnNamespace } from './cluster.ts';

/** A service account with the roles that docs/security.md prints. */
export interface DocumentedAccount {
  readonly name: string;
  /** A kubeconfig, as JSON, by a token of the account. */
  kubeconfig(): Promise<string>;
  /** Takes back what a namespace's end does not. */
  remove(): Promise<void>;
}

const PLACES = { reader: 0, executor: 1 } as const;

/** Makes the account in a namespace; rules for which `keeps` is false are left out. */
export async function documentedAccount(
  own: OwnNamespace,
  which: keyof typeof PLACES,
  keeps: (rule: { readonly resources: readonly string[] }) => boolean = () => true,
): Promise<DocumentedAccount> {
  const account = `imagepull-${which}`;
  const role = `${account}-${own.name}`;
  const blocks = [...readFileSync('docs/security.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');
  const documents = parseAllDocuments(blocks[PLACES[which]] ?? '').map((document) => document.toJS() as RoleObject);
  const [wide, narrow] = documents;
  if (!wide || !narrow) throw new Error(`docs/security.md has not both roles of the ${which}`);
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace: own.name }];
  const binding = (kind: 'Role' | 'ClusterRole', name: string) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: `${kind}Binding`,
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects,
  });
  await own.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account } },
    { ...wide, metadata: { name: role }, rules: wide.rules.filter(keeps) },
    binding('ClusterRole', role),
    narrow,
    binding('Role', narrow.metadata.name),
  );
  return {
    name: account,
    kubeconfig: () => kubeconfigOf(account, own),
    async remove() {
      await own.kubectl('delete', 'clusterrolebinding,clusterrole', role);
    },
  };
}

/** A kubeconfig, as JSON, by a token of a service account. */
export async function kubeconfigOf(account: string, own: OwnNamespace): Promise<string> {
  const token = (await own.kubectl('create', 'token', account)).trim();
  const raw = await own.kubectl('config', 'view', '--minify', '--raw', '--flatten', '-o', 'json');
  const config = JSON.parse(raw) as { users: { user: object }[] };
  for (const user of config.users) user.user = { token };
  return JSON.stringify(config);
}

interface RoleObject {
  readonly metadata: { readonly name: string };
  readonly rules: readonly { readonly resources: readonly string[] }[];
}
