import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexOf, shownKey } from '../../../src/diagnosis/secret/registry-key.ts';

describe('a key of a pull secret', () => {
  it.each([
    ['https://index.docker.io/v1/', 'https://index.docker.io/v1/'],
    ['registry.example:5000/team', 'registry.example:5000/team'],
    ['registry.example/app@sha256:0123abcd', 'registry.example/app@sha256:0123abcd'],
    [' registry.example ', 'registry.example'],
    ['https://registry.example/?service=x', 'https://registry.example/'],
    ['https://robot@registry.example', 'https://registry.example'],
    ['robot:pass/word@registry.example', 'registry.example'],
    ['robot:pass?word@registry.example', '[redacted]'],
    ['oci://robot:password@registry.example', 'oci://registry.example'],
    ['ghp_0123456789abcdefABCDEF0123456789abcd', '[redacted]'],
  ])('%s is shown as %s', (key, shown) => {
    expect(shownKey(key)).toBe(shown);
  });

  it('never shows a user name or password, however it is spelled', () => {
    const scheme = fc.constantFrom('', 'https://', 'HTTPS://', 'oci://', '//', 'https:/', ' https://');
    const around = fc.string({ unit: fc.constantFrom('/', '?', '#', '@', ':', '%', ' ', 'x', '[', ']') });
    fc.assert(
      fc.property(scheme, around, around, (front, before, after) => {
        expect(shownKey(`${front}robot:${before}CANARY${after}@registry.example`)).not.toContain('CANARY');
        expect(shownKey(`${front}registry.example/?${before}CANARY${after}`)).not.toContain('CANARY');
      }),
      { numRuns: 2000 },
    );
  });

  it('may be of any length', () => {
    expect(shownKey('a'.repeat(2_000_000))).toHaveLength(300);
    expect(shownKey('@'.repeat(2_000_000))).toBe('');
  });
});

describe('the name under which the kubelet files a login', () => {
  it.each([
    ['https://index.docker.io/v1/', 'index.docker.io'],
    ['https://registry.example:5000/', 'registry.example:5000'],
    ['registry.example/v2/team', 'registry.example/team'],
    ['registry.example/v2', 'registry.example/v2'],
    ['registry.example/%74eam', 'registry.example/team'],
    ['[2001:db8::1]:5000/x', '[2001:db8::1]:5000/x'],
    ['', ''],
    ['registry.example\n', undefined],
    ['us er@registry.example', undefined],
  ])('of %j is %j', (key, index) => {
    expect(indexOf(key)).toBe(index);
  });
});
