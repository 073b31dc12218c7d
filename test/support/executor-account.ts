import { readFile } from 'node:fs/promises';
import type { Attempt } from '../../src/demo/cluster/access/attempt.ts';
import type { Rule } from '../../src/demo/cluster/access/rights.ts';
import type { Certificates } from './certificates.ts';
import type { ExecutorWorldOptions } from './executor-world.ts';

/** A rule of a role about one resource. */
export const rule = (group: string, resource: string, verbs: readonly string[], more: Partial<Rule> = {}): Rule => ({
  apiGroups: [group],
  resources: [resource],
  verbs,
  ...more,
});

/** What every executor may. */
const BASE: readonly Rule[] = [
  rule('', '*', ['get', 'list']),
  rule('apps', '*', ['get', 'list']),
  rule('policy', '*', ['list']),
  rule('autoscaling', '*', ['list']),
  rule('', 'configmaps', ['patch']),
  rule('', 'events', ['create']),
];

/** A server that knows an executor with a token, who may read, and besides what is given. A token is sent over TLS only. */
export async function asExecutor(
  { good }: Pick<Certificates, 'good'>,
  more: readonly Rule[] = [],
): Promise<NonNullable<ExecutorWorldOptions['server']>> {
  const tls = { cert: await readFile(good.certificate, 'utf8'), key: await readFile(good.key, 'utf8') };
  const may = ({ verb, group, resource, name = '' }: Attempt) =>
    [...BASE, ...more].some(
      (one) =>
        one.verbs.includes(verb) &&
        one.apiGroups.includes(group) &&
        (one.resources.includes('*') || one.resources.includes(resource)) &&
        (one.resourceNames?.includes(name) ?? true),
    );
  return {
    tls,
    token: 'executor-token',
    accounts: new Map([['executor-token', { user: 'system:serviceaccount:imagepull:executor', may }]]),
  };
}
