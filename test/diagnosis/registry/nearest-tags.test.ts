import { describe, expect, it } from 'vitest';
import { nearestTags } from '../../../src/diagnosis/registry/nearest-tags.ts';

const SHA = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';

describe('the tags nearest to a missing one', () => {
  it.each<[wanted: string, tags: readonly string[], nearest: readonly string[]]>([
    // Case and the leading v.
    ['Latest', ['latest', 'stable'], ['latest']],
    ['RELEASE-1', ['release-1', 'release-2'], ['release-1', 'release-2']],
    ['v1.27', ['1.27', '1.26'], ['1.27', '1.26']],
    ['1.27', ['v1.27', 'v1.27.1'], ['v1.27', 'v1.27.1']],
    ['V2', ['v2', '2'], ['v2', '2']],
    // Shortened and longer versions.
    ['1.27', ['1.27.3', '1.27.4', '1.26.9'], ['1.27.4', '1.27.3', '1.26.9']],
    ['1.27.3', ['1.27', '1'], ['1.27', '1']],
    ['1', ['1.0', '2.0'], ['1.0']],
    ['1.27.0', ['1.27.1', '1.27.9', '1.28.0'], ['1.27.1', '1.27.9', '1.28.0']],
    ['1.27.5', ['1.27.4', '1.27.6', '1.27.14'], ['1.27.6', '1.27.4', '1.27.14']],
    ['1.27', ['1.28', '1.30', '1.24'], ['1.28', '1.30', '1.24']],
    ['2.0', ['1.9', '1.8'], []],
    // Variants.
    ['1.27-alpine', ['1.27.3-alpine', '1.27.3', '1.26-alpine'], ['1.27.3-alpine', '1.26-alpine']],
    ['1.27.3-alpin', ['1.27.3-alpine', '1.27.3'], ['1.27.3-alpine', '1.27.3']],
    ['1.27', ['1.27-alpine', '1.27-slim'], ['1.27-alpine', '1.27-slim']],
    ['1.27.3-slim', ['1.27.3', '1.27.2-slim'], ['1.27.3', '1.27.2-slim']],
    // Hashes.
    ['a1b2c3d', [SHA, 'main'], [SHA]],
    ['a1b2c3d', [`main-${SHA}`, 'main'], [`main-${SHA}`]],
    [SHA, ['a1b2c3d', 'main'], ['a1b2c3d']],
    ['sha-a1b2c3d', ['sha-a1b2c3d4e5f6'], ['sha-a1b2c3d4e5f6']],
    [SHA, ['sha-a1b2c3d', 'main'], ['sha-a1b2c3d']],
    ['sha-a1b2c3d', [SHA], [SHA]],
    ['1.27', ['1.27.3', '1.27.3'], ['1.27.3']],
    ['1234567', [`1234567${'a'.repeat(33)}`], []],
    // Spelling.
    ['lastest', ['latest', 'stable'], ['latest']],
    ['stabel', ['stable', 'latest'], ['stable']],
    ['prod', ['production', 'prod-2024', 'dev'], ['prod-2024']],
    ['main-2024', ['main', 'mian-2024'], ['main', 'mian-2024']],
    ['release_1', ['release-1'], ['release-1']],
    // What is not near.
    ['ab', ['cd', 'ef'], []],
    ['latest', ['1.0', '2.0'], []],
    ['1.2.3', ['7.8.9'], []],
    ['web', ['web'], []],
    ['2024-01-15', ['2024-01-14', '2023-12-31'], ['2024-01-14']],
  ])('%s among %j are %j', (wanted, tags, nearest) => {
    expect(nearestTags(wanted, tags).map(({ tag }) => tag)).toEqual(nearest);
  });

  it('come with a reason, five at most', () => {
    expect(nearestTags('1.27', ['1.27.3'])).toEqual([{ tag: '1.27.3', because: 'is a release of this version' }]);
    expect(
      nearestTags(
        '1.27',
        Array.from({ length: 50 }, (_, n) => `1.27.${n}`),
      ).map(({ tag }) => tag),
    ).toEqual(['1.27.49', '1.27.48', '1.27.47', '1.27.46', '1.27.45']);
  });
});
