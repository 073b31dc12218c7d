import { describe, expect, it } from 'vitest';
import type { Finding, FindingCode } from '../../src/diagnosis/finding.ts';
import { type Cause, reachVerdict } from '../../src/diagnosis/verdict.ts';
import { catalogue } from '../support/rules.ts';

const finding = (code: FindingCode, indirect = false): Finding => ({
  code,
  says: `${code} was found.`,
  evidence: [],
  ...(indirect ? { indirect } : {}),
});
const cause = (given: Partial<Cause> & { id: string }): Cause => ({
  family: 'image',
  reach: 'image',
  proof: [],
  primary: [],
  hints: [],
  settles: [],
  supports: [],
  contradicts: [],
  context: [],
  checks: [],
  ...given,
});
const verdict = (codes: readonly FindingCode[], causes: readonly Cause[]) =>
  reachVerdict(
    codes.map((code) => finding(code)),
    causes,
    new Set(),
  );

describe('the names of a verdict', () => {
  const causes = [
    cause({ id: 'a', primary: [['registry/credential-rejected']], supports: ['secret/expired'], context: ['secret/matches'] }),
  ];
  const named = (code: FindingCode, secret: string): Finding => ({ ...finding(code), names: { secret } });
  const namesOf = (...findings: readonly Finding[]) => reachVerdict(findings, causes, new Set()).names;

  it('are those that every finding behind it gives, and none of what is only beside it', () => {
    expect(namesOf(named('registry/credential-rejected', 'stale'), finding('secret/expired'), named('secret/matches', 'healthy'))).toEqual({
      secret: 'stale',
    });
  });
  it('are none where the findings disagree or prove none', () => {
    expect(namesOf(named('registry/credential-rejected', 'stale'), named('secret/expired', 'old'))).toBeUndefined();
    expect(namesOf(finding('registry/credential-rejected'))).toBeUndefined();
  });
});

describe('confidence', () => {
  const causes = [
    cause({
      id: 'a',
      proof: [['pull-error/dns-failure', ['pod/no-pull-secret', 'pod/pull-policy-never']]],
      primary: [['pull-error/dns-failure']],
      supports: ['endpoint/dns-failure'],
      contradicts: ['pod/credentials-sent'],
      context: ['node/ready'],
    }),
  ];

  it('is likely when only the runtime said it', () => {
    expect(verdict(['pull-error/dns-failure'], causes)).toMatchObject({ cause: 'a', confidence: 'likely' });
  });
  it('is confirmed when an independent finding agrees', () => {
    expect(verdict(['pull-error/dns-failure', 'pod/no-pull-secret'], causes)).toMatchObject({ cause: 'a', confidence: 'confirmed' });
  });
  it('is not raised by what only supports it, which is shown all the same', () => {
    expect(verdict(['pull-error/dns-failure', 'endpoint/dns-failure'], causes)).toMatchObject({
      confidence: 'likely',
      because: ['pull-error/dns-failure was found.', 'endpoint/dns-failure was found.'],
    });
  });
  it('is untouched by what is only worth knowing beside it', () => {
    expect(verdict(['pull-error/dns-failure', 'node/ready'], causes)).toMatchObject({
      confidence: 'likely',
      context: ['node/ready was found.'],
    });
  });
  it('is possible when something speaks against it, and the verdict shows what', () => {
    expect(verdict(['pull-error/dns-failure', 'pod/no-pull-secret', 'pod/credentials-sent'], causes)).toMatchObject({
      confidence: 'possible',
      against: ['pod/credentials-sent was found.'],
    });
  });
  it('is possible when it was seen on another pod only', () => {
    expect(reachVerdict([finding('pull-error/dns-failure', true)], causes, new Set())).toMatchObject({
      cause: 'a',
      confidence: 'possible',
    });
  });
});

describe('a hint', () => {
  const causes = [cause({ id: 'a', hints: [['pod/no-pull-secret']], settles: ['secret/matches'] })];

  it('makes a cause possible until a check answers what it only guesses', () => {
    expect(verdict(['pod/no-pull-secret'], causes)).toMatchObject({ cause: 'a', confidence: 'possible' });
    expect(verdict(['pod/no-pull-secret', 'secret/matches'], causes)).toMatchObject({ cause: 'undetermined' });
  });
});

describe('the verdict', () => {
  it('is undetermined when no cause fits', () => {
    expect(verdict(['pull-error/unknown'], catalogue.causes)).toMatchObject({ cause: 'undetermined', confidence: 'possible' });
  });

  it('shows what fails, and what speaks for none of the causes as worth knowing only', () => {
    expect(verdict(['pull-error/unknown', 'pod/no-pull-secret', 'node/ready'], catalogue.causes)).toMatchObject({
      cause: 'undetermined',
      because: ['pull-error/unknown was found.'],
      context: ['pod/no-pull-secret was found.', 'node/ready was found.'],
    });
    const codes = ['pull-error/unauthorized', 'pod/credentials-not-sent', 'pod/pull-secret-attached', 'node/ready'] as const;
    expect(verdict(codes, catalogue.causes)).toMatchObject({
      cause: 'undetermined',
      because: codes.slice(0, 3).map((code) => `${code} was found.`),
      context: ['node/ready was found.'],
    });
  });

  it('is undetermined, with all of them as alternatives, when three or more causes are equally weak', () => {
    const result = verdict(['pull-error/unauthorized', 'pod/credentials-not-sent', 'pod/pull-secret-attached'], catalogue.causes);
    expect(result).toMatchObject({ cause: 'undetermined', family: 'credentials' });
    expect(result.alternatives.map((alternative) => alternative.cause)).toEqual([
      'secret-wrong-type',
      'secret-malformed',
      'secret-host-mismatch',
    ]);
    expect(result.unanswered).toEqual(['inspect-pull-secrets']);
  });

  it('lists the checks nobody made and leaves out those that were', () => {
    const causes = [cause({ id: 'a', primary: [['pull-error/dns-failure']], checks: ['probe-endpoint', 'read-node'] })];
    expect(reachVerdict([finding('pull-error/dns-failure')], causes, new Set(['read-node'])).unanswered).toEqual(['probe-endpoint']);
  });

  it('keeps weaker causes as alternatives', () => {
    expect(verdict(['pull-error/tag-not-found', 'pod/no-pull-secret'], catalogue.causes).alternatives).toEqual([
      { cause: 'repository-not-found', confidence: 'possible' },
    ]);
  });

  it('does not take a refused login for a missing one', () => {
    expect(verdict(['pull-error/unauthorized', 'pod/credentials-sent', 'pod/pull-secret-attached'], catalogue.causes)).toMatchObject({
      cause: 'credentials-rejected',
      confidence: 'likely',
    });
    expect(verdict(['pull-error/unauthorized', 'pod/credentials-not-sent', 'pod/no-pull-secret'], catalogue.causes)).toMatchObject({
      cause: 'credentials-missing',
      confidence: 'likely',
    });
  });
});
