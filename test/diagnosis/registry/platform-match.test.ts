import { describe, expect, it } from 'vitest';
import { memberFor, platformsOf } from '../../../src/diagnosis/registry/platform-match.ts';
import type { IndexMember } from '../../../src/facts/registry-answer.ts';

const member = (name: string): IndexMember => {
  if (name === 'any') return { digest: name };
  const [os = '', architecture = '', variant] = name.split('/');
  return { digest: name, platform: { os, architecture, ...(variant ? { variant } : {}) } };
};
const node = (name: string) => {
  const [os = '', architecture = ''] = name.split('/');
  return { os, architecture };
};

describe('the member of an index for a node', () => {
  it.each([
    ['linux/amd64', ['linux/amd64', 'linux/arm64'], 'linux/amd64'],
    ['linux/arm64', ['linux/arm64/v8'], 'linux/arm64/v8'],
    ['linux/arm', ['linux/arm/v5', 'linux/arm/v7', 'linux/arm/v6'], 'linux/arm/v7'],
    ['linux/arm', ['linux/arm/v5', 'linux/arm/v6'], 'linux/arm/v6'],
    ['linux/arm', ['linux/arm/v8'], undefined],
    ['linux/amd64', ['linux/amd64/v3'], undefined],
    ['linux/amd64', ['linux/amd64/v3', 'linux/amd64/v1'], 'linux/amd64/v1'],
    ['linux/amd64', ['linux/386'], 'linux/386'],
    ['linux/arm64', ['linux/arm/v7'], 'linux/arm/v7'],
    ['linux/s390x', ['linux/s390x'], 'linux/s390x'],
    ['linux/arm', ['linux/arm64/v8'], undefined],
    ['linux/amd64', ['linux/arm64', 'windows/amd64'], undefined],
    ['linux/amd64', ['any'], 'any'],
    ['linux/amd64', ['any', 'linux/amd64'], 'linux/amd64'],
    ['linux/amd64', [], undefined],
  ])('%s among %j is %s', (platform, members, digest) => {
    expect(memberFor(node(platform), members.map(member))?.digest).toBe(digest);
  });

  it('is one of those that people are told', () => {
    expect(platformsOf([member('linux/amd64'), member('linux/arm/v7'), member('linux/amd64'), member('any')])).toBe(
      'linux/amd64, linux/arm/v7 and any platform',
    );
  });
});
