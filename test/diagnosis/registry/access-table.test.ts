import { describe, expect, it } from 'vitest';
import { bestOutcome, type CredentialOutcome, judgeAccess, OUTCOMES, type Outcome } from '../../../src/diagnosis/registry/access-table.ts';

const R = 'registry/';
/** What each pair of answers means: a row for what nobody was answered, a column for what the login was answered. */
const EXPECTED: Readonly<Record<Outcome, Readonly<Record<CredentialOutcome, string>>>> = (() => {
  const columns: readonly CredentialOutcome[] = ['none', ...OUTCOMES];
  //                     none                       found                              refused                          hidden                                  forbidden              tag-missing    repository-missing    missing                rate-limited  failing        unusable          unreachable    not-asked
  const table: Readonly<Record<Outcome, string>> = {
    found:
      'exists+public            | exists+public                   | exists+public+stale-credential-on-public | exists+public+stale-credential-on-public | exists+public+stale-credential-on-public | exists+public | exists+public | exists+public | exists+public | exists+public | exists+public | exists+public | exists+public',
    refused:
      'login-needed             | exists+credential-works         | credential-rejected            | credential-forbidden+private-or-missing | credential-forbidden | tag-missing | repository-missing | missing            | rate-limited | failing      | unusable-answer | unreachable   | ',
    hidden:
      'login-needed+private-or-missing | exists+credential-works  | credential-rejected            | credential-forbidden+private-or-missing | credential-forbidden | tag-missing | repository-missing | missing            | rate-limited | failing      | unusable-answer | unreachable   | ',
    forbidden:
      'login-needed             | exists+credential-works         | credential-rejected            | credential-forbidden+private-or-missing | credential-forbidden | tag-missing | repository-missing | missing            | rate-limited | failing      | unusable-answer | unreachable   | ',
    'tag-missing':
      'tag-missing              | exists+credential-works         | tag-missing+credential-rejected | tag-missing                            | tag-missing          | tag-missing | repository-missing | tag-missing        | tag-missing  | tag-missing  | tag-missing     | tag-missing   | tag-missing',
    'repository-missing':
      'repository-missing       | exists+credential-works         | credential-rejected            | credential-forbidden+private-or-missing | credential-forbidden | tag-missing | repository-missing | repository-missing | repository-missing | repository-missing | repository-missing | repository-missing | repository-missing',
    missing:
      'missing                  | exists+credential-works         | credential-rejected            | credential-forbidden+private-or-missing | credential-forbidden | tag-missing | repository-missing | missing            | missing      | missing      | missing         | missing       | missing',
    'rate-limited':
      'rate-limited             | exists+credential-works+anonymous-rate-limited | credential-rejected | credential-forbidden+private-or-missing | credential-forbidden | tag-missing | repository-missing | missing          | rate-limited | failing      | unusable-answer | unreachable   | rate-limited',
    failing:
      'failing                  | exists+credential-works         | credential-rejected            | credential-forbidden+private-or-missing | credential-forbidden | tag-missing | repository-missing | missing            | rate-limited | failing      | unusable-answer | unreachable   | failing',
    unusable:
      'unusable-answer          | exists+credential-works         | credential-rejected            | credential-forbidden+private-or-missing | credential-forbidden | tag-missing | repository-missing | missing            | rate-limited | failing      | unusable-answer | unreachable   | unusable-answer',
    unreachable:
      'unreachable              | exists+credential-works         | credential-rejected            | credential-forbidden+private-or-missing | credential-forbidden | tag-missing | repository-missing | missing            | rate-limited | failing      | unusable-answer | unreachable   | unreachable',
    'not-asked':
      '                         | exists+credential-works         | credential-rejected            | credential-forbidden+private-or-missing | credential-forbidden | tag-missing | repository-missing | missing            | rate-limited | failing      | unusable-answer | unreachable   | ',
  };
  const entries = OUTCOMES.map((anonymous) => {
    const cells = table[anonymous].split('|').map((cell) => cell.trim());
    return [anonymous, Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? 'no such cell']))] as const;
  });
  return Object.fromEntries(entries) as Record<Outcome, Record<CredentialOutcome, string>>;
})();

describe.each(OUTCOMES)('nobody is answered %s', (anonymous) => {
  it.each(['none', ...OUTCOMES] as const)('and the login %s', (credential) => {
    const expected = EXPECTED[anonymous][credential]
      .split('+')
      .filter((code) => code !== '')
      .map((code) => R + code);
    expect(judgeAccess(anonymous, credential)).toEqual(expected);
  });
});

describe('of several logins', () => {
  it.each<[readonly Outcome[], CredentialOutcome]>([
    [[], 'none'],
    [['refused', 'found'], 'found'],
    [['refused', 'tag-missing'], 'tag-missing'],
    [['refused', 'forbidden'], 'forbidden'],
    [['unreachable', 'refused'], 'unreachable'],
    [['refused', 'not-asked'], 'not-asked'],
    [['not-asked', 'found'], 'found'],
    [['failing', 'tag-missing'], 'tag-missing'],
    [['not-asked'], 'not-asked'],
  ])('%j counts %s', (outcomes, best) => {
    expect(bestOutcome(outcomes)).toBe(best);
  });
});
