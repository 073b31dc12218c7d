import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { container, type OwnObjects, ownObjects } from './api-objects.ts';
import { MERGE_PATCH, STRATEGIC_PATCH } from './api-patches.ts';
import { type ApiTarget, type Asked, ask, openStream } from './api-target.ts';

/** What `dryRun=All` has to leave, and what it has to say. */
export function describeDryRuns(target: () => ApiTarget): void {
  const get = (path: string) => ask(target(), { path });
  const dry = (asked: Asked) => ask(target(), { ...asked, query: { dryRun: 'All' } });
  const dryPatch = (path: string, body: object) => dry({ method: 'PATCH', path, contentType: STRATEGIC_PATCH, body });
  const image = (of: string) => ({ spec: { containers: [container('app', of)] } });

  describe('a dry run', () => {
    it('of a patch shows what would be, at the version that is', async () => {
      const own = await ownObjects(target());
      const made = await own.pod('a');
      const { status, body } = await dryPatch(own.at('pods', 'a'), image('registry.example/app:2'));
      expect(status).toBe(200);
      expect(body.spec).toMatchObject(image('registry.example/app:2').spec);
      const { resourceVersion, uid } = made.metadata;
      expect(body.metadata).toMatchObject({ resourceVersion, uid, generation: 2 });
      expect((await get(own.at('pods', 'a'))).body).toEqual(made);
    });

    it('of a patch is refused as the patch would be', async () => {
      const own = await ownObjects(target());
      const made = await own.pod('a');
      const at = own.at('pods', 'a');
      expect((await dryPatch(at, { metadata: { resourceVersion: '1' } })).body).toMatchObject({ code: 409, reason: 'Conflict' });
      expect((await dryPatch(at, { metadata: { uid: 'another' } })).body).toMatchObject({ code: 422, reason: 'Invalid' });
      expect((await dryPatch(at, { spec: { hostname: 'x' } })).body).toMatchObject({ code: 422, reason: 'Invalid' });
      expect((await dryPatch(own.at('pods', 'none'), {})).body).toMatchObject({ code: 404, reason: 'NotFound' });
      expect((await dry({ method: 'PATCH', path: at, contentType: MERGE_PATCH, text: '[' })).body).toMatchObject({ code: 400 });
      expect((await get(at)).body).toEqual(made);
    });

    it('of a deletion shows what would be marked, and refuses what another object is', async () => {
      const own = await ownObjects(target());
      const unbound = await own.pod('unbound');
      const bound = await own.pod('bound', { nodeName: 'imagepull-nowhere' });
      for (const [made, grace] of [
        [unbound, 0],
        [bound, 30],
      ] as const) {
        const path = own.at('pods', made.metadata.name);
        const { resourceVersion, uid } = made.metadata;
        const marked = { uid, resourceVersion, generation: 2, deletionGracePeriodSeconds: grace };
        expect((await dry({ method: 'DELETE', path })).body.metadata).toMatchObject(marked);
        const options = { dryRun: ['All'], preconditions: { uid, resourceVersion } };
        const { body } = await ask(target(), { method: 'DELETE', path, body: options });
        expect(body.metadata).toMatchObject(marked);
        expect(body.metadata.deletionTimestamp).toBeDefined();
        for (const preconditions of [{ uid: 'another' }, { uid, resourceVersion: '1' }]) {
          const refused = await ask(target(), { method: 'DELETE', path, body: { dryRun: ['All'], preconditions } });
          expect(refused.body).toMatchObject({ code: 409, reason: 'Conflict' });
        }
        expect((await get(path)).body).toEqual(made);
      }
      const secret = await own.secret('a');
      expect((await dry({ method: 'DELETE', path: own.at('secrets', 'a') })).body).toMatchObject({
        status: 'Success',
        details: { name: 'a', kind: 'secrets', uid: secret.metadata.uid },
      });
      expect((await get(own.at('secrets', 'a'))).body).toEqual(secret);
      expect((await dry({ method: 'DELETE', path: own.at('secrets', 'none') })).status).toBe(404);
    });

    it('of a deletion is none where the query says it and a body does not', async () => {
      const own = await ownObjects(target());
      await own.secret('a');
      // What looks like a dry run has removed it.
      expect((await dry({ method: 'DELETE', path: own.at('secrets', 'a'), body: {} })).status).toBe(200);
      expect((await get(own.at('secrets', 'a'))).status).toBe(404);
    });

    it('of a new object and of a replacement keeps neither', async () => {
      const own = await ownObjects(target());
      const fresh = await dry({ method: 'POST', path: own.at('secrets'), body: { metadata: { name: 'new' } } });
      expect(fresh.status).toBe(201);
      expect(fresh.body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(fresh.body.metadata.resourceVersion).toBeUndefined();
      expect((await get(own.at('secrets', 'new'))).status).toBe(404);
      const made = await own.secret('a');
      const object = { metadata: { name: 'a', labels: { n: '1' } } };
      const replaced = await dry({ method: 'PUT', path: own.at('secrets', 'a'), body: object });
      expect(replaced.body.metadata).toMatchObject({ labels: { n: '1' }, resourceVersion: made.metadata.resourceVersion });
      expect((await get(own.at('secrets', 'a'))).body).toEqual(made);
      expect((await dry({ method: 'POST', path: own.at('secrets'), body: { metadata: { name: 'a' } } })).body).toMatchObject({ code: 409 });
    });

    it('is told to no watch', async () => {
      const own = await ownObjects(target());
      const { resourceVersion } = (await own.pod('a', { nodeName: 'imagepull-nowhere' })).metadata;
      const stream = await openStream(target(), own.at('pods'), { resourceVersion });
      await dryPatch(own.at('pods', 'a'), image('registry.example/app:2'));
      await dry({ method: 'DELETE', path: own.at('pods', 'a') });
      await own.pod('b');
      await eventually(() => expect(stream.lines.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED b']));
      stream.close();
    });

    const WRITES: readonly (readonly [options: string, asked: (own: OwnObjects) => Asked])[] = [
      [
        'PatchOptions',
        (own) => ({ method: 'PATCH', path: own.at('secrets', 'a'), contentType: MERGE_PATCH, body: {}, query: { dryRun: 'Some' } }),
      ],
      ['DeleteOptions', (own) => ({ method: 'DELETE', path: own.at('secrets', 'a'), query: { dryRun: 'Some' } })],
      ['DeleteOptions', (own) => ({ method: 'DELETE', path: own.at('secrets', 'a'), body: { dryRun: ['Some'] } })],
      [
        'CreateOptions',
        (own) => ({ method: 'POST', path: own.at('secrets'), body: { metadata: { name: 'b' } }, query: { dryRun: 'Some' } }),
      ],
      [
        'UpdateOptions',
        (own) => ({ method: 'PUT', path: own.at('secrets', 'a'), body: { metadata: { name: 'a' } }, query: { dryRun: 'Some' } }),
      ],
    ];
    it.each(WRITES)('of a part only is refused in %s', async (options, asked) => {
      const own = await ownObjects(target());
      await own.secret('a');
      expect((await ask(target(), asked(own))).body).toMatchObject({
        code: 422,
        reason: 'Invalid',
        message: `${options}.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"`,
        details: { group: 'meta.k8s.io', kind: options },
      });
    });
  });
}
