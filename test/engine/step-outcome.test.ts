import { describe, expect, it, vi } from 'vitest';
import { probeOutcome, remedyOutcome } from '../../src/engine/step-outcome.ts';
import { CodedError } from '../../src/errors.ts';
import type { RemedyContext, RemedyResult } from '../../src/steps/step.ts';
import { podObject } from '../support/objects.ts';
import { probeContext } from '../support/probe-context.ts';

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

describe('a remedy', () => {
  const context: RemedyContext = {
    cluster: probeContext(podObject({ name: 'web-0' })).cluster,
    writer: { planId: 'p1', apply: () => Promise.reject(new Error('not called')) },
    now: now(),
  };

  it('is waited for beyond its limit, and its own word is its outcome', async () => {
    const applied: RemedyResult = { status: 'applied', says: 'The pod was deleted.' };
    const acting = Promise.withResolvers<RemedyResult>();
    // The remedy ends only once its limit has passed.
    const late = vi.fn(() => acting.resolve(applied));
    expect(await remedyOutcome(() => acting.promise, context, { ms: 1, late })).toEqual(applied);
    expect(late).toHaveBeenCalledOnce();
  });
  it('that throws may have written, so its outcome is unknown', async () => {
    const outcome = await remedyOutcome(() => Promise.reject(new CodedError('cluster/unavailable', 'The connection was cut.')), context, {
      ms: 60_000,
      late: () => undefined,
    });
    expect(outcome).toEqual({ status: 'unknown', says: 'What became of it is not known: The connection was cut.' });
  });
});
