import { describe, expect, it } from 'vitest';
import { backoffDelay, nextRetry } from '../../../src/diagnosis/pod/backoff.ts';

const now = new Date('2026-03-01T10:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();

describe('when the kubelet tries again', () => {
  it.each([
    [1, 10],
    [2, 20],
    [3, 40],
    [4, 80],
    [5, 160],
    [6, 300],
    [60, 300],
  ])('waits after failure %i for %i s', (failures, seconds) => {
    expect(backoffDelay(failures)).toBe(seconds * 1000);
  });

  it('is a time while the delay after the last seen failure runs', () => {
    expect(nextRetry({ failures: 3, lastFailureAt: ago(15) }, now)).toMatchObject({
      at: '2026-03-01T10:00:25.000Z',
      certain: true,
      says: expect.stringContaining('in 25 s'),
    });
  });

  it('is any moment when the delay has just ended, since the kubelet acts at its next sync', () => {
    expect(nextRetry({ failures: 1, lastFailureAt: ago(18) }, now)).toMatchObject({
      certain: true,
      says: expect.stringContaining('any moment'),
    });
  });

  it('is only about when attempts may have gone unseen', () => {
    const retry = nextRetry({ failures: 5, lastFailureAt: ago(1800) }, now);
    expect(retry).toMatchObject({ certain: false, says: expect.stringContaining('about every 5 min') });
    expect(retry).not.toHaveProperty('at');
  });

  it('is only about when no failure was seen', () => {
    expect(nextRetry({ failures: 0 }, now).certain).toBe(false);
  });
});
