import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { container, ownObjects } from './api-objects.ts';
import { MERGE_PATCH } from './api-patches.ts';
import { type ApiTarget, ask, openStream } from './api-target.ts';

const NOWHERE = { nodeName: 'imagepull-nowhere' };
const FINALIZER = 'example.com/held';

/** What DELETE has to be like where an object does not go at once, and where only one object is meant. */
export function describeDeletions(target: () => ApiTarget): void {
  const remove = (path: string, body?: object) => ask(target(), { method: 'DELETE', path, ...(body ? { body } : {}) });
  const get = (path: string) => ask(target(), { path });
  const letGo = (path: string) =>
    ask(target(), { method: 'PATCH', path, contentType: MERGE_PATCH, body: { metadata: { finalizers: null } } });

  describe('a deletion', () => {
    it('of a pod that no kubelet has marks it, and it goes', async () => {
      const own = await ownObjects(target());
      const made = await own.pod('a', { terminationGracePeriodSeconds: 60 });
      const stream = await openStream(target(), own.at('pods'), { resourceVersion: made.metadata.resourceVersion });
      const { body } = await remove(own.at('pods', 'a'));
      expect(body.metadata).toMatchObject({ uid: made.metadata.uid, generation: 2, deletionGracePeriodSeconds: 0 });
      expect(body.metadata.deletionTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect((await get(own.at('pods', 'a'))).status).toBe(404);
      await eventually(() => expect(stream.lines.map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']));
      expect(stream.lines[0]?.object.metadata).toMatchObject({ deletionTimestamp: body.metadata.deletionTimestamp });
      expect(stream.lines[1]?.object.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
      stream.close();
    });

    it('of a pod on a node waits for the kubelet, whose own deletion has a grace of nought', async () => {
      const own = await ownObjects(target());
      const { metadata } = await own.pod('a', NOWHERE);
      const at = own.at('pods', 'a');
      const first = (await remove(at, { preconditions: { uid: metadata.uid } })).body;
      expect(first).toMatchObject({ kind: 'Pod', metadata: { generation: 2, deletionGracePeriodSeconds: 30 } });
      const { deletionTimestamp = '', creationTimestamp = '' } = first.metadata;
      expect(Date.parse(deletionTimestamp)).toBeGreaterThanOrEqual(Date.parse(creationTimestamp) + 30_000);
      // Once more, or later, changes nothing.
      for (const options of [undefined, { gracePeriodSeconds: 60 }])
        expect((await remove(at, options)).body.metadata).toEqual(first.metadata);
      const sooner = (await remove(at, { gracePeriodSeconds: 10 })).body.metadata;
      expect(sooner).toMatchObject({ generation: 2, deletionGracePeriodSeconds: 10 });
      expect(Date.parse(sooner.deletionTimestamp ?? '')).toBe(Date.parse(deletionTimestamp) - 20_000);
      expect((await get(at)).body.metadata).toEqual(sooner);
      expect((await remove(at, { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid } })).status).toBe(200);
      expect((await get(at)).status).toBe(404);
    });

    it('of a pod on a node may say how long to wait', async () => {
      const own = await ownObjects(target());
      const graceOf = async (name: string, spec: object, options: object) => {
        await own.pod(name, { ...NOWHERE, ...spec });
        const { body } = await remove(own.at('pods', name), options);
        expect((await get(own.at('pods', name))).status).toBe(body.metadata.deletionGracePeriodSeconds === 0 ? 404 : 200);
        return body.metadata.deletionGracePeriodSeconds;
      };
      expect(await graceOf('a', { terminationGracePeriodSeconds: 7 }, {})).toBe(7);
      expect(await graceOf('b', {}, { gracePeriodSeconds: 5 })).toBe(5);
      expect(await graceOf('c', {}, { gracePeriodSeconds: -1 })).toBe(1);
      expect(await graceOf('d', {}, { gracePeriodSeconds: 0 })).toBe(0);
      expect(await graceOf('e', { terminationGracePeriodSeconds: 0 }, {})).toBe(0);
    });

    it('reads its options out of the query only where there is no body', async () => {
      const own = await ownObjects(target());
      await own.pod('a', NOWHERE);
      const ofQuery = await ask(target(), { method: 'DELETE', path: own.at('pods', 'a'), query: { gracePeriodSeconds: 9 } });
      expect(ofQuery.body.metadata.deletionGracePeriodSeconds).toBe(9);
      await own.pod('b', NOWHERE);
      const ofBody = await ask(target(), { method: 'DELETE', path: own.at('pods', 'b'), query: { gracePeriodSeconds: 9 }, body: {} });
      expect(ofBody.body.metadata.deletionGracePeriodSeconds).toBe(30);
    });

    it.each(['pods', 'secrets', 'serviceaccounts', 'deployments'] as const)('of %s waits for finalizers', async (resource) => {
      const own = await ownObjects(target());
      const at = own.at(resource, 'a');
      if (resource === 'pods') await own.pod('a');
      else if (resource === 'deployments') await own.workload('deployments', 'a');
      else await own.make(resource, { metadata: { name: 'a' } });
      await ask(target(), { method: 'PATCH', path: at, contentType: MERGE_PATCH, body: { metadata: { finalizers: [FINALIZER] } } });
      const first = (await remove(at)).body;
      expect(first.metadata).toMatchObject({ finalizers: [FINALIZER], deletionGracePeriodSeconds: 0 });
      expect(first.metadata.generation).toBe(resource === 'pods' || resource === 'deployments' ? 2 : undefined);
      const { deletionTimestamp } = first.metadata;
      expect(deletionTimestamp).toBeDefined();
      expect((await remove(at)).body.metadata).toMatchObject({ deletionTimestamp, finalizers: [FINALIZER] });
      const more = { metadata: { finalizers: [FINALIZER, 'example.com/more'] } };
      const held = await ask(target(), { method: 'PATCH', path: at, contentType: MERGE_PATCH, body: more });
      expect(held.body).toMatchObject({ code: 422, reason: 'Invalid' });
      expect(held.body.message).toContain(
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
      );
      const back = { metadata: { deletionTimestamp: null, deletionGracePeriodSeconds: null, labels: { n: '1' } } };
      const changed = await ask(target(), { method: 'PATCH', path: at, contentType: MERGE_PATCH, body: back });
      expect(changed.body.metadata).toMatchObject({ deletionTimestamp, deletionGracePeriodSeconds: 0, labels: { n: '1' } });
      expect((await letGo(at)).status).toBe(200);
      expect((await get(at)).status).toBe(404);
    });

    it('of a pod waits for the kubelet after the finalizer, and for the finalizer after the kubelet', async () => {
      const own = await ownObjects(target());
      const held = (name: string) => ({
        metadata: { name, finalizers: [FINALIZER] },
        spec: { ...NOWHERE, automountServiceAccountToken: false, containers: [container()] },
      });
      const kept = own.at('pods', 'kept');
      await own.make('pods', held('kept'));
      await remove(kept);
      expect((await letGo(kept)).body.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
      expect((await get(kept)).status).toBe(200);
      const at = own.at('pods', 'a');
      await own.make('pods', held('a'));
      expect((await remove(at)).body.metadata).toMatchObject({ finalizers: [FINALIZER], deletionGracePeriodSeconds: 30 });
      expect((await remove(at, { gracePeriodSeconds: 0 })).body.metadata).toMatchObject({
        finalizers: [FINALIZER],
        deletionGracePeriodSeconds: 0,
      });
      expect((await get(at)).status).toBe(200);
      expect((await letGo(at)).status).toBe(200);
      expect((await get(at)).status).toBe(404);
    });

    it('leaves what an object owns to the garbage collection, which holds it for so long', async () => {
      const own = await ownObjects(target());
      for (const [propagationPolicy, finalizer] of [
        ['Foreground', 'foregroundDeletion'],
        ['Orphan', 'orphan'],
      ]) {
        const name = `of-${finalizer}`.toLowerCase();
        await own.secret(name);
        const { body } = await remove(own.at('secrets', name), { propagationPolicy });
        expect(body).toMatchObject({ kind: 'Secret', metadata: { name, finalizers: [finalizer], deletionGracePeriodSeconds: 0 } });
      }
      await own.event('event', 'Failed', 'a');
      expect((await remove(own.at('events', 'event'), { propagationPolicy: 'Foreground' })).body.status).toBe('Success');
      await own.secret('background');
      expect((await remove(own.at('secrets', 'background'), { propagationPolicy: 'Background' })).body.status).toBe('Success');
      await own.secret('none');
      expect((await remove(own.at('secrets', 'none'), { propagationPolicy: 'none' })).body).toMatchObject({
        code: 422,
        message:
          'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "none": supported values: "Foreground", "Background", "Orphan", "nil"',
      });
    });

    it('of another pod of that name, or another version of it, is refused', async () => {
      const own = await ownObjects(target());
      const { metadata } = await own.pod('a', NOWHERE);
      const { uid, resourceVersion } = metadata;
      for (const preconditions of [
        { uid: 'another' },
        { resourceVersion: '1' },
        { uid, resourceVersion: '1' },
        { uid: 'another', resourceVersion },
      ]) {
        const { body } = await remove(own.at('pods', 'a'), { preconditions });
        expect(body).toMatchObject({ code: 409, reason: 'Conflict' });
        expect(body.message).toMatch(/in the precondition \(.*\) does not match the .* in record/);
      }
      expect((await get(own.at('pods', 'a'))).body.metadata).toEqual(metadata);
      expect(
        (await remove(own.at('pods', 'a'), { preconditions: { uid, resourceVersion } })).body.metadata.deletionTimestamp,
      ).toBeDefined();
    });

    it('with options that are none is refused', async () => {
      const own = await ownObjects(target());
      await own.secret('a');
      for (const text of ['{', '[]', '{"preconditions":7}', '{"gracePeriodSeconds":"soon"}'])
        expect((await ask(target(), { method: 'DELETE', path: own.at('secrets', 'a'), text })).body).toMatchObject({
          code: 400,
          reason: 'BadRequest',
        });
      expect((await get(own.at('secrets', 'a'))).status).toBe(200);
    });
  });
}
