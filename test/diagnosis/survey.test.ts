import { describe, expect, it } from 'vitest';
import { scopeOf } from '../../src/diagnosis/scope.ts';
import { surveyPods } from '../../src/diagnosis/survey.ts';
import { podObject } from '../support/objects.ts';
import { classify } from '../support/rules.ts';

const IMAGE = 'registry.example/shop/web:1';
const REFUSED = { reason: 'ErrImagePull', message: `${IMAGE}: 401 Unauthorized` };
const own = podObject({ waiting: REFUSED });
const about = { image: IMAGE, node: 'node-1', uid: own.metadata.uid, namespace: 'shop', pullSecrets: [] };
const surveyOf = (...others: Parameters<typeof podObject>[0][]) =>
  surveyPods(
    [own, ...others.map((given, at) => podObject({ name: `other-${at}`, ...given }))],
    about,
    { where: 'the cluster', complete: true },
    classify,
  );
/** Two containers of one pod, each with its own state. */
const twice = (...states: Record<string, unknown>[]) => ({
  spec: { containers: states.map((_, at) => ({ name: `c${at}`, image: `registry.example/shop/side:${at}` })) },
  status: { phase: 'Running', containerStatuses: states.map((state, at) => ({ name: `c${at}`, state })) },
});

describe('a look over the pods', () => {
  it('groups pods that fail alike by the secrets that they name', () => {
    const { failing } = surveyOf(
      { waiting: REFUSED, pullSecrets: ['b', 'a'] },
      { waiting: REFUSED, pullSecrets: ['a', 'b'] },
      { waiting: REFUSED, pullSecrets: ['c'] },
    );
    expect(failing.map(({ pullSecrets, members }) => [pullSecrets, members])).toEqual([
      [[], [0]],
      [['a', 'b'], [1]],
      [['a', 'b'], [2]],
      [['c'], [3]],
    ]);
  });

  it('says how many groups it leaves out, so that nothing is counted as all', () => {
    const nodes = Array.from({ length: 250 }, (_, at) => ({ node: `node-${at}`, waiting: REFUSED }));
    const survey = surveyOf(...nodes);
    expect(survey.failing).toHaveLength(200);
    expect(survey.groupsLeftOut).toBe(50 + 1);
    const subject = { namespace: 'shop', node: 'node-1', image: IMAGE, registry: 'registry.example', symptom: 'unauthorized' } as const;
    expect(scopeOf(subject, survey, 'image').says).toMatch(/^At least 200 /);
  });

  it('gives a pod with two failing images one place in both of their groups', () => {
    const waiting = { waiting: REFUSED };
    const { failing } = surveyOf(twice(waiting, waiting));
    expect(failing.map(({ image, members }) => [image, members])).toEqual([
      [IMAGE, [0]],
      ['registry.example/shop/side:0', [1]],
      ['registry.example/shop/side:1', [1]],
    ]);
  });

  it('counts the working pods of the node apart from those of others, and its own containers not at all', () => {
    const { working } = surveyPods(
      [
        podObject({ ...twice({ waiting: REFUSED }, { running: {} }) }),
        podObject({ name: 'a', running: true }),
        podObject({ name: 'b', running: true, node: 'node-2' }),
        podObject({ name: 'c', running: true, node: 'node-3', image: 'registry.example/other:1' }),
      ],
      about,
      { where: 'the cluster', complete: true },
      classify,
    );
    expect(working).toMatchObject({
      sameImage: { here: 1, elsewhere: 1, otherNodes: ['node-2'] },
      sameRegistry: { here: 0, elsewhere: 1, otherNodes: ['node-3'] },
      sameNode: { pods: 1 },
    });
  });

  it('does not say of a pod that lacks an image that it has its images', () => {
    expect(surveyOf(twice({ waiting: REFUSED }, { running: {} })).working.sameNode).toEqual({ pods: 0 });
    expect(surveyOf(twice({ running: {} }, { running: {} })).working.sameNode).toEqual({ pods: 1 });
  });

  it('counts who else waits on the node without an error', () => {
    const waiting = { waiting: { reason: 'ContainerCreating' } };
    expect(surveyOf(waiting, { ...waiting, node: 'node-2' }, { waiting: REFUSED }, { running: true }).waiting).toEqual({
      sameNode: { pods: 1 },
    });
  });
});
