import { describe, expect, it } from 'vitest';
import { probeOutcome } from '../../src/engine/step-outcome.ts';
import { CodedError } from '../../src/errors.ts';

const now = () => new Date('2026-03-01T10:00:00Z');
const step = (timeoutMs: number, attempts = 1) =>
  ({ id: 'far', title: 'Looking far', uses: 'far', needs: [], timeoutMs, attempts }) as const;
const never = new Promise<never>(() => undefined);

describe('a probe', () => {
  it('that does not honour its signal is left behind when its time is up', async () => {
    const outcome = await probeOutcome({ step: step(1), attempt: 1, now }, () => never);
    expect(outcome).toMatchObject({
      type: 'step-failed',
      code: 'engine/timeout',
      because: 'Looking far: no result within 0.001 s.',
      mayRetry: false,
    });
  });
  it('is tried again only where that may help and attempts are left', async () => {
    const fail = (code: 'cluster/unavailable' | 'cluster/forbidden', attempt: number) =>
      probeOutcome({ step: step(60_000, 2), attempt, now }, () => Promise.reject(new CodedError(code, 'no')));
    const outcomes = [await fail('cluster/unavailable', 1), await fail('cluster/unavailable', 2), await fail('cluster/forbidden', 1)];
    expect(outcomes.map((outcome) => 'mayRetry' in outcome && outcome.mayRetry)).toEqual([true, false, false]);
  });
});
