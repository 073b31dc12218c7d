import { describe, expect, it } from 'vitest';
import { container, ownNode, ownObjects } from './api-objects.ts';
import { type ApiAnswer, type ApiTarget, ask } from './api-target.ts';

/** The content types of the three forms. */
const JSON_PATCH = 'application/json-patch+json';
export const MERGE_PATCH = 'application/merge-patch+json';
export const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';

/** What PATCH has to be like, apart from how a strategic one merges lists. */
export function describePatches(target: () => ApiTarget): void {
  const patch = (path: string, contentType: string, body: object | string): Promise<ApiAnswer> =>
    ask(target(), { method: 'PATCH', path, contentType, ...(typeof body === 'string' ? { text: body } : { body }) });
  const get = async (path: string) => (await ask(target(), { path })).body;

  describe('a patch', () => {
    it.each([
      [JSON_PATCH, [{ op: 'add', path: '/metadata/labels/n', value: '2' }]],
      [MERGE_PATCH, { metadata: { labels: { n: '2' } } }],
      [STRATEGIC_PATCH, { metadata: { labels: { n: '2' } } }],
      [`${MERGE_PATCH}; charset=utf-8`, { metadata: { labels: { n: '2' } } }],
    ])('as %s changes what it names and nothing else', async (contentType, body) => {
      const own = await ownObjects(target());
      const made = await own.secret('a', { n: '1', kept: 'true' });
      const { status, body: changed } = await patch(own.at('secrets', 'a'), contentType, body);
      expect(status).toBe(200);
      expect(changed).toMatchObject({ kind: 'Secret', apiVersion: 'v1', metadata: { labels: { n: '2', kept: 'true' } } });
      expect(changed.metadata).toMatchObject({ uid: made.metadata.uid, creationTimestamp: made.metadata.creationTimestamp });
      expect(Number(changed.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
      expect(await get(own.at('secrets', 'a'))).toEqual(changed);
    });

    it('is taken for what remedies change', async () => {
      const own = await ownObjects(target());
      await own.pod('a');
      for (const resource of ['deployments', 'statefulsets', 'daemonsets'] as const) await own.workload(resource, 'a');
      await own.make('serviceaccounts', { metadata: { name: 'a' } });
      const namespaced = ['pods', 'deployments', 'statefulsets', 'daemonsets', 'serviceaccounts'] as const;
      for (const path of [...namespaced.map((resource) => own.at(resource, 'a')), await ownNode(target())]) {
        const body = { metadata: { annotations: { 'imagepull.dev/plan': '1' } } };
        const query = { fieldManager: 'imagepull' };
        const answer = await ask(target(), { method: 'PATCH', path, query, contentType: STRATEGIC_PATCH, body });
        expect(answer.status, answer.text).toBe(200);
        expect(answer.body).toMatchObject(body);
        expect((await get(path)).metadata).toMatchObject(body.metadata);
        expect((await patch(path.replace(/[^/]+$/, 'none'), STRATEGIC_PATCH, body)).body).toMatchObject({ code: 404, reason: 'NotFound' });
      }
    });

    it('of operations does them in their order', async () => {
      const own = await ownObjects(target());
      await own.make('serviceaccounts', {
        metadata: { name: 'a', labels: { x: '1', y: '2' } },
        imagePullSecrets: [{ name: 'p' }, { name: 'q' }],
      });
      const { body } = await patch(own.at('serviceaccounts', 'a'), JSON_PATCH, [
        { op: 'test', path: '/metadata/labels/x', value: '1' },
        { op: 'test', path: '/metadata/labels/none', value: null },
        { op: 'replace', path: '/metadata/labels/x', value: '3' },
        { op: 'replace', path: '/metadata/labels/new', value: '4' },
        { op: 'copy', from: '/metadata/labels/x', path: '/metadata/labels/z' },
        { op: 'move', from: '/metadata/labels/y', path: '/metadata/labels/v' },
        { op: 'remove', path: '/metadata/labels/x' },
        { op: 'add', path: '/metadata/annotations', value: {} },
        { op: 'add', path: '/metadata/annotations/example.com~1a', value: 'c' },
        { op: 'remove', path: '/imagePullSecrets/0' },
        { op: 'add', path: '/imagePullSecrets/-', value: { name: 's' } },
        { op: 'add', path: '/imagePullSecrets/1', value: { name: 'r' } },
        { op: 'replace', path: '/imagePullSecrets/2/name', value: 't' },
        { op: 'copy', from: '/imagePullSecrets/0', path: '/imagePullSecrets/3' },
        { op: 'replace', path: '/imagePullSecrets/3/name', value: 'u' },
        { op: 'test', path: '/imagePullSecrets', value: [{ name: 'q' }, { name: 'r' }, { name: 't' }, { name: 'u' }] },
      ]);
      expect(body['imagePullSecrets']).toEqual([{ name: 'q' }, { name: 'r' }, { name: 't' }, { name: 'u' }]);
      expect(body.metadata).toMatchObject({ annotations: { 'example.com/a': 'c' } });
      expect(body.metadata.labels).toEqual({ z: '3', v: '2', new: '4' });
    });

    it.each([
      ['a test fails', { op: 'test', path: '/metadata/labels/n', value: '2' }],
      ['a test is of another type', { op: 'test', path: '/metadata/labels/n', value: 1 }],
      ['what is to be removed is not there', { op: 'remove', path: '/metadata/labels/none' }],
      ['what is to be replaced in a list is not there', { op: 'replace', path: '/metadata/finalizers/1', value: 'example.com/b' }],
      ['what is to be moved is not there', { op: 'move', from: '/metadata/labels/none', path: '/metadata/labels/n' }],
      ['what it is in is not there', { op: 'add', path: '/metadata/none/n', value: '2' }],
      ['a place is behind the end of a list', { op: 'add', path: '/metadata/finalizers/2', value: 'example.com/b' }],
      ['there is no such operation', { op: 'increase', path: '/metadata/labels/n', value: '2' }],
    ])('of operations does none where %s', async (_, wrong) => {
      const own = await ownObjects(target());
      const before = await own.make('secrets', { metadata: { name: 'a', labels: { n: '1' }, finalizers: ['example.com/a'] } });
      const first = { op: 'add', path: '/metadata/labels/first', value: 'done' };
      const { status, body } = await patch(own.at('secrets', 'a'), JSON_PATCH, [first, wrong]);
      expect(status).toBe(422);
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'the server rejected our request due to an error in our request',
        reason: 'Invalid',
        details: {},
        code: 422,
      });
      expect(await get(own.at('secrets', 'a'))).toEqual(before);
      await patch(own.at('secrets', 'a'), MERGE_PATCH, { metadata: { finalizers: null } });
    });

    it('as a merge takes away what is null, and lists as they are', async () => {
      const own = await ownObjects(target());
      await own.make('serviceaccounts', {
        metadata: { name: 'a', labels: { x: '1', y: '2' } },
        imagePullSecrets: [{ name: 'p' }, { name: 'q' }],
      });
      const { body } = await patch(own.at('serviceaccounts', 'a'), MERGE_PATCH, {
        metadata: { labels: { x: null, none: null } },
        imagePullSecrets: [{ name: 'r' }],
      });
      expect(body.metadata.labels).toEqual({ y: '2' });
      expect(body['imagePullSecrets']).toEqual([{ name: 'r' }]);
    });

    it('of another version or another object is refused', async () => {
      const own = await ownObjects(target());
      const { metadata } = await own.pod('a');
      const at = own.at('pods', 'a');
      const now = await patch(at, MERGE_PATCH, {
        metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, labels: { n: '1' } },
      });
      expect(now.status).toBe(200);
      for (const [contentType, body] of [
        [MERGE_PATCH, { metadata: { resourceVersion: metadata.resourceVersion, labels: { n: '2' } } }],
        [STRATEGIC_PATCH, { metadata: { resourceVersion: metadata.resourceVersion } }],
        [JSON_PATCH, [{ op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion }]],
      ] as const)
        expect((await patch(at, contentType, body)).body).toMatchObject({
          code: 409,
          reason: 'Conflict',
          message:
            'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
          details: { name: 'a', kind: 'pods' },
        });
      // Unlike a PUT, which is answered with 409.
      expect((await patch(at, MERGE_PATCH, { metadata: { uid: 'another' } })).body).toMatchObject({
        code: 422,
        reason: 'Invalid',
        message: 'Pod "a" is invalid: metadata.uid: Invalid value: "another": field is immutable',
        details: { name: 'a', kind: 'Pod' },
      });
      expect((await patch(at, MERGE_PATCH, { metadata: { resourceVersion: 'none' } })).body).toMatchObject({
        code: 500,
        message: 'strconv.ParseUint: parsing "none": invalid syntax',
      });
      expect((await patch(at, MERGE_PATCH, { metadata: { name: 'b' } })).body).toMatchObject({
        code: 400,
        message: 'the name of the object (b) does not match the name on the URL (a)',
      });
      expect((await patch(at, MERGE_PATCH, { metadata: { name: null } })).body).toMatchObject({
        code: 400,
        message: 'the name of the object (a based on URL) was undeterminable: name must be provided',
      });
      expect((await patch(at, MERGE_PATCH, { metadata: { namespace: 'default' } })).status).toBe(400);
      expect(await get(at)).toEqual(now.body);
    });

    it('that changes nothing makes no version', async () => {
      const own = await ownObjects(target());
      const made = await own.pod('a');
      for (const [contentType, body] of [
        [JSON_PATCH, []],
        [MERGE_PATCH, {}],
        [MERGE_PATCH, { metadata: { labels: null } }],
        [MERGE_PATCH, { metadata: { uid: '' } }],
        [STRATEGIC_PATCH, { spec: { containers: [container()] } }],
        [STRATEGIC_PATCH, { status: { phase: 'Failed' } }],
        [STRATEGIC_PATCH, { metadata: { generation: 7, creationTimestamp: '2020-01-01T00:00:00Z' } }],
      ] as const)
        expect((await patch(own.at('pods', 'a'), contentType, body)).body.metadata).toEqual(made.metadata);
    });

    it('is counted by the generation where it changes what is wanted', async () => {
      const own = await ownObjects(target());
      const generationAfter = async (path: string, body: object) => (await patch(path, STRATEGIC_PATCH, body)).body.metadata.generation;
      expect((await own.pod('a')).metadata.generation).toBe(1);
      expect(await generationAfter(own.at('pods', 'a'), { metadata: { annotations: { n: '1' } } })).toBe(1);
      expect(await generationAfter(own.at('pods', 'a'), { spec: { containers: [container('app', 'registry.example/app:2')] } })).toBe(2);
      for (const resource of ['deployments', 'statefulsets', 'daemonsets'] as const) {
        expect((await own.workload(resource, 'a')).metadata.generation).toBe(1);
        const image = { spec: { template: { spec: { containers: [container('app', 'registry.example/app:2')] } } } };
        expect(await generationAfter(own.at(resource, 'a'), image)).toBe(2);
        expect(await generationAfter(own.at(resource, 'a'), { metadata: { labels: { n: '1' } } })).toBe(2);
        // A Deployment copies its annotations to its replica sets.
        expect(await generationAfter(own.at(resource, 'a'), { metadata: { annotations: { n: '1' } } })).toBe(
          resource === 'deployments' ? 3 : 2,
        );
      }
      const account = await own.make('serviceaccounts', { metadata: { name: 'a' } });
      expect(account.metadata.generation).toBeUndefined();
      expect(await generationAfter(own.at('serviceaccounts', 'a'), { imagePullSecrets: [{ name: 'p' }] })).toBeUndefined();
    });

    it('of a pod changes its images and hardly anything else', async () => {
      const own = await ownObjects(target());
      const toleration = { key: 'example.com/a', operator: 'Exists' };
      await own.pod('a', { initContainers: [container('first')], activeDeadlineSeconds: 100, tolerations: [toleration] });
      const refusals: readonly (readonly [object, string])[] = [
        [{ hostname: 'x' }, 'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,'],
        [
          { imagePullSecrets: [{ name: 'p' }] },
          'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,',
        ],
        [{ containers: [container('b')] }, 'spec.containers: Forbidden: pod updates may not add or remove containers'],
        [{ containers: [container('app', '')] }, 'spec.containers[0].image: Required value'],
        [{ terminationGracePeriodSeconds: 5 }, 'spec: Forbidden: pod updates may not change fields other than'],
        [{ activeDeadlineSeconds: 101 }, 'spec.activeDeadlineSeconds: Invalid value: 101: must be less than or equal to previous value'],
        [
          { activeDeadlineSeconds: null },
          'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
        ],
        [{ tolerations: [] }, 'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
      ];
      for (const [spec, message] of refusals) {
        const { body } = await patch(own.at('pods', 'a'), STRATEGIC_PATCH, { spec });
        expect(body).toMatchObject({ code: 422, reason: 'Invalid', details: { name: 'a', kind: 'Pod' } });
        expect(body.message).toContain(`Pod "a" is invalid: ${message}`);
      }
      const images = {
        initContainers: [container('first', 'registry.example/first:2')],
        containers: [container('app', 'registry.example/app:2')],
      };
      expect(
        (await patch(own.at('pods', 'a'), STRATEGIC_PATCH, { spec: { ...images, activeDeadlineSeconds: 99 } })).body.spec,
      ).toMatchObject(images);
      const more = [{ op: 'add', path: '/spec/tolerations/-', value: { key: 'example.com/b', operator: 'Exists' } }];
      expect((await patch(own.at('pods', 'a'), JSON_PATCH, more)).status).toBe(200);
    });

    it('of a workload leaves what is not to be changed', async () => {
      const own = await ownObjects(target());
      await own.workload('deployments', 'a');
      const selector = await patch(own.at('deployments', 'a'), MERGE_PATCH, {
        spec: { selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } },
      });
      expect(selector.body).toMatchObject({ code: 422, reason: 'Invalid', details: { name: 'a', group: 'apps', kind: 'Deployment' } });
      expect(selector.body.message).toMatch(/^Deployment\.apps "a" is invalid: spec\.selector: Invalid value: .*: field is immutable$/);
      await own.workload('statefulsets', 'a');
      const service = await patch(own.at('statefulsets', 'a'), MERGE_PATCH, { spec: { serviceName: 'b' } });
      expect(service.body.message).toBe(
        'StatefulSet.apps "a" is invalid: spec: Forbidden: updates to statefulset spec for fields other than ' +
          "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      );
    });

    it.each([
      [JSON_PATCH, '{'],
      [JSON_PATCH, '{}'],
      [JSON_PATCH, '[1]'],
      [JSON_PATCH, '[{"op":"remove","path":7}]'],
      [MERGE_PATCH, '{'],
      [MERGE_PATCH, '[]'],
      [MERGE_PATCH, ''],
      [STRATEGIC_PATCH, '{'],
      [STRATEGIC_PATCH, '[]'],
      [STRATEGIC_PATCH, ''],
    ])('as %s is broken as %j', async (contentType, text) => {
      const own = await ownObjects(target());
      await own.secret('a');
      expect((await patch(own.at('secrets', 'a'), contentType, text)).body).toMatchObject({ code: 400, reason: 'BadRequest' });
    });

    it('that makes no object of the kind is refused', async () => {
      const own = await ownObjects(target());
      await own.secret('a');
      for (const body of [{ kind: 'Pod' }, { metadata: { labels: [1] } }, { metadata: { finalizers: 'none' } }])
        expect((await patch(own.at('secrets', 'a'), MERGE_PATCH, body)).body).toMatchObject({ code: 422, reason: 'Invalid' });
      expect((await patch(own.at('secrets', 'a'), STRATEGIC_PATCH, { kind: 'Pod' })).body.kind).toBe('Secret');
    });

    it('has to say its form, and is of one object', async () => {
      const own = await ownObjects(target());
      await own.secret('a');
      for (const contentType of ['application/json', 'text/plain'])
        expect((await patch(own.at('secrets', 'a'), contentType, {})).body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
      expect((await patch(own.at('secrets'), MERGE_PATCH, {})).body).toMatchObject({ code: 405, reason: 'MethodNotAllowed' });
      const forced = await ask(target(), {
        method: 'PATCH',
        path: own.at('secrets', 'a'),
        query: { force: 'true' },
        contentType: MERGE_PATCH,
        body: {},
      });
      expect(forced.body).toMatchObject({
        code: 422,
        message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
      });
    });
  });
}
