import { afterEach, describe, expect, it } from 'vitest';
import type { AdmissionRequest, Verdict, Webhook } from '../../src/demo/cluster/writes/admission.ts';
import { container, type OwnObjects, ownObjects } from './api-objects.ts';
import { MERGE_PATCH, STRATEGIC_PATCH } from './api-patches.ts';
import { type ApiTarget, type Asked, ask } from './api-target.ts';

const NAME = 'policy.imagepull.example';

/** What becomes of a write that somebody is asked about. */
export function describeAdmission(target: () => ApiTarget): void {
  const removals: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const remove of removals.splice(0)) await remove();
  });
  /** Asks a webhook, and gathers what it was asked. */
  const asking = async ({ namespace }: OwnObjects, kind: Webhook['kind'], review: (request: AdmissionRequest) => Verdict) => {
    const asked: AdmissionRequest[] = [];
    const webhook: Webhook['review'] = (request) => {
      asked.push(request);
      return review(request);
    };
    removals.push(await target().webhook({ kind, name: NAME, namespace, review: webhook }));
    return asked;
  };
  const image = (of: string) => ({ spec: { containers: [container('app', of)] } });
  const patchOf = (own: OwnObjects, body: object, query: Asked['query'] = {}): Asked => ({
    method: 'PATCH',
    path: own.at('pods', 'a'),
    contentType: STRATEGIC_PATCH,
    body,
    query,
  });

  describe('a validating webhook', () => {
    it('refuses what it does not want, in its own words', async () => {
      const own = await ownObjects(target());
      const made = await own.pod('a');
      const asked = await asking(own, 'validating', () => ({
        allowed: false,
        message: 'only signed images',
        reason: 'Forbidden',
        code: 403,
      }));
      const message = `admission webhook "${NAME}" denied the request: only signed images`;
      const writes: readonly Asked[] = [
        patchOf(own, image('registry.example/app:2')),
        patchOf(own, image('registry.example/app:2'), { dryRun: 'All' }),
        { method: 'DELETE', path: own.at('pods', 'a') },
        { method: 'DELETE', path: own.at('pods', 'a'), query: { dryRun: 'All' } },
        { method: 'POST', path: own.at('secrets'), body: { metadata: { name: 's' } } },
      ];
      for (const write of writes) {
        const { status, body } = await ask(target(), write);
        expect(status).toBe(403);
        expect(body).toEqual({
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message,
          reason: 'Forbidden',
          code: 403,
        });
      }
      expect((await ask(target(), { path: own.at('pods', 'a') })).body).toEqual(made);
      expect(asked.map(({ operation, kind, name, dryRun }) => ({ operation, kind, name, dryRun }))).toEqual([
        { operation: 'UPDATE', kind: 'Pod', name: 'a', dryRun: false },
        { operation: 'UPDATE', kind: 'Pod', name: 'a', dryRun: true },
        { operation: 'DELETE', kind: 'Pod', name: 'a', dryRun: false },
        { operation: 'DELETE', kind: 'Pod', name: 'a', dryRun: true },
        { operation: 'CREATE', kind: 'Secret', name: 's', dryRun: false },
      ]);
      expect(asked[0]).toMatchObject({
        namespace: own.namespace,
        object: image('registry.example/app:2'),
        oldObject: image('registry.example/app:1'),
      });
      expect(asked[2]?.object).toBeUndefined();
      expect(asked[2]).toMatchObject({ oldObject: { metadata: { name: 'a' } } });
      expect(asked[4]?.oldObject).toBeUndefined();
    });

    const denials: readonly (readonly [Verdict & { readonly allowed: false }, code: number, said: string])[] = [
      [{ allowed: false }, 400, ' without explanation'],
      [{ allowed: false, message: 'no' }, 400, ': no'],
      [{ allowed: false, message: 'no', code: 200 }, 400, ': no'],
      [{ allowed: false, reason: 'Policy' }, 400, ': Policy'],
      [{ allowed: false, message: 'too much', code: 429 }, 429, ': too much'],
    ];
    it.each(denials)('that says %j', async (verdict, code, said) => {
      const own = await ownObjects(target());
      await own.pod('a');
      await asking(own, 'validating', () => verdict);
      const { status, body } = await ask(target(), patchOf(own, {}));
      expect({ status, code: body.code }).toEqual({ status: code, code });
      expect(body.message).toBe(`admission webhook "${NAME}" denied the request${said}`);
      expect(body.reason).toBe(verdict.reason);
    });

    it('is asked only about what could be written, by whoever it is that writes', async () => {
      const own = await ownObjects(target());
      await own.pod('a');
      const asked = await asking(own, 'validating', () => ({ allowed: true }));
      const remove = (preconditions: object): Asked => ({ method: 'DELETE', path: own.at('pods', 'a'), body: { preconditions } });
      for (const [write, code] of [
        [patchOf(own, { metadata: { resourceVersion: '1' } }), 409],
        [patchOf(own, { spec: { hostname: 'x' } }), 422],
        [{ ...patchOf(own, {}), path: own.at('pods', 'none') }, 404],
        [{ ...patchOf(own, {}), as: target().powerless.options }, 403],
        [remove({ uid: 'another' }), 409],
      ] as const)
        expect((await ask(target(), write)).status).toBe(code);
      const other = await ownObjects(target());
      await other.secret('a');
      expect(asked).toEqual([]);
      const { admin } = target();
      const as = { ...admin, headers: { ...admin.headers, 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' } };
      expect((await ask(target(), { ...patchOf(own, {}), as })).status).toBe(200);
      expect(asked).toMatchObject([{ user: 'jane' }]);
    });
  });

  describe('a mutating webhook', () => {
    const mirrored: Verdict = {
      allowed: true,
      patch: [
        { op: 'replace', path: '/spec/containers/0/image', value: 'mirror.example/app:2', from: '' },
        { op: 'add', path: '/metadata/labels', value: { mirrored: 'true' }, from: '' },
      ],
    };

    it('changes what is written, and what a dry run shows', async () => {
      const own = await ownObjects(target());
      const made = await own.pod('a');
      await asking(own, 'mutating', () => mirrored);
      const changed = { metadata: { labels: { mirrored: 'true' }, generation: 2 }, ...image('mirror.example/app:2') };
      expect((await ask(target(), patchOf(own, image('registry.example/app:2'), { dryRun: 'All' }))).body).toMatchObject(changed);
      expect((await ask(target(), { path: own.at('pods', 'a') })).body).toEqual(made);
      expect((await ask(target(), patchOf(own, image('registry.example/app:2')))).body).toMatchObject(changed);
      expect(await own.pod('b')).toMatchObject({
        metadata: { labels: { mirrored: 'true' }, generation: 1 },
        ...image('mirror.example/app:2'),
      });
    });

    it('is refused where what it makes is not allowed, and refuses as well', async () => {
      const own = await ownObjects(target());
      await own.pod('a');
      let verdict: Verdict = { allowed: true, patch: [{ op: 'add', path: '/spec/hostname', value: 'x', from: '' }] };
      const asked = await asking(own, 'mutating', () => verdict);
      const patch: Asked = { method: 'PATCH', path: own.at('pods', 'a'), contentType: MERGE_PATCH, body: {} };
      expect((await ask(target(), patch)).body).toMatchObject({ code: 422, reason: 'Invalid' });
      verdict = { allowed: false, message: 'no' };
      for (const write of [patch, { method: 'DELETE', path: own.at('pods', 'a') } as const])
        expect((await ask(target(), write)).body).toMatchObject({
          code: 400,
          message: `admission webhook "${NAME}" denied the request: no`,
        });
      expect(asked.map(({ operation }) => operation)).toEqual(['UPDATE', 'UPDATE', 'DELETE']);
    });
  });
}
