import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalReference, parseImageReference } from '../../src/facts/image-reference.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** text, registry, repository, tag, digest */
const VALID: readonly (readonly [string, string, string, string | undefined, string | undefined])[] = [
  ['nginx', 'docker.io', 'library/nginx', 'latest', undefined],
  ['nginx:1.27', 'docker.io', 'library/nginx', '1.27', undefined],
  ['team/app', 'docker.io', 'team/app', 'latest', undefined],
  ['docker.io/nginx', 'docker.io', 'library/nginx', 'latest', undefined],
  ['index.docker.io/team/app:2', 'docker.io', 'team/app', '2', undefined],
  ['localhost/app', 'localhost', 'app', 'latest', undefined],
  ['localhost:5000/app:dev', 'localhost:5000', 'app', 'dev', undefined],
  ['registry.example/a/b/c:v1', 'registry.example', 'a/b/c', 'v1', undefined],
  ['registry.example:443/app', 'registry.example:443', 'app', 'latest', undefined],
  ['192.0.2.7:5000/app:1', '192.0.2.7:5000', 'app', '1', undefined],
  ['[2001:db8::7]:5000/app:1', '[2001:db8::7]:5000', 'app', '1', undefined],
  ['[2001:db8::7]/app', '[2001:db8::7]', 'app', 'latest', undefined],
  [`registry.example/app@${DIGEST}`, 'registry.example', 'app', undefined, DIGEST],
  [`registry.example/app:1.0@${DIGEST}`, 'registry.example', 'app', '1.0', DIGEST],
  [`app@${DIGEST}`, 'docker.io', 'library/app', undefined, DIGEST],
  ['timeout/unauthorized:not-found', 'docker.io', 'timeout/unauthorized', 'not-found', undefined],
  ['a__b/c--d/e.f_g:TAG', 'docker.io', 'a__b/c--d/e.f_g', 'TAG', undefined],
  ['UPPER.example/app', 'UPPER.example', 'app', 'latest', undefined],
];

/** text, a part of the reason */
const INVALID: readonly (readonly [string, string])[] = [
  ['', 'empty'],
  ['Web', 'lowercase'],
  ['UPPER/Case', 'lowercase ("Case")'],
  ['registry.example/Team/app', 'lowercase ("Team")'],
  ['registry.example//app', 'empty part'],
  ['registry.example/app/', 'empty part'],
  ['/app', 'empty part'],
  ['nginx:', 'no tag after it'],
  ['nginx:a b', 'white space at position 8'],
  ['nginx:-1', 'the tag "-1"'],
  [`nginx:${'a'.repeat(129)}`, '129 characters'],
  ['https://registry.example/app', 'has no scheme'],
  ['docker://nginx', 'has no scheme'],
  ['nginx@sha256:abc', 'not a digest'],
  [`nginx@sha256:${'a'.repeat(63)}`, '63 hexadecimal characters; sha256 has 64'],
  [`@${DIGEST}`, 'no name before the @'],
  ['a'.repeat(64).replaceAll('a', 'f'), 'image ID'],
  ['registry.example:port/app', 'port "port" is not a number'],
  ['registry.example:99999/app', 'above 65535'],
  ['-registry.example/app', 'registry host'],
  ['registry..example/app', 'an empty label'],
  ['[2001:zz]/app', 'IPv6'],
  ['team/app_', 'separators'],
  ['team/.app', 'separators'],
  ['team/a___b', 'separators'],
  ['team/ap$p', 'character "$"'],
  ['<registry>/app', 'character "<"'],
  [`team/${'a'.repeat(260)}`, 'the limit is 255'],
];

describe('an image reference', () => {
  it.each(VALID)('%s is read as %s, %s', (text, registry, repository, tag, digest) => {
    const parsed = parseImageReference(text);
    if (parsed.status === 'invalid') throw new Error(parsed.because);
    const { reference } = parsed;
    expect({ ...reference, tag: reference.tag, digest: reference.digest }).toEqual({ text, registry, repository, tag, digest });
  });

  it.each(INVALID)('%j is refused and the reason names the rule: %s', (text, reason) => {
    const parsed = parseImageReference(text);
    expect(parsed).toMatchObject({ status: 'invalid' });
    expect(parsed.status === 'invalid' && parsed.because).toContain(reason);
  });

  it('means the same when its canonical form is read again', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const text = fc
      .tuple(
        fc.constantFrom('', 'registry.example/', 'localhost:5000/', '[::1]:80/'),
        fc.array(component, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', ':v1', `@${DIGEST}`, `:v1@${DIGEST}`),
      )
      .map(([registry, parts, version]) => `${registry}${parts.join('/')}${version}`);
    fc.assert(
      fc.property(text, (given) => {
        const once = parseImageReference(given);
        if (once.status === 'invalid') throw new Error(once.because);
        const canonical = canonicalReference(once.reference);
        const again = parseImageReference(canonical);
        if (again.status === 'invalid') throw new Error(again.because);
        expect(canonicalReference(again.reference)).toBe(canonical);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => ['valid', 'invalid'].includes(parseImageReference(text).status)));
  });
});
