import { describe, expect, it } from 'vitest';
import { type FailureGroup, type PullSurvey, scopeOf } from '../../src/diagnosis/scope.ts';

const group = (given: Partial<FailureGroup>): FailureGroup => ({
  namespace: 'shop',
  workload: 'Deployment/web',
  node: 'node-1',
  image: 'r.example/web:1',
  registry: 'r.example',
  symptom: 'tag-not-found',
  pods: 1,
  example: 'web-1',
  ...given,
});

const survey = (failing: readonly FailureGroup[], working: Partial<PullSurvey['working']> = {}): PullSurvey => ({
  where: 'the cluster',
  pods: 240,
  nodes: 22,
  complete: true,
  failing,
  working: {
    sameImage: { pods: 0, nodes: [] },
    sameRegistry: { pods: 0, nodes: [] },
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
    expect(scope).toMatchObject({ level: 'pod', pods: 1, says: '1 pod, on node-1.' });
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
        sameImage: { pods: 21, nodes: ['node-2', 'node-3'] },
      }),
      'image',
    );
    expect(scope).toMatchObject({
      level: 'image',
      says: '14 pods of 2 workloads in 2 namespaces, all on node-1.',
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
      survey(timeouts, { sameRegistry: { pods: 4, nodes: ['node-2'] } }),
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
});
