import { describe, expect, it } from 'vitest';
import { observed } from '../../../src/diagnosis/evidence.ts';
import type { Finding } from '../../../src/diagnosis/finding.ts';
import { paceFindings } from '../../../src/diagnosis/registry/pull-pace.ts';

const NOW = '2026-03-01T10:10:00Z';
const IMAGE = 'registry.example/shop/web:1';
const pulling = (since: string, code: Finding['code'] = 'pod/pull-no-progress'): Finding => ({
  code,
  says: 'x',
  container: 'app',
  evidence: [observed('pod-event', { from: 'node', at: since, text: 'Pulling image' })],
});
const pace = (finding: Finding, bytes: number, container = 'app') => paceFindings([finding], [{ container, image: IMAGE, bytes }], NOW);

describe('a pull that lasts longer than its size explains', () => {
  it('is told with the size and the time that would be enough, once', () => {
    const [found, ...more] = pace(pulling('2026-03-01T10:05:00Z'), 84_200_000);
    expect(found).toMatchObject({
      code: 'pod/pull-outlasts-size',
      container: 'app',
      says: `The size does not explain it: ${IMAGE} is 84.2 MB compressed, for which 2 min 48 s are enough even on a link of 1.0 MB/s.`,
    });
    expect(more).toEqual([]);
  });

  it.each<[string, readonly Finding[]]>([
    ['of an image that takes as long on a slow link', pace(pulling('2026-03-01T10:05:00Z'), 150_000_000)],
    ['of another container', pace(pulling('2026-03-01T10:05:00Z'), 1, 'side')],
    ['that has not lasted long', pace(pulling('2026-03-01T10:05:00Z', 'pod/pull-in-progress'), 1)],
    ['that began at no known time', pace({ ...pulling(NOW), evidence: [] }, 1)],
    ['that began at an unreadable time', pace(pulling('never'), 1)],
  ])('is not one %s', (_, found) => {
    expect(found).toEqual([]);
  });
});
