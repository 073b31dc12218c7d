import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/approval/decision.ts';
import { findingsDigest, planDigest } from '../../src/approval/plan.ts';
import { type Question, statusOf } from '../../src/approval/status.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { questionOf } from '../support/approvals.ts';

const minutes = fc.integer({ min: 0, max: 90 }).map((n) => `${n}m`);
/** Who can never approve the plan of these tests: it was proposed by ann, started by dan, its tag was chosen by bob. */
const barred = fc.oneof(
  fc.record({ approve: fc.constantFrom('ann', 'dan', 'bob', 'hal', 'gil'), after: minutes }),
  fc.record({ approve: fc.constantFrom('fay', 'eve'), organisation: fc.constantFrom('T0OTHER', 'E0OTHER'), after: minutes }),
  fc.record({ approve: fc.constantFrom('fay', 'eve'), otherPlan: fc.constant(true), after: minutes }),
  // Other Slack ids of those who asked.
  fc.record({ approve: fc.constantFrom('fay', 'eve'), as: fc.constant('asker@corp'), after: minutes }),
);
const sound = fc.record({
  approve: fc.constantFrom('fay', 'eve'),
  as: fc.constantFrom('one@corp', 'two@corp', undefined),
  reason: fc.constantFrom('seen', undefined),
  after: minutes,
});
const denial = fc.record({ deny: fc.constantFrom('fay', 'eve', 'ann'), reason: fc.constant('frozen'), after: minutes });
const plan = { proposed: 'ann', started: 'dan', chose: 'bob', as: 'asker@corp' };
const remedy = fc.constantFrom('delete-pod' as const, 'set-image' as const, 'roll-back' as const);

const status = (question: Question) => statusOf(question, sha256);

describe('the status of a plan', () => {
  it('is never approved by any clicks of people who may not', () => {
    fc.assert(
      fc.property(fc.array(barred, { maxLength: 30 }), remedy, minutes, (decisions, id, after) => {
        expect(status(questionOf({ plan: { ...plan, remedy: id }, decisions, after })).status).not.toBe('approved');
      }),
      { numRuns: 1000 },
    );
  });

  it('is denied by one denial, whatever else was decided, and when', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(barred, sound), { maxLength: 20 }), denial, fc.nat(), minutes, (others, no, at, after) => {
        const decisions = others.toSpliced(at % (others.length + 1), 0, no as never);
        expect(status(questionOf({ plan, decisions, after })).status).toBe('denied');
      }),
      { numRuns: 1000 },
    );
  });

  it('is never approved after its end', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(barred, sound), { maxLength: 20 }), fc.integer({ min: 30, max: 5000 }), (decisions, after) => {
        expect(status(questionOf({ plan, decisions, after: `${after}m` })).status).toBe('expired');
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order of decisions, nor on how often each arrives', () => {
    const some = fc.array(fc.oneof(barred, sound, denial), { minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(some, remedy, minutes, fc.infiniteStream(fc.nat()), (decisions, id, after, random) => {
        const question = questionOf({ plan: { ...plan, remedy: id }, decisions, after });
        const twice = [...question.decisions, ...question.decisions.filter(() => (random.next().value ?? 0) % 2 === 0)];
        const shuffled = twice
          .map((decision) => ({ decision, key: random.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ decision }) => decision);
        expect(status({ ...question, decisions: shuffled })).toEqual(status(question));
      }),
      { numRuns: 500 },
    );
  });

  it('says how many are missing, when it ends and when to remind', () => {
    const question = questionOf({ plan: { remedy: 'set-image' }, decisions: [{ approve: 'fay' }] });
    const proposedAt = Date.parse(question.proposal.plan.proposedAt);
    expect(status(question)).toMatchObject({
      status: 'waiting',
      needed: 2,
      missing: 1,
      expiresAt: proposedAt + 30 * 60_000,
      remindAt: proposedAt + 15 * 60_000,
      escalation: { users: ['U0HAL'], groups: [] },
      mayApprove: { users: ['U0FAY', 'U0GIL'], groups: ['S0ONCALL'] },
    });
  });

  it('asks what somebody was at each of three moments', () => {
    const question = questionOf({ decisions: [{ approve: 'eve' }] });
    const [decision] = question.decisions;
    if (!decision) throw new Error('nobody decided');
    const withDecision = (change: Partial<Decision>) => ({ ...question, decisions: [{ ...decision, ...change } as Decision] });
    const because = (found: Question) => {
      const answer = status(found);
      return answer.status === 'waiting' ? answer.discounted.map((one) => one.because) : answer.status;
    };
    expect(because(question)).toBe('approved');
    expect(because(withDecision({ full: false }))).toEqual(['is a guest, deactivated or unknown in the organisation']);
    const now = { ...question.members.now, full: [] };
    expect(because({ ...question, members: { ...question.members, now } })).toEqual([
      'is a guest, deactivated or unknown in the organisation',
    ]);
    expect(because(withDecision({ groups: [] }))).toEqual(['was not in the group of approvers when deciding']);
    expect(because(withDecision({ groups: ['S0NODES'] }))).toEqual(['was not in the group of approvers when deciding']);
    expect(because(withDecision({ at: '2025-12-31T23:59:59Z' }))).toEqual(['decided before the plan was proposed']);
  });

  it('rests on findings whatever their order', () => {
    const [a, b] = [{ code: 'registry/tag-missing' }, { code: 'registry/exists' }];
    expect(findingsDigest([a, b], sha256)).toBe(findingsDigest([b, a], sha256));
    expect(findingsDigest([a, b], sha256)).not.toBe(findingsDigest([a], sha256));
    expect(findingsDigest([a, b], sha256)).not.toBe(findingsDigest([a, b, b], sha256));
  });

  it('is void once the channel is shared, though it was not when the plan was proposed', () => {
    expect(status({ ...questionOf({ decisions: [{ approve: 'fay' }] }), shared: true }).status).toBe('voided');
  });

  it('belongs to the plan in full: whatever is changed in it, the approvals no longer fit', () => {
    const question = questionOf({ decisions: [{ approve: 'fay' }] });
    const { proposal } = question;
    expect(status(question).status).toBe('approved');
    for (const change of [
      { dryRun: '+ image: other' },
      { risk: 'low' as const },
      { objects: proposal.plan.objects.map((object) => ({ ...object, resourceVersion: '2' })) },
      { requesters: [] },
      { effect: 'Something else.' },
    ]) {
      const other = { ...proposal, plan: { ...proposal.plan, ...change } };
      expect(planDigest(other, sha256)).not.toBe(planDigest(proposal, sha256));
      expect(status({ ...question, proposal: other }).status).toBe('waiting');
    }
    expect(status({ ...question, proposal: { ...proposal, findingsDigest: '1'.repeat(64) } }).status).toBe('waiting');
  });
});
