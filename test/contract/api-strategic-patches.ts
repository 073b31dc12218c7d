import { describe, expect, it } from 'vitest';
import { container, ownNode, ownObjects } from './api-objects.ts';
import { STRATEGIC_PATCH } from './api-patches.ts';
import { type ApiTarget, ask } from './api-target.ts';

/** A pod template before, a strategic patch of it, and what is looked at after. */
type Row = readonly [said: string, before: object, patch: object, after: object];

const named = (...names: readonly string[]) => names.map((name) => ({ name }));
const volumes = (...names: readonly string[]) => names.map((name) => ({ name, emptyDir: {} }));
const lacking = (field: string): object => expect.toSatisfy((of: object) => !(field in of));
const remove = (name: string) => ({ $patch: 'delete', name });

/** Lists are compared as they are; of their elements only what is named. */
const ROWS: readonly Row[] = [
  [
    'changes a container by its name',
    { containers: [container('a'), container('b')] },
    { containers: [container('b', 'registry.example/b:2')] },
    { containers: [container('a'), container('b', 'registry.example/b:2')] },
  ],
  [
    'puts a new container before those it does not name',
    { containers: [container('a')] },
    { containers: [container('b')] },
    { containers: [container('b'), container('a')] },
  ],
  [
    'leaves containers it does not name where they stood',
    { containers: [container('a'), container('b'), container('c')] },
    { containers: [container('b', 'registry.example/b:2'), container('d')] },
    { containers: [container('a'), container('b', 'registry.example/b:2'), container('d'), container('c')] },
  ],
  [
    'gives containers it names its own order',
    { containers: [container('a'), container('b'), container('c')] },
    { containers: named('c', 'a') },
    { containers: [container('b'), container('c'), container('a')] },
  ],
  [
    'takes a container away by $patch',
    { containers: [container('a'), container('b')] },
    { containers: [remove('a'), remove('none')] },
    { containers: [container('b')] },
  ],
  [
    'replaces a list by $patch',
    { containers: [container('a'), container('b')] },
    { containers: [container('c'), { $patch: 'replace' }] },
    { containers: [container('c')] },
  ],
  [
    'merges init containers',
    { containers: [container()], initContainers: [container('a')] },
    { initContainers: [container('b'), container('a', 'registry.example/a:2')] },
    { initContainers: [container('b'), container('a', 'registry.example/a:2')] },
  ],
  [
    'merges pull secrets',
    { containers: [container()], imagePullSecrets: named('a', 'b') },
    { imagePullSecrets: named('c') },
    { imagePullSecrets: named('c', 'a', 'b') },
  ],
  [
    'takes a pull secret away',
    { containers: [container()], imagePullSecrets: named('a', 'b') },
    { imagePullSecrets: [remove('a')] },
    { imagePullSecrets: named('b') },
  ],
  [
    'takes a list away by null',
    { containers: [container()], imagePullSecrets: named('a') },
    { imagePullSecrets: null },
    lacking('imagePullSecrets'),
  ],
  [
    'merges volumes',
    { containers: [container()], volumes: volumes('a', 'b') },
    { volumes: [...volumes('c'), remove('a')] },
    { volumes: volumes('c', 'b') },
  ],
  [
    'merges the environment, ports and mounts of a container',
    {
      containers: [
        {
          ...container(),
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
          ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }],
        },
      ],
    },
    {
      containers: [
        {
          name: 'app',
          env: [
            { name: 'B', value: '3' },
            { name: 'C', value: '4' },
          ],
          ports: [{ containerPort: 443, name: 'https', protocol: 'TCP' }],
        },
      ],
    },
    {
      containers: [
        {
          ...container(),
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '3' },
            { name: 'C', value: '4' },
          ],
          ports: [
            { containerPort: 443, name: 'https', protocol: 'TCP' },
            { containerPort: 80, name: 'http', protocol: 'TCP' },
          ],
        },
      ],
    },
  ],
  [
    'replaces arguments and tolerations',
    { containers: [{ ...container(), args: ['a', 'b'] }], tolerations: [{ key: 'a', operator: 'Exists' }] },
    { containers: [{ name: 'app', args: ['c'] }], tolerations: [{ key: 'b', operator: 'Exists' }] },
    { containers: [{ ...container(), args: ['c'] }], tolerations: [{ key: 'b', operator: 'Exists' }] },
  ],
  [
    'takes nulls out of what is new',
    { containers: [container()] },
    { containers: [{ ...container('b'), args: null }] },
    { containers: [lacking('args'), container()] },
  ],
  [
    'empties an object by $patch',
    { containers: [container()], nodeSelector: { a: '1' } },
    { nodeSelector: { $patch: 'delete' } },
    // The API server leaves out what is empty.
    expect.toSatisfy(({ nodeSelector = {} }: { nodeSelector?: object }) => Object.keys(nodeSelector).length === 0),
  ],
  [
    'takes nothing away from a list that is not there',
    { containers: [container()] },
    { volumes: [remove('b'), ...volumes('a')] },
    { volumes: volumes('a') },
  ],
  [
    'replaces an object by $patch',
    { containers: [container()], nodeSelector: { a: '1' } },
    { nodeSelector: { $patch: 'replace', b: '2' } },
    { nodeSelector: { b: '2' } },
  ],
];

/** How strategic patches merge lists, by what `patchMergeKey` says of each. */
export function describeStrategicPatches(target: () => ApiTarget): void {
  const patch = (path: string, body: object) => ask(target(), { method: 'PATCH', path, contentType: STRATEGIC_PATCH, body });

  describe('a strategic patch', () => {
    it.each(ROWS)('%s', async (_, before, change, after) => {
      const own = await ownObjects(target());
      const labels = { app: 'a' };
      const spec = { replicas: 0, paused: true, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: before } };
      await own.make('deployments', { metadata: { name: 'a' }, spec });
      const { status, body, text } = await patch(own.at('deployments', 'a'), { spec: { template: { spec: change } } });
      expect(status, text).toBe(200);
      expect(body.spec).toMatchObject({ template: { spec: after } });
    });

    it('merges lists of a pod as those of a template, and finalizers as a set', async () => {
      const own = await ownObjects(target());
      await own.pod('a', { containers: [container('a'), container('b')] });
      const { body } = await patch(own.at('pods', 'a'), {
        metadata: { finalizers: ['example.com/a'] },
        spec: { containers: [container('b', 'registry.example/b:2')] },
      });
      expect(body.spec).toMatchObject({ containers: [container('a'), container('b', 'registry.example/b:2')] });
      const more = await patch(own.at('pods', 'a'), { metadata: { finalizers: ['example.com/b'] } });
      expect(more.body.metadata.finalizers).toEqual(['example.com/b', 'example.com/a']);
      await patch(own.at('pods', 'a'), { metadata: { finalizers: null } });
    });

    it('replaces the pull secrets of a service account, and merges its secrets', async () => {
      const own = await ownObjects(target());
      await own.make('serviceaccounts', { metadata: { name: 'a' }, imagePullSecrets: named('a'), secrets: named('a') });
      const { body } = await patch(own.at('serviceaccounts', 'a'), { imagePullSecrets: named('b'), secrets: named('b') });
      expect(body).toMatchObject({ imagePullSecrets: named('b'), secrets: named('b', 'a') });
    });

    it('replaces the taints of a node', async () => {
      const taint = (key: string) => ({ key, effect: 'NoSchedule' });
      const path = await ownNode(target(), { taints: [taint('example.com/a'), taint('example.com/b')] });
      const { body } = await patch(path, { spec: { unschedulable: true, taints: [taint('example.com/c')] } });
      expect(body.spec).toMatchObject({ unschedulable: true, taints: [taint('example.com/c')] });
    });

    it('cannot be done where an element has no name', async () => {
      const own = await ownObjects(target());
      await own.workload('deployments', 'a');
      const { body } = await patch(own.at('deployments', 'a'), { spec: { template: { spec: { containers: [{ image: 'x' }] } } } });
      expect(body).toMatchObject({ code: 500, message: 'map: map[image:x] does not contain declared merge key: name' });
    });
  });
}
