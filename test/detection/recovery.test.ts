import { describe, expect, it } from 'vitest';
import { changesOf, conditionOf } from '../../src/detection/recovery.ts';
import { podObject } from '../support/objects.ts';

const member = { namespace: 'shop', pod: 'web-0', uid: 'u', workload: 'ReplicaSet/web', node: 'node-1', container: 'app' };
const owner = { kind: 'ReplicaSet', name: 'web' };
const volume = { volumes: [{ name: 'model', image: { reference: 'registry.example/model:1' } }] };

describe('the condition of a pod', () => {
  it.each([
    ['its image is there', podObject({ running: true }), 'app', 'pulled'],
    ['it crashes, which its image does not', podObject({ waiting: { reason: 'CrashLoopBackOff' } }), 'app', 'pulled'],
    ['it waits, maybe for its image', podObject({}), 'app', 'failing'],
    ['it cannot pull', podObject({ waiting: { reason: 'ImagePullBackOff' } }), 'app', 'failing'],
    ['nobody knows which container it was, and all run', podObject({ running: true }), '', 'pulled'],
    ['nobody knows which container it was, and one waits', podObject({}), '', 'failing'],
    [
      'a volume had failed, of which nobody says anything, and the container runs',
      podObject({ running: true, spec: volume }),
      'model',
      'pulled',
    ],
  ] as const)('where %s', (_, pod, container, condition) => {
    expect(conditionOf(pod, container)).toBe(condition);
  });
});

describe('what was seen to change', () => {
  const seen = { member, image: 'registry.example/shop/web:1', isGone: true, nodes: ['node-1'] };
  const sibling = (given: Parameters<typeof podObject>[0]) => podObject({ name: 'web-1', owner, running: true, ...given });

  it.each([
    ['nothing, where no pod is left', [], []],
    ['nothing, where only other workloads and namespaces have pods', [podObject({ name: 'db' }), sibling({ namespace: 'data' })], []],
    ['nothing of pods that are going', [sibling({ metadata: { deletionTimestamp: '2026-03-01T10:00:00Z' } })], []],
    [
      'the image, where all pods ask for another one',
      [sibling({ image: 'x:2' })],
      [{ what: 'image', workload: 'ReplicaSet shop/web', image: 'x:2' }],
    ],
    [
      'not the image, where some still ask for the old one',
      [sibling({ image: 'x:2' }), sibling({ name: 'web-2' })],
      [{ what: 'replaced' }],
    ],
    ['the node, where no pod is on one on which it failed', [sibling({ node: 'node-9' })], [{ what: 'nodes', nodes: ['node-9'] }]],
  ] as const)('is %s', (_, pods, changes) => {
    expect(changesOf({ ...seen, pods })).toMatchObject(changes);
    expect(changesOf({ ...seen, pods })).toHaveLength(changes.length);
  });

  it('is nothing where the very pod has pulled the very image', () => {
    expect(changesOf({ ...seen, isGone: false, pods: [sibling({ name: 'web-0' })] })).toEqual([]);
  });
});
