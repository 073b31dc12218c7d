import { describe, expect, it } from 'vitest';
import { observed, type Vantage } from '../../src/diagnosis/evidence.ts';
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
  needsProofWith: [],
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

describe('a finding that has to be seen from a certain place', () => {
  const causes = [
    cause({ id: 'a', proof: [['pull-error/dns-failure', 'endpoint/dns-failure@node']], primary: [['pull-error/dns-failure']] }),
  ];
  const seen = (from: Vantage): Finding => ({
    ...finding('endpoint/dns-failure'),
    evidence: [observed('endpoint', { from, at: '2026-03-01T10:00:00Z', text: 'no such host' })],
  });
  const judge = (...findings: readonly Finding[]) => reachVerdict([finding('pull-error/dns-failure'), ...findings], causes, new Set());

  it('confirms from there', () => {
    expect(judge(seen('node'))).toMatchObject({
      confidence: 'confirmed',
      because: ['pull-error/dns-failure was found.', 'endpoint/dns-failure was found.'],
    });
  });
  it('does not from elsewhere, nor without evidence', () => {
    expect(judge(seen('bot')).confidence).toBe('likely');
    expect(judge(finding('endpoint/dns-failure')).confidence).toBe('likely');
  });
  it('confirms a network cause of causes.yaml from the node, and not from where imagepull runs', () => {
    const about = (from: Vantage) => reachVerdict([finding('pull-error/dns-failure'), seen(from)], catalogue.causes, new Set());
    expect(about('node')).toMatchObject({ cause: 'dns-failure', confidence: 'confirmed' });
    expect(about('bot')).toMatchObject({ cause: 'dns-failure', confidence: 'likely' });
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

describe("a mirror's word", () => {
  const judged = (...codes: FindingCode[]) => verdict(['pod/mirror-asked', 'pod/no-pull-secret', ...codes], catalogue.causes);

  it.each(['tag-not-found', 'forbidden', 'denied-or-missing', 'unauthorized', 'registry-unavailable'] as const)(
    "of %s is the mirror's refusal, proven when the registry has the image",
    (symptom) => {
      expect(judged(`pull-error/${symptom}`, 'registry/exists', 'registry/public')).toMatchObject({
        cause: 'mirror-refuses',
        confidence: 'confirmed',
        alternatives: [],
      });
    },
  );
  it('says nothing about tag, login or rights where nobody asked the registry', () => {
    for (const symptom of ['tag-not-found', 'forbidden', 'denied-or-missing', 'unauthorized'] as const)
      expect(judged(`pull-error/${symptom}`), symptom).toMatchObject({ cause: 'mirror-refuses', confidence: 'likely', alternatives: [] });
  });
  it('gives way to what the registry itself says', () => {
    expect(judged('pull-error/forbidden', 'registry/tag-missing')).toMatchObject({ cause: 'tag-not-found', confidence: 'confirmed' });
    expect(judged('pull-error/tag-not-found', 'registry/repository-missing')).toMatchObject({ cause: 'repository-not-found' });
    expect(judged('pull-error/unauthorized', 'registry/login-needed')).toMatchObject({ cause: 'credentials-missing' });
  });
});

describe('a refusal with 403', () => {
  it('is one of rights only where something shows that a login was sent, or which rule refused', () => {
    for (const code of [
      'pod/credentials-sent',
      'secret/matches',
      'pod/access-rule-named',
      'pod/layer-refused',
      'registry/address-blocked',
    ] as const)
      expect(verdict(['pull-error/forbidden', 'pod/pull-secret-attached', code], catalogue.causes), code).toMatchObject({
        cause: 'access-denied',
        confidence: 'likely',
      });
    for (const code of ['pod/pull-secret-attached', 'pod/no-pull-secret'] as const)
      expect(verdict(['pull-error/forbidden', code], catalogue.causes), code).toMatchObject({ cause: 'denied-or-missing' });
  });
});

describe('a token that grants nothing to a pod without a login', () => {
  it('leaves two candidates, in their order', () => {
    expect(
      verdict(
        [
          'pull-error/denied-or-missing',
          'pod/scope-not-granted',
          'pod/anonymous-scope-refused',
          'pod/no-pull-secret',
          'registry/login-needed',
        ],
        catalogue.causes,
      ),
    ).toMatchObject({ cause: 'credentials-missing', alternatives: [{ cause: 'repository-not-found' }] });
  });
});

describe('a limit on pulls', () => {
  it('is confirmed by one on the same login or address, and only supported by one on imagepull', () => {
    for (const code of ['registry/login-rate-limited', 'registry/same-address-rate-limited'] as const)
      expect(verdict(['pull-error/rate-limited', code], catalogue.causes)).toMatchObject({
        cause: 'rate-limited',
        confidence: 'confirmed',
      });
    expect(verdict(['pull-error/rate-limited', 'registry/rate-limited'], catalogue.causes)).toMatchObject({ confidence: 'likely' });
  });
});

describe('words that show more than their symptom', () => {
  it.each([
    ['pod/snapshotter-failed', 'snapshotter-failed'],
    ['pod/image-storage-failed', 'image-storage'],
    ['pod/unpack-refused', 'unpack-refused'],
    ['pod/runtime-misconfigured', 'runtime-misconfigured'],
    ['pod/tls-handshake-failed', 'tls-handshake'],
  ] as const)('%s is not outdone by what would be guessed for an error that nobody knows', (code, id) => {
    const guesses = ['registry/login-needed', 'registry/tag-missing', 'pod/no-pull-secret', 'endpoint/speaks-tls'] as const;
    expect(verdict(['pull-error/unknown', code, ...guesses], catalogue.causes)).toMatchObject({
      cause: id,
      confidence: 'likely',
      alternatives: [],
    });
  });
});

describe('alternatives to a confirmed cause', () => {
  it('are those that rest on something which it does not explain', () => {
    const causes = [
      cause({ id: 'a', proof: [['pull-error/forbidden', 'registry/credential-forbidden']] }),
      cause({ id: 'b', primary: [['pull-error/forbidden']] }),
      cause({ id: 'c', primary: [['pull-error/forbidden', 'secret/expired']] }),
    ];
    expect(verdict(['pull-error/forbidden', 'registry/credential-forbidden', 'secret/expired'], causes)).toMatchObject({
      cause: 'a',
      alternatives: [{ cause: 'c' }],
    });
  });
});
