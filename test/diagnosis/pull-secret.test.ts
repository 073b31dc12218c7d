import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/diagnosis/kubernetes-object.ts';
import { readPullSecret, secretSkeleton } from '../../src/diagnosis/pull-secret.ts';

const base64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const secretOf = (type: string, data: Record<string, string> | undefined) =>
  Secret.parse({ metadata: { name: 'regcred', namespace: 'shop' }, type, ...(data ? { data } : {}) });
const configJson = (content: unknown) => secretOf('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': base64(content) });
const config = (content: unknown) => secretOf('kubernetes.io/dockercfg', { '.dockercfg': base64(content) });
const token = (payload: unknown) =>
  `${base64({ alg: 'RS256' }).replace(/=+$/, '')}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.signature`;
const loginOf = (content: unknown) => {
  const read = readPullSecret(configJson(content));
  const entry = read.status === 'readable' ? read.entries[0] : undefined;
  const credential = entry?.credential;
  return credential?.kind === 'basic' ? [credential.username, credential.password.reveal()] : undefined;
};

describe('a pull secret', () => {
  it('holds logins by registry in either of two types', () => {
    expect(readPullSecret(configJson({ auths: { 'registry.example': { username: 'a', password: 'b' } } }))).toMatchObject({
      status: 'readable',
      entries: [{ key: 'registry.example', username: 'a', hasLogin: true }],
    });
    expect(readPullSecret(config({ 'registry.example': { username: 'a', password: 'b' } }))).toMatchObject({
      status: 'readable',
      entries: [{ key: 'registry.example', username: 'a' }],
    });
  });

  it('prefers auth to user name and password, padded or not, and keeps colons of the password', () => {
    const entry = { username: 'ignored', password: 'ignored' };
    expect(loginOf({ auths: { r: { ...entry, auth: base64('robot:pass:word') } } })).toEqual(['robot', 'pass:word']);
    expect(loginOf({ auths: { r: { ...entry, auth: base64('robot:pw').replace(/=+$/, '') } } })).toEqual(['robot', 'pw']);
    expect(loginOf({ auths: { r: entry } })).toEqual(['ignored', 'ignored']);
  });

  it('gives the kubelet an empty login where only an identity token stands', () => {
    expect(readPullSecret(configJson({ auths: { r: { identitytoken: 'x' } } }))).toMatchObject({
      entries: [{ hasLogin: false, username: '' }],
    });
  });

  it.each([
    ['another type', secretOf('Opaque', { '.dockerconfigjson': base64({ auths: {} }) }), 'its type is Opaque'],
    ['no type', Secret.parse({ metadata: { name: 'regcred' }, data: {} }), 'its type is Opaque'],
    ['no data', secretOf('kubernetes.io/dockerconfigjson', undefined), 'it has no data under .dockerconfigjson'],
    ["the other type's data", secretOf('kubernetes.io/dockercfg', { '.dockerconfigjson': 'e30=' }), 'it has no data under .dockercfg'],
  ])('is skipped with %s', (_, secret, because) => {
    expect(readPullSecret(secret)).toMatchObject({ status: 'ignored', because });
  });

  it.each([
    ['data that is not base64', secretOf('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{}!' }), 'is not base64'],
    ['text that is not JSON', configJson('auths: {}'), 'is not JSON'],
    ['base64 twice', configJson(base64({ auths: {} })), 'is not JSON'],
    ['a list', configJson([]), 'has no map of logins under auths'],
    ['auths that is a list', configJson({ auths: ['x'] }), 'has no map of logins under auths'],
    ['a password that is a number', configJson({ auths: { r: { username: 'a', password: 1 } } }), 'has no map of logins under auths'],
    ['an auth that is not base64', configJson({ auths: { r: { auth: '***' } } }), 'the entry "r" has an auth that is not base64'],
    [
      'an auth without a colon',
      configJson({ auths: { r: { auth: base64('robot') } } }),
      'the entry "r" has an auth that is not base64 of user:password',
    ],
    ['a map under the old type that is none', config('"x"'), 'is not a map of logins by registry'],
    [
      'more entries than anybody needs',
      configJson({ auths: Object.fromEntries(Array.from({ length: 1001 }, (__, n) => [`r${n}`, {}])) }),
      'has 1001 entries',
    ],
  ])('is malformed with %s', (_, secret, because) => {
    expect(readPullSecret(secret)).toMatchObject({ status: 'malformed', because: expect.stringContaining(because) });
  });

  it('without auths, or null, is readable and empty, as Go reads it', () => {
    expect(readPullSecret(configJson({}))).toEqual({ status: 'readable', name: 'regcred', entries: [] });
    expect(readPullSecret(configJson('null'))).toEqual({ status: 'readable', name: 'regcred', entries: [] });
  });

  it.each([
    ['a JSON web token', token({ exp: 1_770_000_000 }), '2026-02-02T02:40:00.000Z'],
    ['a token of ECR', base64({ payload: 'x', expiration: 1_770_000_000 }), '2026-02-02T02:40:00.000Z'],
    ['a token without an end', token({ sub: 'x' }), undefined],
    ['a token with a silly end', token({ exp: 1e300 }), undefined],
    ['a password', 'correct-horse-battery', undefined],
    ['a password with dots', 'a.b.c', undefined],
  ])('says when %s ends', (_, password, expiresAt) => {
    const read = readPullSecret(configJson({ auths: { r: { username: 'AWS', password } } }));
    expect(read.status === 'readable' ? read.entries[0]?.expiresAt : 'unread').toBe(expiresAt);
  });
});

/** What may be known of a secret: everything but the passwords. */
function shape(secret: Secret) {
  const read = readPullSecret(secret);
  if (read.status !== 'readable') return { status: read.status, because: read.because };
  return {
    status: read.status,
    entries: read.entries.map(({ key, username, hasLogin, expiresAt }) => ({ key, username, hasLogin, expiresAt })),
  };
}

describe('the skeleton of a secret', () => {
  const CANARY = 'canary-Passw0rd';
  const password = fc.oneof(fc.constant(CANARY), fc.constant(''), fc.constant(token({ exp: 1_770_000_000, secret: CANARY })));
  const entry = fc.oneof(
    fc.record({ username: fc.constantFrom('robot', ''), password }),
    fc.record({
      auth: fc.oneof(
        password.map((text) => base64(`robot:${text}`)),
        fc.constant(base64(CANARY)),
        fc.constant(`${CANARY}***`),
      ),
    }),
    fc.record({ identitytoken: fc.constant(CANARY), email: fc.constant(`${CANARY}@x`) }),
  );
  const content = fc.oneof(
    fc.dictionary(fc.constantFrom('registry.example', 'https://index.docker.io/v1/', 'r:5000/x'), entry).map((auths) => ({ auths })),
    fc.constantFrom<unknown>(CANARY, [CANARY], { auths: [CANARY] }, { auths: { r: CANARY } }, `{"auths": ${CANARY}`),
  );
  const secrets = fc.oneof(
    content.map(configJson),
    content.map((value) => secretOf('kubernetes.io/dockercfg', { '.dockercfg': base64((value as { auths?: unknown }).auths ?? value) })),
    fc.constant(secretOf('Opaque', { password: base64(CANARY) })),
    fc.constant(secretOf('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': `${CANARY}!` })),
  );

  it('reads as the secret does and holds nothing secret in any spelling', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const skeleton = secretSkeleton(secret);
        expect(shape(skeleton)).toEqual(shape(secret));
        expect(secretSkeleton(skeleton)).toEqual(skeleton);
        const text = JSON.stringify(skeleton);
        const inside = Object.values(skeleton.data ?? {}).map((value) => Buffer.from(value, 'base64').toString());
        for (const spelling of [
          text,
          ...inside,
          ...inside.map((value) => Buffer.from(value.replace(/[^A-Za-z0-9+/]/g, ''), 'base64').toString('latin1')),
        ])
          expect(spelling).not.toContain(CANARY);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves out annotations, in which kubectl repeats the whole secret', () => {
    const raw = {
      ...configJson({ auths: {} }),
      metadata: { name: 'regcred', namespace: 'shop', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': CANARY } },
    };
    expect(JSON.stringify(secretSkeleton(Secret.parse(raw)))).not.toContain(CANARY);
  });
});
