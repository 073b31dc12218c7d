import { describe, expect, it } from 'vitest';
import { type FailureGroup, type PullSurvey, scopeOf } from '../../src/diagnosis/scope.ts';

/** Pods of one group; two calls make different pods. */
let place = 0;
const members = (pods: number) => Array.from({ length: pods }, () => place++);
const group = ({ pods = 1, ...given }: Partial<FailureGroup> & { pods?: number }): FailureGroup => ({
  namespace: 'shop',
  workload: 'Deployment/web',
  node: 'node-1',
  image: 'r.example/web:1',
  registry: 'r.example',
  symptom: 'tag-not-found',
  pullSecrets: [],
  members: members(pods),
  example: 'web-1',
  ...given,
});

const none = { here: 0, elsewhere: 0, otherNodes: [] };
const survey = (failing: readonly FailureGroup[], working: Partial<PullSurvey['working']> = {}): PullSurvey => ({
  where: 'the cluster',
  pods: 240,
  nodes: 22,
  complete: true,
  failing,
  waiting: { sameNode: { pods: 0 } },
  working: {
    sameImage: none,
    sameRegistry: none,
    sameNode: { pods: 0 },
    sameSecret: { pods: 0, names: [] },
    ...working,
  },
});

const subject = { namespace: 'shop', node: 'node-1', image: 'r.example/web:1', registry: 'r.example', symptom: 'tag-not-found' } as const;

describe('how far a failure reaches', () => {
  it('is the pod when nothing else fails like it', () => {
    const scope = scopeOf(
      subject,
      survey([group({}), group({ image: 'other.example/x:1', registry: 'other.example', workload: 'Deployment/x' })]),
      'image',
    );
    expect(scope).toMatchObject({
      level: 'pod',
      pods: 1,
      says: 'None of the 239 other pods looked at in the cluster fails for this image.',
    });
  });

  it('is the workload when all pods belong to one', () => {
    expect(scopeOf(subject, survey([group({ pods: 3 }), group({ node: 'node-2', pods: 2 })]), 'image')).toMatchObject({
      level: 'workload',
      pods: 5,
      nodes: ['node-1', 'node-2'],
    });
  });

  it('is the image when several workloads want it', () => {
    const scope = scopeOf(
      subject,
      survey([group({ pods: 9 }), group({ workload: 'Job/import', namespace: 'batch', pods: 5 })], {
        sameImage: { here: 0, elsewhere: 21, otherNodes: ['node-2', 'node-3'] },
      }),
      'image',
    );
    expect(scope).toMatchObject({
      level: 'image',
      says: '14 pods of 2 workloads in 2 namespaces fail alike for this image, all on node-1.',
      counterexamples: ['The same image runs on 2 other nodes (node-2 and node-3).'],
    });
  });

  it('is the node when one node fails and others use the registry', () => {
    const timeouts = [
      group({ symptom: 'network-timeout' }),
      group({ symptom: 'network-timeout', workload: 'Deployment/api', image: 'r.example/api:2' }),
    ];
    const scope = scopeOf(
      { ...subject, symptom: 'network-timeout' },
      survey(timeouts, { sameRegistry: { here: 0, elsewhere: 4, otherNodes: ['node-2'] } }),
      'registry',
    );
    expect(scope.level).toBe('node');
  });

  it('is the node when several registries time out from one node', () => {
    const timeouts = [
      group({ symptom: 'network-timeout' }),
      group({ symptom: 'network-timeout', workload: 'Deployment/api', registry: 's.example', image: 's.example/api:2' }),
    ];
    expect(scopeOf({ ...subject, symptom: 'network-timeout' }, survey(timeouts), 'registry').level).toBe('node');
  });

  it('is the registry when several nodes fail on one registry', () => {
    const down = [
      group({ symptom: 'registry-unavailable' }),
      group({ symptom: 'registry-unavailable', node: 'node-2', workload: 'Deployment/api', image: 'r.example/api:2' }),
    ];
    expect(scopeOf({ ...subject, symptom: 'registry-unavailable' }, survey(down), 'registry').level).toBe('registry');
  });

  it('counts pods whose message hides the cause with those that want the same image', () => {
    expect(scopeOf(subject, survey([group({}), group({ symptom: 'pull-qps', workload: 'Deployment/b' })]), 'image')).toMatchObject({
      level: 'image',
      pods: 2,
    });
  });

  it('does not count other symptoms of the same registry', () => {
    expect(scopeOf(subject, survey([group({}), group({ symptom: 'unauthorized', workload: 'Deployment/b' })]), 'registry').pods).toBe(1);
  });

  it('says how much was looked at, and when that was not all', () => {
    expect(scopeOf(subject, { ...survey([group({})]), complete: false }, 'image').lookedAt).toBe(
      '240 pods on 22 nodes in the cluster, not all there are',
    );
  });

  it('counts a pod with two failing images once', () => {
    const members = [1000];
    const two = [group({ symptom: 'unauthorized', members }), group({ symptom: 'unauthorized', image: 'r.example/side:1', members })];
    expect(scopeOf({ ...subject, symptom: 'unauthorized' }, survey(two), 'namespace')).toMatchObject({ level: 'pod', pods: 1 });
  });

  it('does not say that pods which are refused alike lack the same thing, but which secrets they name', () => {
    const refused = (workload: string, pods: number, ...pullSecrets: string[]) =>
      group({ symptom: 'unauthorized', workload, pods, pullSecrets });
    const saysOf = (...groups: FailureGroup[]) => scopeOf({ ...subject, symptom: 'unauthorized' }, survey(groups), 'namespace').says;
    expect(saysOf(refused('a', 3), refused('b', 2, 'regcred'), refused('c', 1, 'other'), refused('d', 2, 'old', 'new'))).toBe(
      '8 pods of 4 workloads fail alike at r.example, all on node-1. Of these, 3 name no pull secret, 2 name old and new and 3 name other secrets.',
    );
    expect(saysOf(refused('a', 1), refused('b', 1))).toMatch(/None of them names a pull secret\.$/);
    expect(saysOf(refused('a', 1, 'regcred'), refused('b', 1, 'regcred'))).toMatch(/All of them name regcred\.$/);
  });

  it('says "at least" where not every pod was read', () => {
    expect(scopeOf(subject, { ...survey([group({ pods: 3 })]), complete: false }, 'image').says).toMatch(/^At least 3 pods of /);
  });

  it('counts pods on this node apart from those on others, each with its own verb', () => {
    const sentences = (sameRegistry: PullSurvey['working']['sameRegistry']) =>
      scopeOf(subject, survey([group({})], { sameRegistry }), 'image').counterexamples;
    expect(sentences({ here: 2, elsewhere: 4, otherNodes: ['node-2', 'node-3'] })).toEqual([
      '4 pods on 2 other nodes and 2 other pods on this node run other images from r.example.',
    ]);
    expect(sentences({ here: 1, elsewhere: 0, otherNodes: [] })).toEqual(['1 other pod on this node runs other images from r.example.']);
  });

  it('tells of a pull that hangs who else waits on the node, and calls nobody alone who is waited for', () => {
    const { symptom: _, ...hanging } = subject;
    const waiting = (pods: number) => scopeOf(hanging, { ...survey([]), waiting: { sameNode: { pods } } }, 'node');
    expect(waiting(1)).toMatchObject({ pods: 1, says: '1 other pod on node-1 is waiting to start as well.' });
    expect(waiting(3).says).toBe('3 other pods on node-1 are waiting to start as well.');
  });
});
