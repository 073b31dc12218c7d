import { describe, expect, it } from 'vitest';
import { readPullSecret } from '../../../src/diagnosis/secret/pull-secret.ts';
import { Secret } from '../../../src/facts/kubernetes/kubernetes-object.ts';

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
    ['an e-mail address that is a number', configJson({ auths: { r: { auth: base64('a:b'), email: 1 } } }), 'has no map of logins'],
    ['headers that are no texts', configJson({ auths: {}, httpheaders: { a: 1 } }), 'has no map of logins'],
    ['padding that is too long', configJson({ auths: { r: { auth: 'YTpi=' } } }), 'has an auth that is not base64'],
    ['padding that is too short', configJson({ auths: { r: { auth: 'YTpiYw=' } } }), 'has an auth that is not base64'],
    ['an auth of other bytes than UTF-8', configJson({ auths: { r: { auth: '/zr+' } } }), 'is not UTF-8'],
  ])('is malformed with %s', (_, secret, because) => {
    expect(readPullSecret(secret)).toMatchObject({ status: 'malformed', because: expect.stringContaining(because) });
  });

  it('is not looked at with more in it than anybody needs', () => {
    const many = configJson({ auths: Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`r${n}`, {}])) });
    const long = secretOf('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': 'A'.repeat(3_000_000) });
    for (const secret of [many, long])
      expect(readPullSecret(secret)).toMatchObject({ status: 'too-large', because: expect.stringContaining('1000 logins') });
  });

  it('is read with field names in any letters, as Go reads them, the last one winning', () => {
    const auth = base64('robot:pw');
    expect(loginOf({ Auths: { r: { AUTH: auth } } })).toEqual(['robot', 'pw']);
    expect(loginOf({ 'auth\u017f': { r: { UserName: 'a', pASSWORD: 'b' } } })).toEqual(['a', 'b']);
    expect(loginOf({ auths: { r: { auth: base64('x:y'), Auth: auth, aUth: null } } })).toEqual(['robot', 'pw']);
    expect(loginOf({ auths: { r: null } })).toEqual(['', '']);
  });

  it('is read with line breaks inside base64', () => {
    expect(loginOf({ auths: { r: { auth: 'YTpi\r\nYw=\n=' } } })).toEqual(['a', 'bc']);
  });

  it('hides a user name without password, which is a token more often than not', () => {
    expect(readPullSecret(configJson({ auths: { r: { auth: base64('token:') } } }))).toMatchObject({
      entries: [{ username: '[redacted]', hasLogin: true }],
    });
  });

  it('without auths, or null, is readable and empty, as Go reads it', () => {
    expect(readPullSecret(configJson({}))).toEqual({ status: 'readable', name: 'regcred', entries: [] });
    expect(readPullSecret(configJson('null'))).toEqual({ status: 'readable', name: 'regcred', entries: [] });
    expect(readPullSecret(config('null'))).toEqual({ status: 'readable', name: 'regcred', entries: [] });
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
