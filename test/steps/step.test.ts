import { describe, expectTypeOf, it } from 'vitest';
import type { Probe, ProbeContext, Remedy, RemedyContext, Verify, VerifyContext } from '../../src/steps/step.ts';

describe('the kinds of steps', () => {
  it('let only a remedy write, and never give it up half-way', () => {
    expectTypeOf<ProbeContext>().not.toHaveProperty('writer');
    expectTypeOf<VerifyContext>().not.toHaveProperty('writer');
    expectTypeOf<RemedyContext>().toHaveProperty('writer');
    expectTypeOf<RemedyContext>().not.toHaveProperty('signal');
  });
  it('cannot stand for one another', () => {
    expectTypeOf<Remedy>().not.toExtend<Probe>();
    expectTypeOf<Remedy>().not.toExtend<Verify>();
    expectTypeOf<Probe>().not.toExtend<Verify>();
  });
});
