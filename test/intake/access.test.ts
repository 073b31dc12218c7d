import { describe, expect, it } from 'vitest';
import { type AccessRule, createAccess, isReadableByAny } from '../../src/intake/access.ts';
import type { Person } from '../../src/intake/people.ts';
import { peopleOf } from '../support/people.ts';

const people = peopleOf({ outsiders: ['UGUEST'], privateChannels: ['CPRIV'], strange: ['CFAR'], groups: { SOPS: ['UOPS'] } });
const clusters = [
  { name: 'prod', namespaces: { deny: ['kube-*'] } },
  { name: 'staging', namespaces: { allow: ['team-*'], deny: [] } },
];
const everybody = { kind: 'everyone' } as const;
const access = (rules?: readonly AccessRule[]) => createAccess({ clusters, rules, people });
const refusalOf = async (person: Person, cluster: string, namespace: string | undefined, rules?: readonly AccessRule[]) =>
  (await access(rules).rightsOf(person)).refusal(cluster, namespace)?.code;

describe('without rules', () => {
  it.each([
    [{ user: 'U1', channel: 'C1' }, 'prod', 'shop', undefined],
    [{ user: 'U1', channel: 'C1' }, 'prod', 'kube-system', 'intake/forbidden'],
    [{ user: 'U1', channel: 'C1' }, 'staging', 'shop', 'intake/forbidden'],
    [{ user: 'U1', channel: 'C1' }, 'staging', 'team-a', undefined],
    [{ user: 'U1', channel: 'C1' }, 'prod', undefined, undefined],
    [{ user: 'U1', channel: 'C1' }, 'test', 'shop', 'intake/unknown-cluster'],
    [{ user: 'UGUEST', channel: 'C1' }, 'prod', 'shop', 'intake/not-a-member'],
    [{ user: 'UGUEST', channel: 'C1' }, 'test', 'shop', 'intake/not-a-member'],
    [{ user: 'U1', channel: 'CFAR' }, 'prod', 'shop', 'intake/not-invited'],
  ])('%j about %s/%s: %s', async (person, cluster, namespace, code) => {
    expect(await refusalOf(person, cluster, namespace)).toBe(code);
  });
});

describe('with rules', () => {
  const rules: readonly AccessRule[] = [
    { clusters: ['prod'], namespaces: ['shop', 'team-*'], channels: ['C1'] },
    { clusters: ['*'], namespaces: ['*'], groups: ['SOPS'] },
  ];

  it.each([
    [{ user: 'U1', channel: 'C1' }, 'prod', 'shop', undefined],
    [{ user: 'U1', channel: 'C1' }, 'prod', 'payments', 'intake/forbidden'],
    [{ user: 'U1', channel: 'C2' }, 'prod', 'shop', 'intake/forbidden'],
    [{ user: 'U1' }, 'prod', 'shop', 'intake/forbidden'],
    [{ user: 'U1', channel: 'C1' }, 'staging', undefined, 'intake/forbidden'],
    [{ user: 'UOPS', channel: 'C2' }, 'prod', 'payments', undefined],
    [{ user: 'UOPS', channel: 'C2' }, 'prod', 'kube-system', 'intake/forbidden'],
    [{ user: 'UOPS' }, 'staging', 'team-a', undefined],
  ])('%j about %s/%s: %s', async (person, cluster, namespace, code) => {
    expect(await refusalOf(person, cluster, namespace, rules)).toBe(code);
  });

  it('lets nobody read what no rule allows, whoever asks', () => {
    const [prod] = clusters;
    const [first] = rules;
    if (!prod || !first) throw new Error('there are some');
    const readable = (namespace: string, given?: readonly AccessRule[]) => isReadableByAny(prod, given, namespace);
    expect([readable('shop'), readable('kube-system'), readable('shop', [first]), readable('payments', [first])]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(['C1', 'C2'].map((channel) => isReadableByAny(prod, [first], 'shop', channel))).toEqual([true, false]);
  });

  it('limits a look over a cluster to the namespaces that somebody may ask about', async () => {
    const of = async (person: Person) => (await access(rules).rightsOf(person)).namespaces('prod');
    expect(await of({ user: 'U1', channel: 'C1' })).toEqual(['shop', 'team-*']);
    expect(await of({ user: 'U1', channel: 'C2' })).toEqual([]);
    expect(await of({ user: 'UOPS' })).toBeUndefined();
  });
});

describe('what somebody may see', () => {
  const shop = { cluster: 'prod', namespace: 'shop' };
  const secret = { ...shop, audience: { kind: 'channel', channel: 'CPRIV' } } as const;

  it('leaves out what was told in a private channel, wherever else they are', async () => {
    const sees = async (person: Person) => (await access().rightsOf(person)).maySee(secret);
    expect([
      await sees({ user: 'U1', channel: 'CPRIV' }),
      await sees({ user: 'U1', channel: 'C1' }),
      await sees({ user: 'U1' }),
      await sees({ user: 'UGUEST', channel: 'CPRIV' }),
    ]).toEqual([true, false, false, false]);
  });

  it('leaves out namespaces that they may not ask about, and everything for a guest', async () => {
    const rights = await access().rightsOf({ user: 'U1' });
    expect(rights.maySee({ ...shop, audience: everybody })).toBe(true);
    expect(rights.maySee({ ...shop, namespace: 'kube-system', audience: everybody })).toBe(false);
    expect((await access().rightsOf({ user: 'UGUEST' })).maySee({ ...shop, audience: everybody })).toBe(false);
  });

  it('is told apart by the channel in which it is asked', async () => {
    expect(await access().audienceOf('C1')).toEqual(everybody);
    expect(await access().audienceOf('CPRIV')).toEqual({ kind: 'channel', channel: 'CPRIV' });
    expect(await access().audienceOf('CFAR')).toEqual(everybody);
  });
});
