import { describe, expect, it } from 'vitest';
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
  });
}
