import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readPolicy } from '../../src/app/approvals.ts';
import { ApprovalPolicy, inForce, policyDigest, ruleFor } from '../../src/approval/policy.ts';
import { checkExpectations, ExpectationTable } from '../../src/approval/preview/expectations.ts';
import { explainPolicy } from '../../src/approval/preview/explain-policy.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { policy, questionOf, table } from '../support/approvals.ts';

describe('the policy', () => {
  it.each(checkExpectations(table, policy, sha256))('$name', ({ differs }) => {
    expect(differs).toEqual([]);
  });

  it('of the documentation can be read, and says what the table there expects', () => {
    const blocks = [...readFileSync('docs/approvals.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => parse(text));
    const documented = ApprovalPolicy.parse(blocks[0]);
    expect(checkExpectations(ExpectationTable.parse(blocks[1]), documented, sha256).flatMap(({ differs }) => differs)).toEqual([]);
  });

  it('lets nobody approve anything as it comes', () => {
    const { plan } = questionOf({}).proposal;
    expect(explainPolicy(plan, readPolicy(undefined, undefined), sha256)).toEqual({
      rule: undefined,
      because: 'Nobody may approve delete-pod in shop on cluster prod at medium risk: add a rule for it to approvals.yaml.',
    });
  });

  it("forbids the bot's own namespace, whatever the file says", () => {
    const own = inForce({ ...policy, forbiddenNamespaces: [] }, 'shop');
    expect(ruleFor(own, questionOf({}).proposal.plan)).toHaveProperty('because', expect.stringContaining('namespace shop'));
    expect(policyDigest(own, sha256)).not.toBe(policyDigest(policy, sha256));
  });

  it('judges by every namespace that a plan reads, not only by that of the remedy', () => {
    const { plan } = questionOf({}).proposal;
    const [pod] = plan.objects;
    if (!pod) throw new Error('the plan has no object');
    const wider = { ...plan, objects: [pod, { ...pod, namespace: 'kube-system' }] };
    expect(ruleFor(policy, wider)).toHaveProperty('because', expect.stringContaining('kube-system'));
  });

  it('covers nodes only by a rule for all namespaces', () => {
    const { plan } = questionOf({ plan: { remedy: 'cordon-node' } }).proposal;
    const rule = { name: 'one', namespaces: ['shop', '**'], approvers: { users: ['U0FAY'] } };
    const narrow = ApprovalPolicy.parse({ version: 1, organisation: 'T0HOME', rules: [rule] });
    expect(ruleFor(narrow, plan)).toHaveProperty('because');
  });

  it.each([
    ['a rule without an organisation', { version: 1, rules: [{ name: 'a' }] }],
    ['two rules of one name', { version: 1, organisation: 'T0HOME', rules: [{ name: 'a' }, { name: 'a' }] }],
    ['a misspelt field', { version: 1, organisation: 'T0HOME', rules: [{ name: 'a', approver: {} }] }],
    ['a name in the place of an id', { version: 1, organisation: 'T0HOME', rules: [{ name: 'a', approvers: { users: ['ann'] } }] }],
    ['everybody', { version: 1, organisation: 'T0HOME', rules: [{ name: 'a', approvers: { users: ['*'] } }] }],
    ['no approval at all', { version: 1, organisation: 'T0HOME', rules: [{ name: 'a', approvals: 0 }] }],
    ['a time without end', { version: 1, organisation: 'T0HOME', rules: [{ name: 'a', expiresAfter: '48h' }] }],
  ])('refuses %s', (_, file) => {
    expect(ApprovalPolicy.safeParse(file).success).toBe(false);
  });

  it('explains line by line who may and why, and that nobody ever can', () => {
    const { plan } = questionOf({ plan: { remedy: 'set-image', chose: 'fay' } }).proposal;
    expect(explainPolicy(plan, policy, sha256)).toMatchObject({
      rule: 'production',
      conditions: expect.arrayContaining(['needs 2 approvals of different people (the default for set-image at medium risk)']),
      lines: [
        { who: 'U0FAY', may: false, because: 'chose a parameter of the plan' },
        { who: 'U0GIL', may: true },
        { who: 'S0ONCALL', may: true },
        { who: 'U0ANN', may: false, because: 'proposed the plan' },
      ],
    });
    const one = ApprovalPolicy.parse({
      version: 1,
      organisation: 'T0HOME',
      rules: [{ name: 'one', approvers: { users: ['U0FAY', 'U0EVE'] } }],
    });
    expect(explainPolicy(plan, one, sha256)).toHaveProperty(
      'conditions',
      expect.arrayContaining(['it can never be approved: 1 person named by the rule may approve it']),
    );
  });
});
