import { expect } from 'vitest';
import type { Rule, Subject } from '../../src/demo/cluster/access/rights.ts';
import { eventually } from '../support/eventually.ts';
import type { OwnNamespace } from './cluster.ts';

const RBAC = { apiVersion: 'rbac.authorization.k8s.io/v1' };
const API_GROUP = 'rbac.authorization.k8s.io';

/** Roles with their bindings, until they are removed. */
export class Roles {
  readonly #own: OwnNamespace;
  #made = 0;

  constructor(own: OwnNamespace) {
    this.#own = own;
  }

  /** Makes a role of each rule, and waits until the API server goes by them. */
  async allow(subject: Subject, rules: readonly Rule[]): Promise<void> {
    const subjects = [
      { apiGroup: API_GROUP, ...('user' in subject ? { kind: 'User', name: subject.user } : { kind: 'Group', name: subject.group }) },
    ];
    for (const { namespace, ...rule } of rules) {
      const metadata = {
        name: `${this.#own.name}-${this.#made++}`,
        labels: { contract: this.#own.name },
        ...(namespace === undefined ? {} : { namespace }),
      };
      const kind = namespace === undefined ? 'ClusterRole' : 'Role';
      const roleRef = { apiGroup: API_GROUP, kind, name: metadata.name };
      await this.#own.create({ ...RBAC, kind, metadata, rules: [rule] }, { ...RBAC, kind: `${kind}Binding`, metadata, roleRef, subjects });
      await eventually(async () =>
        expect(await this.#allowed(subject, { ...rule, ...(namespace === undefined ? {} : { namespace }) })).toBe('true'),
      );
    }
  }

  async remove(): Promise<void> {
    await this.#own.kubectl('delete', 'clusterrole,clusterrolebinding', '--selector', `contract=${this.#own.name}`);
  }

  async #allowed(subject: Subject, { apiGroups, resources, verbs, resourceNames = [], namespace = '' }: Rule): Promise<string | undefined> {
    const [resource, subresource] = (resources[0] ?? '').split('/');
    const resourceAttributes = { verb: verbs[0], group: apiGroups[0], resource, subresource, name: resourceNames[0], namespace };
    const who = 'user' in subject ? { user: subject.user } : { groups: [subject.group] };
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { ...who, resourceAttributes } };
    return (await this.#own.ask('.status.allowed', review))[0];
  }
}
