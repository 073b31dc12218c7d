import { describe, expect, it } from 'vitest';
import { phaseOf } from '../../src/runbook/phase.ts';
import { applyEvent, type Run, type RunEvent } from '../../src/runbook/run.ts';
import { conclusionObject, runObject } from '../support/incidents.ts';

const at = '2026-03-01T10:00:00Z';
const runWith = (...events: readonly RunEvent[]): Run => events.reduce(applyEvent, runObject({ id: 'r1' }));
const concluded: RunEvent = { type: 'concluded', conclusion: conclusionObject('tag-not-found') };
const proposed = (planId: string): RunEvent => ({ type: 'plan-proposed', planId, at });
const plan = (type: 'plan-approved' | 'plan-applied' | 'plan-ended', planId = 'p1'): RunEvent => ({ type, planId, at });

describe('the phase of a run', () => {
  it('goes from the diagnosis over a plan to its end', () => {
    const events = [concluded, proposed('p1'), plan('plan-approved'), plan('plan-applied'), plan('plan-ended')];
    const phases = [0, 1, 2, 3, 4, 5].map((count) => phaseOf(runWith(...events.slice(0, count))));
    expect(phases).toEqual(['diagnosing', 'concluded', 'waiting', 'acting', 'verifying', 'ended']);
  });
  it('has ended where there is nothing to mend', () => {
    expect(phaseOf(runWith({ type: 'concluded', conclusion: conclusionObject(null) }))).toBe('ended');
  });
});

describe('a plan', () => {
  it('cannot be proposed before the verdict', () => {
    expect(runWith(proposed('p1')).plan).toBeUndefined();
  });
  it('gives way to a newer one as long as nobody acts on it, and not after', () => {
    expect(runWith(concluded, proposed('p1'), proposed('p2')).plan).toMatchObject({ planId: 'p2', status: 'proposed' });
    expect(runWith(concluded, proposed('p1'), plan('plan-approved'), proposed('p2')).plan).toMatchObject({
      planId: 'p1',
      status: 'acting',
    });
    expect(runWith(concluded, proposed('p1'), plan('plan-ended'), proposed('p2')).plan).toMatchObject({ planId: 'p2', status: 'proposed' });
  });
  it('is not moved by an event of another plan, nor by one that is not due', () => {
    expect(runWith(concluded, proposed('p2'), plan('plan-approved', 'p1')).plan?.status).toBe('proposed');
    expect(runWith(concluded, proposed('p1'), plan('plan-applied')).plan?.status).toBe('proposed');
    expect(runWith(concluded, proposed('p1'), plan('plan-ended'), plan('plan-approved')).plan?.status).toBe('ended');
  });
});
