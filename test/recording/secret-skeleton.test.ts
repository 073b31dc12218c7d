import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookUp } from '../../src/diagnosis/secret/keyring.ts';
import { readPullSecret } from '../../src/diagnosis/secret/pull-secret.ts';
import { Secret } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { createPasswordNumbers, secretSkeleton } from '../../src/recording/secret-skeleton.ts';

const base64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const secretOf = (type: string, data: Record<string, string> | undefined) =>
  Secret.parse({ metadata: { name: 'regcred', namespace: 'shop' }, type, ...(data ? { data } : {}) });
const configJson = (content: unknown) => secretOf('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': base64(content) });
const token = (payload: unknown) =>
  `${base64({ alg: 'RS256' }).replace(/=+$/, '')}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.signature`;

/** What may be known of a secret: everything but the passwords. */
function shape(secret: Secret) {
  const read = readPullSecret(secret);
  if (read.status !== 'readable') return { status: read.status, because: read.because };
  return {
    status: read.status,
    entries: read.entries.map(({ key, index, username, hasLogin, expiresAt }) => ({ key, index, username, hasLogin, expiresAt })),
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
    fc
      .dictionary(
        fc.constantFrom(
          'registry.example',
          'https://index.docker.io/v1/',
          'r:5000/x',
          `https://robot:${CANARY}@registry.example`,
          `robot:${CANARY}@registry.example`,
          `robot:pa/${CANARY}@registry.example`,
          `registry.example?password=${CANARY}`,
          `registry.example#${CANARY}`,
          'us er@registry.example',
        ),
        entry,
      )
      .map((auths) => ({ auths })),
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

  it('keeps apart two passwords of one user, and tells alike ones', () => {
    const of = (password: string) => configJson({ auths: { 'registry.example': { username: 'robot', password } } });
    const numberOf = createPasswordNumbers();
    const logins = (...passwords: string[]) =>
      lookUp(
        'registry.example/web:1',
        passwords.map((password) => readPullSecret(secretSkeleton(of(password), numberOf))),
      ).matches.length;
    expect(logins('old', 'new')).toBe(2);
    expect(logins('new', 'new')).toBe(1);
  });

  it('of a secret that is too large is too large', () => {
    const many = configJson({ auths: Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`r${n}`, { username: CANARY }])) });
    const skeleton = secretSkeleton(many);
    expect(readPullSecret(skeleton)).toEqual(readPullSecret(many));
    expect(secretSkeleton(skeleton)).toEqual(skeleton);
  });

  it('leaves out annotations, in which kubectl repeats the whole secret', () => {
    const raw = {
      ...configJson({ auths: {} }),
      metadata: { name: 'regcred', namespace: 'shop', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': CANARY } },
    };
    expect(JSON.stringify(secretSkeleton(Secret.parse(raw)))).not.toContain(CANARY);
  });
});
