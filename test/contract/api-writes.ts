import { describe, expect, it } from 'vitest';
import { ownObjects } from './api-objects.ts';
import { type ApiTarget, type Asked, ask } from './api-target.ts';

/** What reads of one object, and plain writes, have to be like. */
export function describeObjects(target: () => ApiTarget): void {
  const send = (asked: Asked) => ask(target(), asked);
  const post = (path: string, body: object) => send({ method: 'POST', path, body });
  const put = (path: string, body: object) => send({ method: 'PUT', path, body });

  describe('an object', () => {
    it('is made with an identity, a time and a version, and read as it was made', async () => {
      const own = await ownObjects(target());
      const made = await own.secret('a', { n: '1' });
      expect(made).toMatchObject({
        kind: 'Secret',
        apiVersion: 'v1',
        metadata: { name: 'a', namespace: own.namespace, labels: { n: '1' } },
      });
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect((await send({ path: own.at('secrets', 'a') })).body).toEqual(made);
    });

    it('has versions that rise over all kinds', async () => {
      const own = await ownObjects(target());
      const made = [await own.secret('a'), await own.pod('a'), await own.event('a', 'Failed', 'a'), await own.secret('b')];
      const versions = made.map(({ metadata }) => Number(metadata.resourceVersion));
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    });

    it.each([
      ['/api/v1/namespaces/default/pods/none', 'pods "none" not found', { name: 'none', kind: 'pods' }],
      ['/api/v1/nodes/none', 'nodes "none" not found', { name: 'none', kind: 'nodes' }],
      [
        '/apis/apps/v1/namespaces/default/deployments/none',
        'deployments.apps "none" not found',
        { name: 'none', group: 'apps', kind: 'deployments' },
      ],
      ['/api/v1/namespaces/default/nothings', 'the server could not find the requested resource', {}],
    ])('is not found at %s', async (path, message, details) => {
      const { status, body } = await send({ path });
      expect(status).toBe(404);
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message,
        reason: 'NotFound',
        details,
        code: 404,
      });
    });

    it('is not found as plain text where there is no such path', async () => {
      expect(await send({ path: '/apis/none.example/v1/things' })).toMatchObject({ status: 404, text: '404 page not found\n' });
    });
  });

  describe('a write', () => {
    it('makes nothing twice, nothing without a name, and nothing in a namespace that is not there', async () => {
      const own = await ownObjects(target());
      await own.secret('a');
      const again = await post(own.at('secrets'), { metadata: { name: 'a' } });
      expect(again.body).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'secrets "a" already exists' });
      expect((await post(own.at('secrets'), { metadata: {} })).body).toMatchObject({ code: 422, reason: 'Invalid' });
      expect((await post(own.at('secrets'), { metadata: { name: 'Bad_Name' } })).body).toMatchObject({ code: 422, reason: 'Invalid' });
      expect((await post(own.at('secrets'), { metadata: { name: 'x', namespace: 'default' } })).status).toBe(400);
      expect((await post(own.at('secrets'), { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'x' } })).status).toBe(400);
      expect((await post(own.at('secrets'), { metadata: { name: 'x', resourceVersion: '1' } })).status).toBe(500);
      const nowhere = await post('/api/v1/namespaces/imagepull-none/secrets', { metadata: { name: 'a' } });
      expect(nowhere.body).toMatchObject({ code: 404, message: 'namespaces "imagepull-none" not found' });
    });

    it('replaces what is still the version that it names', async () => {
      const own = await ownObjects(target());
      const { metadata } = await own.secret('a');
      const { name, resourceVersion } = metadata;
      const changed = await own.put(own.at('secrets', 'a'), { metadata: { name, resourceVersion, labels: { n: '1' } } });
      expect(changed.metadata).toMatchObject({ uid: metadata.uid, creationTimestamp: metadata.creationTimestamp, labels: { n: '1' } });
      const late = await put(own.at('secrets', 'a'), { metadata: { name, resourceVersion, labels: { n: '2' } } });
      expect(late.body).toMatchObject({ code: 409, reason: 'Conflict', details: { name: 'a', kind: 'secrets' } });
      expect(late.body.message).toBe(
        'Operation cannot be fulfilled on secrets "a": the object has been modified; please apply your changes to the latest version and try again',
      );
      expect((await put(own.at('secrets', 'a'), { metadata: { name: 'b' } })).status).toBe(400);
      expect((await put(own.at('secrets', 'none'), { metadata: { name: 'none' } })).status).toBe(404);
      expect((await put(own.at('secrets', 'a'), { metadata: { name, uid: 'another' } })).body).toMatchObject({
        code: 409,
        reason: 'Conflict',
      });
    });

    it('makes no version where nothing changes', async () => {
      const own = await ownObjects(target());
      const made = await own.secret('a', { n: '1' });
      const same = await own.put(own.at('secrets', 'a'), { metadata: { name: 'a', labels: { n: '1' } }, type: made['type'] });
      expect(same.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    });

    it('of a Lease has to name a version, and makes one that is not there', async () => {
      const own = await ownObjects(target());
      const lease = (more: object, holderIdentity: string) => ({ metadata: { name: 'l', ...more }, spec: { holderIdentity } });
      expect((await put(own.at('leases', 'l'), lease({}, 'a'))).status).toBe(201);
      expect((await put(own.at('leases', 'l'), lease({}, 'b'))).body).toMatchObject({ code: 422, reason: 'Invalid' });
      const { resourceVersion } = (await send({ path: own.at('leases', 'l') })).body.metadata;
      expect((await put(own.at('leases', 'l'), lease({ resourceVersion }, 'b'))).body.spec).toEqual({ holderIdentity: 'b' });
      expect((await put(own.at('leases', 'other'), { metadata: { name: 'other', resourceVersion: '' }, spec: {} })).status).toBe(201);
      const late = await put(own.at('leases', 'l'), lease({ resourceVersion }, 'c'));
      expect(late.body).toMatchObject({ code: 409, reason: 'Conflict' });
      expect((await post(own.at('leases'), lease({}, 'd'))).body).toMatchObject({ code: 409, reason: 'AlreadyExists' });
    });

    it('removes only the object that was meant', async () => {
      const own = await ownObjects(target());
      const { metadata } = await own.secret('a');
      const remove = (preconditions: object) => send({ method: 'DELETE', path: own.at('secrets', 'a'), body: { preconditions } });
      for (const other of [{ uid: 'another' }, { resourceVersion: '1' }, { uid: metadata.uid, resourceVersion: '1' }])
        expect((await remove(other)).body).toMatchObject({ code: 409, reason: 'Conflict' });
      expect((await remove({ uid: 'another' })).body.message).toContain(
        'the UID in the precondition (another) does not match the UID in record',
      );
      expect((await remove({ uid: metadata.uid, resourceVersion: metadata.resourceVersion })).status).toBe(200);
    });

    it('is refused where it is no JSON, or too large', async () => {
      const own = await ownObjects(target());
      const text = (body: string) => send({ method: 'POST', path: own.at('secrets'), text: body });
      expect((await text('{')).body).toMatchObject({ code: 400, reason: 'BadRequest' });
      expect((await text(`{"metadata":{"name":"${'x'.repeat(4 * 1024 * 1024)}"}}`)).status).toBe(413);
    });

    it('removes once', async () => {
      const own = await ownObjects(target());
      const { metadata } = await own.secret('a');
      const gone = await send({ method: 'DELETE', path: own.at('secrets', 'a') });
      expect(gone.body).toMatchObject({ status: 'Success', details: { name: 'a', kind: 'secrets', uid: metadata.uid } });
      expect((await send({ method: 'DELETE', path: own.at('secrets', 'a') })).status).toBe(404);
      await own.pod('p');
      expect((await send({ method: 'DELETE', path: own.at('pods', 'p') })).body).toMatchObject({ kind: 'Pod', metadata: { name: 'p' } });
      expect((await send({ method: 'DELETE', path: '/api/v1/secrets' })).body).toMatchObject({ code: 405, reason: 'MethodNotAllowed' });
    });

    it('of a ConfigMap is read by name, and is not found before', async () => {
      const own = await ownObjects(target());
      const at = own.at('configmaps', 'imagepull-freeze');
      expect((await send({ path: at })).body).toMatchObject({
        code: 404,
        reason: 'NotFound',
        message: 'configmaps "imagepull-freeze" not found',
        details: { name: 'imagepull-freeze', kind: 'configmaps' },
      });
      await own.make('configmaps', { metadata: { name: 'imagepull-freeze' }, data: { reason: 'release' } });
      expect((await send({ path: at })).body).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { reason: 'release' } });
    });

    it('of a Secret in plain text is kept encoded, over what it has', async () => {
      const own = await ownObjects(target());
      const kept = { a: 'b2xk', b: 'Yg==' };
      const { status } = await post(own.at('secrets'), {
        kind: 'Secret',
        apiVersion: 'v1',
        metadata: { name: 's' },
        data: kept,
        stringData: { a: 'new' },
      });
      expect(status).toBe(201);
      const { body } = await send({ path: own.at('secrets', 's') });
      expect(body).toMatchObject({ data: { a: 'bmV3', b: 'Yg==' } });
      expect(body).not.toHaveProperty('stringData');
    });

    it('of an event has to fit what it is about', async () => {
      const own = await ownObjects(target());
      const event = (name: string, more: object) =>
        post(own.at('events'), { kind: 'Event', apiVersion: 'v1', metadata: { name }, reason: 'Restarted', type: 'Normal', ...more });
      const here = { involvedObject: { kind: 'Pod', namespace: own.namespace, name: 'a', uid: 'u' } };
      expect(await event('a', here)).toMatchObject({ status: 201, body: { ...here, reason: 'Restarted', type: 'Normal' } });
      for (const [name, involvedObject, namespace] of [
        ['b', { kind: 'Pod', namespace: 'default', name: 'a' }, 'default'],
        ['c', { kind: 'Node', name: 'a' }, ''],
      ] as const)
        expect((await event(name, { involvedObject })).body).toMatchObject({
          code: 422,
          message: `Event "${name}" is invalid: involvedObject.namespace: Invalid value: "${namespace}": does not match event.namespace`,
        });
      const said = {
        eventTime: '2026-11-28T00:00:00.000000Z',
        reportingComponent: 'imagepull',
        reportingInstance: 'executor',
        action: 'Restart',
      };
      expect((await event('d', { ...here, ...said })).status).toBe(201);
      for (const field of ['reportingComponent', 'reportingInstance', 'action', 'reason']) {
        const { body } = await event('e', { ...here, ...said, [field]: '' });
        expect(body).toMatchObject({ code: 422, reason: 'Invalid' });
        expect(body.message).toContain(`${field}: Required value`);
      }
      const ofNode = { involvedObject: { kind: 'Node', name: own.namespace }, metadata: { name: own.namespace } };
      expect((await post('/api/v1/namespaces/default/events', ofNode)).status).toBe(201);
      await own.remove(`/api/v1/namespaces/default/events/${own.namespace}`);
    });
  });
}
