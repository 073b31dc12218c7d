import { describe, expect, it } from 'vitest';
import { ownObjects } from './api-objects.ts';
import { type ApiTarget, type Asked, ask } from './api-target.ts';

const ACCESS = '/apis/authorization.k8s.io/v1';
const SELF = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** What questions about rights and names are answered with. */
export function describeReviews(target: () => ApiTarget): void {
  const review = (spec: object, asked: Partial<Asked> = {}) =>
    ask(target(), { method: 'POST', path: `${ACCESS}/subjectaccessreviews`, body: { spec }, ...asked });

  describe('a review', () => {
    it('says what a user or a group may', async () => {
      const { namespace } = await ownObjects(target());
      const [user, group] = [`jane-${namespace}`, `devs-${namespace}`];
      await target().allow({ user }, [
        { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch'], namespace },
        { apiGroups: [''], resources: ['nodes'], verbs: ['patch'], resourceNames: ['node-1'] },
      ]);
      await target().allow({ group }, [{ apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['*'] }]);
      const deployments = { group: 'apps', resource: 'deployments', namespace };
      const pods = { resource: 'pods', namespace, name: 'a' };
      const rows: readonly (readonly [allowed: boolean, who: object, attributes: object])[] = [
        [true, { user }, { ...deployments, verb: 'patch', name: 'a' }],
        [true, { user, groups: ['none'] }, { ...deployments, verb: 'get' }],
        [false, { user }, { ...deployments, verb: 'delete' }],
        [false, { user }, { ...deployments, verb: 'patch', namespace: 'default' }],
        [false, { user }, { ...deployments, verb: 'patch', namespace: '' }],
        [false, { user }, { ...deployments, verb: 'patch', group: '' }],
        [true, { user }, { verb: 'patch', resource: 'nodes', name: 'node-1' }],
        [false, { user }, { verb: 'patch', resource: 'nodes', name: 'node-2' }],
        [false, { user }, { verb: 'patch', resource: 'nodes' }],
        [false, { user }, { ...pods, verb: 'delete' }],
        [true, { user, groups: [group] }, { ...pods, verb: 'delete' }],
        [true, { groups: [group] }, { ...pods, verb: 'get', subresource: 'log' }],
        [false, { groups: [group] }, { ...pods, verb: 'get', subresource: 'exec' }],
        [true, { user: 'anybody', groups: ['system:masters'] }, { ...pods, verb: 'delete' }],
        [false, { user: 'nobody-at-all' }, { ...pods, verb: 'get' }],
        [false, { user: 'nobody-at-all', groups: ['system:authenticated'] }, { ...pods, verb: 'get' }],
      ];
      for (const [allowed, who, resourceAttributes] of rows) {
        const spec = { ...who, resourceAttributes };
        const { status, body } = await review(spec);
        expect(status).toBe(201);
        expect(body, JSON.stringify(spec)).toMatchObject({
          kind: 'SubjectAccessReview',
          apiVersion: 'authorization.k8s.io/v1',
          status: { allowed },
        });
      }
    });

    it('of oneself is for everybody, of others is not', async () => {
      const { namespace } = await ownObjects(target());
      const { user, options: as } = await target().account('asker');
      await target().allow({ user }, [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'], namespace }]);
      const resourceAttributes = { resource: 'pods', namespace };
      const own = (verb: string) =>
        review({ resourceAttributes: { ...resourceAttributes, verb } }, { path: `${ACCESS}/selfsubjectaccessreviews`, as });
      expect((await own('delete')).body).toMatchObject({ kind: 'SelfSubjectAccessReview', status: { allowed: true } });
      expect((await own('patch')).body).toMatchObject({ status: { allowed: false } });
      expect((await review({ user, resourceAttributes: { ...resourceAttributes, verb: 'delete' } }, { as })).body).toMatchObject({
        code: 403,
        message: `subjectaccessreviews.authorization.k8s.io is forbidden: User "${user}" cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope`,
      });
      const name = await ask(target(), { method: 'POST', path: SELF, body: {}, as });
      expect(name).toMatchObject({ status: 201, body: { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' } });
      const [, , account = ''] = user.split(':');
      const groups = ['system:serviceaccounts', `system:serviceaccounts:${account}`, 'system:authenticated'];
      expect(name.body.status).toMatchObject({ userInfo: { username: user, groups } });
    });

    it('has to ask one thing about somebody', async () => {
      const resourceAttributes = { verb: 'get', resource: 'pods' };
      const wrong: readonly (readonly [object, string])[] = [
        [
          { user: 'jane' },
          'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
        ],
        [{ resourceAttributes }, 'spec.user: Invalid value: "": at least one of user or group must be specified'],
        [
          { user: 'jane', resourceAttributes, nonResourceAttributes: { path: '/healthz', verb: 'get' } },
          'cannot be specified in combination with resourceAttributes',
        ],
      ];
      for (const [spec, message] of wrong) {
        const { body } = await review(spec);
        expect(body).toMatchObject({ code: 422, reason: 'Invalid', details: { group: 'authorization.k8s.io' } });
        expect(body.message).toMatch(/^\.authorization\.k8s\.io "" is invalid: /);
        expect(body.message).toContain(message);
      }
      expect((await review({}, { body: { kind: 'Pod', apiVersion: 'v1' } })).status).toBe(400);
      expect((await review({}, { text: '{' })).body).toMatchObject({ code: 400, reason: 'BadRequest' });
    });

    it('is kept nowhere', async () => {
      expect((await ask(target(), { path: `${ACCESS}/subjectaccessreviews` })).status).toBe(405);
      expect((await ask(target(), { path: SELF })).status).toBe(405);
      expect((await ask(target(), { path: `${SELF}/a` })).status).toBe(404);
    });
  });
}
