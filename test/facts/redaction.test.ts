import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact, redactDeep } from '../../src/facts/redaction.ts';
import { rules } from '../support/rules.ts';

/** Ways in which a secret stands in a text; CANARY is the secret. */
const SHAPES: readonly (readonly [string, string])[] = [
  ['a password in a URL', 'Get "https://robot:CANARY@registry.example/v2/": EOF'],
  ['a token in a URL', 'Get "https://CANARY@registry.example/v2/": EOF'],
  ['a basic header', 'Authorization: Basic CANARY'],
  ['a bearer header', 'request failed: Authorization: Bearer CANARY, retrying'],
  ['a header in a map', 'headers=map[Authorization:[Bearer CANARY] Accept:[*/*]]'],
  ['a bearer word', 'sent bearer CANARY to registry.example'],
  ['a registry header', 'X-Registry-Auth: CANARY'],
  ['a docker auth blob', '{"auths":{"registry.example":{"username":"robot","password":"CANARY","auth":"CANARY"}}}'],
  ['an escaped auth blob', '{\\"auths\\":{\\"registry.example\\":{\\"auth\\":\\"CANARY\\"}}}'],
  ['an identity token', '{"identitytoken":"CANARY","registrytoken":"CANARY"}'],
  ['a token answer', '{"token":"CANARY","access_token":"CANARY","expires_in":300}'],
  [
    'an S3 signature',
    'Get "https://bucket.example/layer?X-Amz-Credential=CANARY&X-Amz-Date=20260301T000000Z&X-Amz-Signature=CANARY&X-Amz-Security-Token=CANARY": EOF',
  ],
  ['an Azure signature', 'Get https://data.example/layer?se=2026-03-01T00%3A00%3A00Z&sig=CANARY&sp=r: EOF'],
  ['a Google signature', 'Get "https://storage.example/layer?X-Goog-Signature=CANARY&GoogleAccessId=CANARY": EOF'],
  ['a CDN signature', 'Get "https://cdn.example/data?verify=CANARY&Signature=CANARY&Key-Pair-Id=CANARY": EOF'],
  ['a token parameter', 'Get "https://registry.example/v2/?token=CANARY&scope=repository%3Aweb%3Apull": EOF'],
  ['a command line', 'kubectl create secret docker-registry x --docker-password=CANARY --docker-username=robot'],
  ['a flag of its own', 'docker login --password CANARY registry.example'],
  ['a YAML line', 'password: CANARY'],
  ['an assignment', 'REGISTRY password=CANARY, user=robot'],
  ['a connection string', 'AccountName=acme;AccountKey=CANARY;EndpointSuffix=example'],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----'],
  ['a private key in one line', '-----BEGIN PRIVATE KEY-----\\nCANARY\\n-----END PRIVATE KEY-----'],
];

/** Keys that are known by their shape alone. */
const KEYS: readonly string[] = [
  'AKIAIOSFODNN7EXAMPLE',
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'github_pat_11ABCDEFG0123456789_abcdefghijklmnopqrstuvwxyz',
  'glpat-0123456789abcdefghij',
  'xoxb-123456789012-abcdefghijkl',
  'xapp-1-A0123456789-abcdef',
  'dckr_pat_0123456789abcdefghijklmnop',
  'npm_0123456789abcdefghijklmnopqrstuvwxyz',
  'hvs.CAESIJ0123456789abcdef',
  'ya29.a0AfH6SMBx0123456789',
  'AIzaSyA-0123456789abcdefghijklmnopqrstuv',
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyb2JvdCJ9.c2lnbmF0dXJl',
];

/** What a diagnosis needs; none of it is secret. */
const HARMLESS: readonly string[] = [
  'Failed to pull image "registry.example:5000/shop/web:1.4@sha256:4514e2565b299b4fedfdba35d61265609ad878b145f49be3d59cc53c5655eced": not found',
  'failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://auth.example/token?scope=repository%3Ashop%2Fweb%3Apull&service=registry.example: 401 Unauthorized',
  'server message: invalid_token: authorization failed',
  'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
  'denied: Your authorization token has expired. Reauthenticate and try again.',
  'Requesting bearer token: invalid status code from registry 403 (Forbidden)',
  'unauthorized: authentication required',
  'no basic auth credentials',
  'unauthorized: incorrect username or password',
  'unexpected status from HEAD request to https://mirror.example/v2/web/manifests/1?ns=docker.io: 500 Internal Server Error',
  'dial tcp: lookup registry.example on 192.0.2.53:53: no such host',
  'Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.',
];

describe('a secret is taken out', () => {
  it.each(SHAPES)('of %s', (_, text) => {
    const redacted = redact(text.replaceAll('CANARY', 'c4nary-Secret_value01'));
    expect(redacted).not.toContain('c4nary');
    expect(redacted).toContain('[redacted]');
  });

  it.each(KEYS)('when it looks like %s', (key) => {
    expect(redact(`the key ${key} was refused`)).toBe('the key [redacted] was refused');
  });

  it('wherever it stands and whatever it is made of', () => {
    const secret = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{8,20}[0-9][A-Za-z0-9_-]{8,20}$/);
    fc.assert(
      fc.property(
        fc.constantFrom(...SHAPES),
        secret,
        fc.string({ maxLength: 40 }),
        fc.string({ maxLength: 40 }),
        ([, shape], value, before, after) => {
          // Quotes and line ends of their own would end the shape before the secret.
          const text = `${before.replace(/["'\\-]/g, '')}\n${shape.replaceAll('CANARY', value)}\n${after}`;
          expect(redact(text)).not.toContain(value);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('from every string of a value, and from whatever stands under a secret key', () => {
    const value = {
      data: { '.dockerconfigjson': 'eyJhdXRo' },
      list: ['https://u:c4nary@r.example/'],
      auth: 'c4nary',
      password: 'c4nary',
      count: 3,
      none: null,
    };
    const redacted = redactDeep(value);
    expect(JSON.stringify(redacted)).not.toMatch(/c4nary|eyJhdXRo/);
    expect(redacted).toMatchObject({ count: 3, none: null, list: ['https://[redacted]@r.example/'] });
  });
});

describe('what is no secret stays', () => {
  it.each(HARMLESS)('%s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('in every sample of the rules', () => {
    for (const { samples } of rules.rules) for (const sample of samples) expect(redact(sample)).toBe(sample);
  });
});

describe('redaction', () => {
  it('changes nothing when it is done twice', () => {
    for (const [, text] of SHAPES) {
      const once = redact(text.replaceAll('CANARY', 'c4nary-Secret_value01'));
      expect(redact(once)).toBe(once);
    }
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => redact(redact(text)) === redact(text)));
  });

  it('leaves text without any trigger alone', () => {
    fc.assert(fc.property(fc.stringMatching(/^[ a-d.]{0,200}$/), (text) => redact(text) === text));
  });
});
