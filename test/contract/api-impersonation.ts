import { describe, expect, it } from 'vitest';
import { type OwnObjects, ownObjects } from './api-objects.ts';
import { MERGE_PATCH } from './api-patches.ts';
import { type ApiAnswer, type ApiTarget, type Asked, ask, type Someone } from './api-target.ts';

const SELF = { method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: {} } as const;
const AUTHENTICATION = 'authentication.k8s.io';

/** Headers by which somebody asks to be judged as somebody else. */
interface As {
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: string;
}

/** Who may be judged as somebody else, and what follows from it. */
export function describeImpersonation(target: () => ApiTarget): void {
  const send = (caller: Someone, { user, groups = [], uid, extra }: As, asked: Asked): Promise<ApiAnswer> => {
    const headers = {
      ...caller.options.headers,
      ...(user === undefined ? {} : { 'impersonate-user': user }),
      ...(groups.length === 0 ? {} : { 'impersonate-group': [...groups] }),
      ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
      ...(extra === undefined ? {} : { 'impersonate-extra-reason': extra }),
    };
    return ask(target(), { ...asked, as: { ...caller.options, headers } });
  };
  const label = (own: OwnObjects): Asked => ({
    method: 'PATCH',
    path: own.at('secrets', 'a'),
    contentType: MERGE_PATCH,
    body: { metadata: { labels: { done: 'true' } } },
  });
  /** A namespace with a secret, a caller, and names that nobody else has. */
  const scene = async (caller: string) => {
    const own = await ownObjects(target());
    await own.secret('a');
    const names = { jane: `jane-${own.namespace}`, devs: `devs-${own.namespace}` };
    return { own, caller: await target().account(caller), ...names };
  };
  const refused = (answer: ApiAnswer, message: string) =>
    expect(answer.body).toMatchObject({ kind: 'Status', code: 403, reason: 'Forbidden', message });

  describe('impersonation', () => {
    it('is for those who may do it, even where the request itself is allowed', async () => {
      const { own, caller, jane } = await scene('plain');
      await target().allow({ user: caller.user }, [{ apiGroups: [''], resources: ['secrets'], verbs: ['patch'] }]);
      const secrets = `in API group "" in the namespace "${own.namespace}"`;
      refused(
        await send(caller, { user: jane }, label(own)),
        `secrets "a" is forbidden: User "${caller.user}" cannot impersonate-on:user-info:patch resource "secrets" ${secrets}`,
      );
      refused(
        await send(caller, { user: 'system:serviceaccount:default:default' }, label(own)),
        `secrets "a" is forbidden: User "${caller.user}" cannot impersonate-on:serviceaccount:patch resource "secrets" ${secrets}`,
      );
      // With groups of their own, both are impersonated in the old way only.
      for (const [user, resource, name, where] of [
        ['system:serviceaccount:default:a', 'serviceaccounts', 'a', 'in the namespace "default"'],
        ['system:node:a', 'users', 'system:node:a', 'at the cluster scope'],
      ] as const)
        refused(
          await send(caller, { user, groups: ['devs'] }, label(own)),
          `${resource} "${name}" is forbidden: User "${caller.user}" cannot impersonate resource "${resource}" in API group "" ${where}`,
        );
      expect((await ask(target(), { path: own.at('secrets', 'a') })).body.metadata.labels ?? {}).toEqual({});
    });

    it('judges the request by the rights of whom it names', async () => {
      const { own, caller, jane, devs } = await scene('powerful');
      await target().allow({ user: caller.user }, [
        { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: [jane] },
        { apiGroups: [''], resources: ['groups'], verbs: ['impersonate'], resourceNames: [devs] },
        { apiGroups: [''], resources: ['secrets'], verbs: ['delete'] },
      ]);
      await target().allow({ group: devs }, [{ apiGroups: [''], resources: ['secrets'], verbs: ['patch'], namespace: own.namespace }]);
      const as = { user: jane, groups: [devs] };
      refused(
        await send(caller, { user: jane }, label(own)),
        `secrets "a" is forbidden: User "${jane}" cannot patch resource "secrets" in API group "" in the namespace "${own.namespace}"`,
      );
      expect((await send(caller, as, label(own))).body.metadata.labels).toEqual({ done: 'true' });
      refused(
        await send(caller, as, { method: 'DELETE', path: own.at('secrets', 'a') }),
        `secrets "a" is forbidden: User "${jane}" cannot delete resource "secrets" in API group "" in the namespace "${own.namespace}"`,
      );
      const { body } = await send(caller, as, SELF);
      expect(body.status).toMatchObject({ userInfo: { username: jane, groups: [devs, 'system:authenticated'] } });
    });

    it('needs a right for each thing that it says', async () => {
      const { caller, jane, devs } = await scene('partial');
      await target().allow({ user: caller.user }, [
        { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: [jane] },
      ]);
      expect((await send(caller, { user: jane }, SELF)).status).toBe(201);
      const cannot = `User "${caller.user}" cannot impersonate resource`;
      const where = 'at the cluster scope';
      refused(await send(caller, { user: 'joe' }, SELF), `users "joe" is forbidden: ${cannot} "users" in API group "" ${where}`);
      refused(
        await send(caller, { user: jane, groups: [devs] }, SELF),
        `groups "${devs}" is forbidden: ${cannot} "groups" in API group "" ${where}`,
      );
      refused(
        await send(caller, { user: jane, uid: 'u1' }, SELF),
        `uids.authentication.k8s.io "u1" is forbidden: ${cannot} "uids" in API group "authentication.k8s.io" ${where}`,
      );
      refused(
        await send(caller, { user: jane, extra: 'x' }, SELF),
        `userextras.authentication.k8s.io "x" is forbidden: ${cannot} "userextras/reason" in API group "authentication.k8s.io" ${where}`,
      );
      refused(
        await send(caller, { user: 'system:serviceaccount:default:default' }, SELF),
        `serviceaccounts "default" is forbidden: ${cannot} "serviceaccounts" in API group "" in the namespace "default"`,
      );
    });

    it('may be for some verbs only', async () => {
      const { own, caller, jane, devs } = await scene('constrained');
      await target().allow({ user: caller.user }, [
        { apiGroups: [AUTHENTICATION], resources: ['users'], verbs: ['impersonate:user-info'], resourceNames: [jane] },
        { apiGroups: [AUTHENTICATION], resources: ['groups'], verbs: ['impersonate:user-info'], resourceNames: [devs, 'system:masters'] },
        { apiGroups: [''], resources: ['secrets'], verbs: ['impersonate-on:user-info:patch'], namespace: own.namespace },
      ]);
      await target().allow({ user: jane }, [{ apiGroups: [''], resources: ['secrets'], verbs: ['*'], namespace: own.namespace }]);
      expect((await send(caller, { user: jane }, label(own))).status).toBe(200);
      expect((await send(caller, { user: jane, groups: [devs] }, label(own))).status).toBe(200);
      refused(
        await send(caller, { user: jane }, { method: 'DELETE', path: own.at('secrets', 'a') }),
        `secrets "a" is forbidden: User "${caller.user}" cannot impersonate-on:user-info:delete resource "secrets" in API group "" in the namespace "${own.namespace}"`,
      );
      refused(
        await send(caller, { user: 'joe' }, label(own)),
        `users.authentication.k8s.io "joe" is forbidden: User "${caller.user}" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope`,
      );
      refused(
        await send(caller, { user: jane, groups: ['system:masters'] }, label(own)),
        `groups.authentication.k8s.io "system:masters" is forbidden: User "${caller.user}" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed`,
      );
    });

    it('shows whom it names, with all that it says', async () => {
      const admin = { user: '', options: target().admin };
      const userOf = async (as: As) => (await send(admin, as, SELF)).body.status;
      expect(await userOf({ user: 'jane', groups: ['devs', 'ops'], uid: 'u1' })).toMatchObject({
        userInfo: { username: 'jane', uid: 'u1', groups: ['devs', 'ops', 'system:authenticated'] },
      });
      expect(await userOf({ user: 'system:serviceaccount:default:a' })).toMatchObject({
        userInfo: { groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'] },
      });
    });

    it('has to name a user', async () => {
      for (const as of [{ groups: ['devs'] }, { uid: 'u1' }, { extra: 'x' }])
        expect((await send({ user: '', options: target().admin }, as, SELF)).body).toMatchObject({ code: 400, reason: 'BadRequest' });
    });
  });
}
