import { describe, expect, it } from 'vitest';
import { logNames, mentionOf, newestOfEachKind } from '../../src/facts/log-mentions.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;

describe('a line of a log', () => {
  it.each<[string, string, boolean]>([
    ['registry.example/shop/web:1', 'msg="PullImage \\"registry.example/shop/web:1\\""', true],
    ['registry.example/shop/web:1', 'stop pulling image registry.example/shop/web:1: active requests=0, bytes read=0', true],
    ['registry.example/shop/web:1', 'Back-off pulling image registry.example/shop/web:1.', true],
    ['registry.example/shop/web:1', `image="registry.example/shop/web:1@${DIGEST}"`, true],
    ['registry.example/shop/web:1', 'Head "https://mirror.example/v2/shop/web/manifests/1?ns=registry.example": EOF', true],
    ['registry.example/shop/web:1', 'PullImage "registry.example/shop/web:1.2"', false],
    ['registry.example/shop/web:1', 'PullImage "registry.example/shop/web:10"', false],
    ['registry.example/shop/web:1', 'PullImage "registry.example/shop/web:1-debug"', false],
    ['registry.example/shop/web:1', 'PullImage "registry.example/shop/web:2"', false],
    ['registry.example/shop/web:1', 'GET /v2/shop/web/manifests/1.2', false],
    ['shop/web:1', 'PullImage "registry.example/shop/web:1"', false],
    ['shop/web:1', 'PullImage "docker.io/shop/web:1"', true],
    ['nginx', 'PullImage "docker.io/library/nginx:latest"', true],
    ['nginx', 'image="nginx"', true],
    ['nginx', 'image="nginx:1.27"', false],
    ['nginx', 'image="nginx-exporter"', false],
    ['nginx', 'image="nginx/nginx"', false],
    ['nginx', `image="nginx@${OTHER}"`, false],
    [`registry.example/shop/web@${DIGEST}`, `unpacking ${DIGEST}`, true],
    [`registry.example/shop/web:1@${DIGEST}`, `PullImage "registry.example/shop/web@${DIGEST}"`, true],
    [`registry.example/shop/web@${DIGEST}`, `PullImage "registry.example/shop/web@${OTHER}"`, false],
  ])('%s is meant by: %s (%s)', (image, line, isMeant) => {
    expect(mentionOf(line, logNames(image)) >= 0).toBe(isMeant);
  });

  it('stands for all of its kind', () => {
    expect(newestOfEachKind(['E1 pull a failed after 1 s', 'I2 pull a', 'E3 pull a failed after 20 s', 'I4 unpack deadbeef01'])).toEqual([
      'I2 pull a',
      'E3 pull a failed after 20 s',
      'I4 unpack deadbeef01',
    ]);
  });

  it('of megabytes costs little', () => {
    expect(mentionOf('registry.example/shop/web:1'.repeat(100_000), logNames('registry.example/shop/web:1'))).toBe(-1);
  });
});
