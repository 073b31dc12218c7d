import { describe, expect, it } from 'vitest';
import { SYMPTOMS } from '../../src/diagnosis/message/pull-error.ts';
import { aboutKey, aboutOf, establishedKey, exactKey, fitsFamily, podKey, provisionalKey } from '../../src/incident/identity.ts';

const trouble = { cluster: 'prod', namespace: 'shop', node: 'node-1', image: 'registry.example/shop/web:1' };

describe('the key of a trouble before its verdict', () => {
  it.each([
    ['tag-not-found', { namespace: 'other', node: 'node-2' }, true],
    ['tag-not-found', { image: 'registry.example/shop/web:2' }, false],
    ['unauthorized', { node: 'node-2', image: 'registry.example/other:1' }, true],
    ['unauthorized', { namespace: 'other' }, false],
    ['dns-failure', { namespace: 'other', node: 'node-2', image: 'registry.example/other:1' }, true],
    ['dns-failure', { image: 'docker.io/library/nginx' }, false],
    ['rate-limited', { namespace: 'other', image: 'registry.example/other:1' }, true],
    ['disk-full', { namespace: 'other', image: 'docker.io/library/nginx' }, true],
    ['disk-full', { node: 'node-2' }, false],
  ] as const)('%s, elsewhere %j: the same %s', (symptom, elsewhere, same) => {
    const key = provisionalKey(symptom, trouble);
    expect(key).toBeTypeOf('string');
    expect(provisionalKey(symptom, { ...trouble, ...elsewhere }) === key).toBe(same);
    expect(provisionalKey(symptom, { ...trouble, cluster: 'staging' })).not.toBe(key);
  });

  it('is there for every symptom but those that may come from anywhere', () => {
    expect(SYMPTOMS.filter((symptom) => provisionalKey(symptom, trouble) === undefined)).toEqual(['pull-canceled', 'pull-qps', 'unknown']);
    expect(provisionalKey('disk-full', { ...trouble, node: '' })).toBeUndefined();
  });
});

describe('the key of a verdict', () => {
  it('tells causes apart that hide behind one error, and says what the cause reaches', () => {
    const key = (cause: string | null) => establishedKey(cause, 'namespace', trouble);
    expect(key('credentials-missing')).not.toBe(key('credentials-rejected'));
    expect(establishedKey('x', 'registry', trouble)).toBe(establishedKey('x', 'registry', { ...trouble, namespace: 'other' }));
    expect([key(null), establishedKey('x', undefined, trouble)]).toEqual([undefined, undefined]);
  });

  it('agrees with the first error where that points to the family of the cause', () => {
    const first = provisionalKey('unauthorized', trouble) ?? '';
    expect([fitsFamily(first, 'prod', 'credentials'), fitsFamily(first, 'prod', 'registry'), fitsFamily(first, 'prod', null)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

it('keys of one audience say nothing to another', () => {
  const place = { cluster: 'prod', namespace: 'shop', pod: 'web-0' };
  const everyone = { kind: 'everyone' } as const;
  const channel = { kind: 'channel', channel: 'C1' } as const;
  expect(podKey(everyone, place)).not.toBe(podKey(channel, place));
  const about = { identity: { provisional: 'a', established: 'b' }, aliases: ['c', 'b'] };
  expect(aboutOf(about)).toEqual(['a', 'b', 'c']);
  expect(aboutKey(everyone, 'a')).not.toBe(aboutKey(channel, 'a'));
});

describe('the exact key', () => {
  it('is of one image in one namespace, and on one node only for what nodes do', () => {
    const key = (given: object) => exactKey('tag-not-found', { ...trouble, ...given });
    expect(key({ node: 'node-2' })).toBe(key({}));
    expect(new Set([key({}), key({ namespace: 'other' }), key({ image: 'x' }), key({ cluster: 'c' })]).size).toBe(4);
    expect(exactKey('disk-full', trouble)).not.toBe(exactKey('disk-full', { ...trouble, node: 'node-2' }));
  });

  it('is one for all errors that may come from anywhere', () => {
    expect(exactKey('hanging', trouble)).toBe(exactKey('unknown', trouble));
    expect(exactKey('hanging', trouble)).not.toBe(exactKey('unauthorized', trouble));
  });
});
