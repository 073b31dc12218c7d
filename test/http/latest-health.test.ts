import { describe, expect, it } from 'vitest';
import type { Health } from '../../src/health.ts';
import { latestHealth } from '../../src/http/latest-health.ts';

describe('what is known of a part', () => {
  it('is asked once for all who ask within a few seconds, and then anew', async () => {
    let at = Date.parse('2026-03-01T10:00:00Z');
    let asked = 0;
    const check = async (): Promise<Health> => ({ status: 'well', says: `asked ${++asked} times` });
    const latest = latestHealth('slack', { check }, () => new Date(at));
    await latest();
    expect(await latest()).toEqual({ status: 'well', says: 'asked 1 times', asked: '2026-03-01T10:00:00.000Z' });
    at += 5_000;
    expect(await latest()).toMatchObject({ says: 'asked 2 times', asked: '2026-03-01T10:00:05.000Z' });
  });

  it('stays known while the part does not answer, and one question is on its way at a time', async () => {
    let at = 0;
    let asked = 0;
    const latest = latestHealth(
      'slack',
      {
        check() {
          asked += 1;
          return asked === 1 ? Promise.resolve<Health>({ status: 'well', says: 'fine' }) : new Promise<Health>(() => undefined);
        },
      },
      () => new Date(at),
    );
    await latest();
    at += 60_000;
    expect(await Promise.all([latest(), latest()])).toEqual(
      Array(2).fill({ status: 'well', says: 'fine', asked: new Date(0).toISOString() }),
    );
    expect(asked).toBe(2);
  });
});
