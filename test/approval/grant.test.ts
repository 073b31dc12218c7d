import { describe, expect, it } from 'vitest';
import { labelled } from '../../src/approval/canonical-json.ts';
import { type Executor, type Grant, issueGrant, whyNotGranted } from '../../src/approval/grant.ts';
import { seal, unseal } from '../../src/approval/sealed.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { policy, questionOf } from '../support/approvals.ts';
import { newKeys } from '../support/signing-keys.ts';

const keys = newKeys();
const nonce = '0123456789abcdef0123456789abcdef';
const question = questionOf({ plan: { remedy: 'set-image' }, decisions: [{ approve: 'fay' }, { approve: 'bob' }] });
const { proposal } = question;
const by = { nonce, sign: keys.sign, hash: sha256 };

function granted(from = question): Grant {
  const grant = issueGrant(from, by);
  if ('because' in grant) throw new Error(grant.because);
  return grant;
}

/** The grant with other content, signed by the gateway's key all the same, so that only the check of the content can refuse it. */
function resigned(change: Partial<Grant['content']>): Grant {
  const content = { ...granted().content, ...change };
  return { content, signature: keys.sign(labelled('imagepull/grant/v1', content)) };
}

const executor: Executor = { cluster: 'prod', policy, now: question.now, verify: keys.verify, hash: sha256, used: () => false };
const later = (ms: number) => new Date(question.now.getTime() + ms);
const decider = (user: string, organisation = 'T0HOME', clusterUser?: string) => ({
  person: { organisation, user },
  ...(clusterUser === undefined ? {} : { clusterUser }),
});

describe('a grant', () => {
  it('lets the executor act within a minute, and names those who decided', () => {
    const grant = granted();
    expect(grant.content.deciders.map(({ person }) => person.user)).toEqual(['U0FAY', 'U0BOB']);
    expect(whyNotGranted(grant, proposal, executor)).toBeUndefined();
    expect(whyNotGranted(grant, proposal, { ...executor, now: later(59_999) })).toBeUndefined();
    expect(whyNotGranted(JSON.parse(JSON.stringify(grant)), proposal, executor)).toBeUndefined();
  });

  it('is given for nothing that is not approved at this moment', () => {
    expect(issueGrant(questionOf({ decisions: [{ approve: 'ann' }] }), by)).toHaveProperty('because');
    expect(issueGrant({ ...question, now: later(30 * 60_000) }, by)).toHaveProperty('because');
  });

  it('ends with the plan where that is sooner', () => {
    const late = granted({ ...question, now: new Date(Date.parse(proposal.plan.proposedAt) + 30 * 60_000 - 1000) });
    expect(Date.parse(late.content.expiresAt) - Date.parse(late.content.issuedAt)).toBe(1000);
  });

  it.each<[string, unknown, Partial<Executor>]>([
    ['what is no grant', {}, {}],
    ['text that is no Unicode', { ...granted(), content: { ...granted().content, cluster: '\ud800' } }, {}],
    ['another key', { ...granted(), signature: newKeys().sign(labelled('imagepull/grant/v1', granted().content)) }, {}],
    ['content that was changed', { ...granted(), content: { ...granted().content, nonce: 'f'.repeat(32) } }, {}],
    ['a signature for another purpose', { ...granted(), signature: keys.sign(labelled('imagepull/plan/v1', granted().content)) }, {}],
    ['an executor of another cluster', granted(), { cluster: 'staging-1' }],
    ['its end', granted(), { now: later(60_000) }],
    ['a time before it was issued', granted(), { now: later(-6000) }],
    ['a second use', granted(), { used: (found) => found === nonce }],
    ['a policy that the executor does not have', granted(), { policy: { ...policy, forbiddenNamespaces: [] } }],
    ['a life that is too long', resigned({ expiresAt: later(61_000).toISOString() }), {}],
    ['another plan', resigned({ planDigest: '0'.repeat(64) }), {}],
    ['too few people', resigned({ deciders: [decider('U0FAY')] }), {}],
    ['one person twice', resigned({ deciders: [decider('U0FAY'), decider('U0FAY')] }), {}],
    ['two ids of one cluster user', resigned({ deciders: [decider('U0FAY', 'T0HOME', 'x'), decider('U0BOB', 'T0HOME', 'x')] }), {}],
    ['somebody who asked', resigned({ deciders: [decider('U0FAY'), decider('U0ANN')] }), {}],
    ['another organisation', resigned({ deciders: [decider('U0FAY'), decider('U0BOB', 'T0OTHER')] }), {}],
  ])('is refused for %s', (_, grant, change) => {
    expect(whyNotGranted(grant, proposal, { ...executor, ...change })).toBeTypeOf('string');
  });

  it('is refused once the plan has ended, whatever the gateway signed', () => {
    const end = Date.parse(proposal.plan.proposedAt) + 30 * 60_000;
    const times = { issuedAt: new Date(end - 1000).toISOString(), expiresAt: new Date(end + 50_000).toISOString() };
    expect(whyNotGranted(resigned(times), proposal, { ...executor, now: new Date(end - 1) })).toBeUndefined();
    expect(whyNotGranted(resigned(times), proposal, { ...executor, now: new Date(end) })).toBe('The plan has expired.');
  });

  it('is refused for a plan of which anything is another', () => {
    const other = { ...proposal, plan: { ...proposal.plan, changes: [{ verb: 'delete' as const, object: 0, gracePeriodSeconds: 0 }] } };
    expect(whyNotGranted(granted(), other, executor)).toContain('another plan');
  });
});

describe('a sealed record', () => {
  const [decision] = question.decisions;
  if (!decision) throw new Error('nobody decided');
  const sealed = seal('decision', decision, keys.sign);

  it('is what was sealed, after a store too', () => {
    expect(unseal('decision', JSON.parse(JSON.stringify(sealed)), keys.verify)).toEqual(decision);
    expect(unseal('proposal', seal('proposal', proposal, keys.sign), keys.verify)).toEqual(proposal);
  });

  it('counts for nothing when somebody else made or changed it', () => {
    const other = { organisation: 'T0HOME', user: 'U0EVE' };
    for (const forged of [
      undefined,
      { content: decision, signature: '' },
      seal('decision', decision, newKeys().sign),
      { ...sealed, content: { ...decision, by: other } },
      { ...sealed, content: { ...decision, extra: 1 } },
    ])
      expect(unseal('decision', forged, keys.verify)).toBeUndefined();
    expect(unseal('proposal', sealed, keys.verify)).toBeUndefined();
  });
});
