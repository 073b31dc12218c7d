import { describe, expect, it } from 'vitest';
import { container, ownObjects } from './api-objects.ts';
import { MERGE_PATCH } from './api-patches.ts';
import { type ApiTarget, type Asked, ask } from './api-target.ts';

/** Who is let in, and what who may not is told. */
export function describeAccess(target: () => ApiTarget): void {
  const send = (asked: Asked) => ask(target(), asked);

  describe('whoever', () => {
    it('holds a token of nobody gets nothing', async () => {
      const { status, body } = await send({ path: '/api/v1/pods', as: target().nobody });
      expect(status).toBe(401);
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      });
    });

    it('may not, is told what', async () => {
      const { user, options: as } = target().powerless;
      const refusals: readonly (readonly [Asked, string])[] = [
        [
          { path: '/api/v1/namespaces/default/pods' },
          'pods is forbidden: User "U" cannot list resource "pods" in API group "" in the namespace "default"',
        ],
        [
          { path: '/api/v1/nodes/none' },
          'nodes "none" is forbidden: User "U" cannot get resource "nodes" in API group "" at the cluster scope',
        ],
        [
          { path: '/apis/apps/v1/deployments', query: { watch: 1 } },
          'deployments.apps is forbidden: User "U" cannot watch resource "deployments" in API group "apps" at the cluster scope',
        ],
      ];
      for (const [asked, message] of refusals)
        expect((await send({ ...asked, as })).body).toMatchObject({
          code: 403,
          reason: 'Forbidden',
          message: message.replace(/"U"/, `"${user}"`),
        });
    });

    it('may read, may not write, and not try either', async () => {
      const own = await ownObjects(target());
      const made = await own.pod('a');
      const { user, options: as } = await target().account('reader');
      await target().allow({ user }, [{ apiGroups: ['', 'apps'], resources: ['*'], verbs: ['get', 'list', 'watch'] }]);
      expect((await send({ path: own.at('pods', 'a'), as })).body).toEqual(made);
      const patch = { method: 'PATCH', contentType: MERGE_PATCH, body: {} } as const;
      const writes: readonly (readonly [Asked, string])[] = [
        [
          { ...patch, path: own.at('pods', 'a') },
          'pods "a" is forbidden: User "U" cannot patch resource "pods" in API group "" in the namespace "N"',
        ],
        [
          { method: 'DELETE', path: own.at('pods', 'a') },
          'pods "a" is forbidden: User "U" cannot delete resource "pods" in API group "" in the namespace "N"',
        ],
        [
          { ...patch, path: own.at('deployments', 'none') },
          'deployments.apps "none" is forbidden: User "U" cannot patch resource "deployments" in API group "apps" in the namespace "N"',
        ],
        [
          { ...patch, path: '/api/v1/nodes/none' },
          'nodes "none" is forbidden: User "U" cannot patch resource "nodes" in API group "" at the cluster scope',
        ],
        [
          { method: 'POST', path: own.at('events'), body: { metadata: { name: 'a' } } },
          'events is forbidden: User "U" cannot create resource "events" in API group "" in the namespace "N"',
        ],
      ];
      for (const [asked, message] of writes)
        for (const query of [{}, { dryRun: 'All' }])
          expect((await send({ ...asked, query, as })).body).toMatchObject({
            code: 403,
            reason: 'Forbidden',
            message: message.replace('"U"', `"${user}"`).replace('"N"', `"${own.namespace}"`),
          });
      expect((await send({ path: own.at('pods', 'a') })).body).toEqual(made);
    });

    it('may one thing in one namespace, may no other', async () => {
      const own = await ownObjects(target());
      for (const name of ['a', 'b']) await own.pod(name);
      const { user, options: as } = await target().account('narrow');
      await target().allow({ user }, [
        { apiGroups: [''], resources: ['pods'], verbs: ['patch'], resourceNames: ['a'], namespace: own.namespace },
      ]);
      const body = { spec: { containers: [container('app', 'registry.example/app:2')] } };
      const patch = (path: string) => send({ method: 'PATCH', path, contentType: 'application/strategic-merge-patch+json', body, as });
      expect((await patch(own.at('pods', 'a'))).status).toBe(200);
      for (const path of [own.at('pods', 'b'), '/api/v1/namespaces/default/pods/a', own.at('secrets', 'a')])
        expect((await patch(path)).body).toMatchObject({ code: 403, reason: 'Forbidden' });
      expect((await send({ path: own.at('pods', 'a'), as })).status).toBe(403);
    });
  });
}
