import { describe, expect, it } from 'vitest';
import { fitFindings } from '../../../src/diagnosis/registry/image-fit.ts';
import { diagnoseRecording } from '../../support/diagnosis.ts';
import { makeWorld } from '../../support/made-worlds.ts';

const GB = 1_000_000_000;
const size = { container: 'app', image: 'registry.example/shop/web:1', bytes: 20 * GB };
const space = (free: number | undefined, capacity: number | undefined) => ({ node: 'node-1', freeBytes: free, capacityBytes: capacity });

describe('an image', () => {
  it('may be too large for what is free', () => {
    expect(fitFindings([size], space(60 * GB, 100 * GB), 'x')).toMatchObject([
      {
        code: 'node/image-does-not-fit',
        container: 'app',
        says: expect.stringContaining(
          'about 80.0 GB with its unpacked layers, if none of them is there already, and node-1 has 60.0 GB free',
        ),
      },
    ]);
  });

  it('is certainly too large for a disk that is smaller than it', () => {
    expect(fitFindings([size], space(1 * GB, 15 * GB), 'x')).toMatchObject([
      {
        code: 'node/image-exceeds-disk',
        says: 'registry.example/shop/web:1 cannot fit: it is 20.0 GB compressed, and the whole disk on which node-1 stores images has 15.0 GB.',
      },
    ]);
  });

  it.each<[string, number | undefined, number | undefined]>([
    ['it fits', 80 * GB, 100 * GB],
    ['nobody knows the disk', undefined, undefined],
    ['the kubelet reports a disk of no size', undefined, 0],
  ])('is nothing to tell where %s', (_, free, capacity) => {
    expect(fitFindings([size], space(free, capacity), 'x')).toEqual([]);
  });
});

describe('a diagnosis', () => {
  const fits = (run: Awaited<ReturnType<typeof diagnoseRecording>>) => run.findings.filter(({ code }) => /fit|exceeds/.test(code));

  it('is confirmed by a disk that is smaller than the image, and shows that', async () => {
    const { recording, sources } = makeWorld('made-image-larger-than-disk');
    const run = await diagnoseRecording(recording, sources);
    expect(run.conclusion?.verdict).toMatchObject({ cause: 'disk-full', confidence: 'confirmed' });
    expect(fits(run)).toMatchObject([{ code: 'node/image-exceeds-disk' }]);
    expect(run.conclusion?.verdict.because).toContain(fits(run)[0]?.says);
  });

  it('shows once that an image may not fit into what is free', async () => {
    const { recording, sources } = makeWorld('made-disk-full');
    const run = await diagnoseRecording(recording, {
      ...sources,
      kubelet: { ...sources.kubelet, readStats: async () => ({ node: { fs: { availableBytes: 200_000_000, capacityBytes: 100 * GB } } }) },
    });
    expect(fits(run)).toMatchObject([{ code: 'node/image-does-not-fit' }]);
    expect(run.conclusion?.verdict.because).toContain(fits(run)[0]?.says);
  });
});
