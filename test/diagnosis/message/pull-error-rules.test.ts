import { describe, expect, it } from 'vitest';
import { normalise, readErrorText } from '../../../src/diagnosis/message/error-text.ts';
import { MESSAGE_FINDINGS, SYMPTOMS } from '../../../src/diagnosis/message/pull-error.ts';
import { classify, rules } from '../../support/rules.ts';

const samples = rules.rules.flatMap((rule) => rule.samples.map((sample) => ({ rule, sample })));

describe('the rows of pull-errors.yaml', () => {
  it('have an id of their own', () => {
    const ids = rules.rules.map((rule) => rule.id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it.each(samples.map(({ rule, sample }) => [rule.id, sample] as const))('%s is the first row to match its sample %s', (id, sample) => {
    const { words } = readErrorText(normalise(sample));
    expect(rules.rules.find((rule) => new RegExp(rule.pattern).test(words))?.id).toBe(id);
    expect(classify(sample).rule).toBe(id);
  });

  it.each(rules.otherErrors.flatMap((other) => other.samples.map((sample) => [other.id, sample] as const)))(
    '%s is the first kind of another error to match its sample %s',
    (id, sample) => {
      const { words } = readErrorText(normalise(sample));
      expect(rules.otherErrors.find((other) => new RegExp(other.pattern).test(words))?.id).toBe(id);
      expect(classify(sample)).toMatchObject({ symptom: 'unknown', about: 'other' });
    },
  );

  it('cover every symptom', () => {
    const covered = new Set(rules.rules.map((rule) => rule.symptom));
    expect(SYMPTOMS.filter((symptom) => !covered.has(symptom))).toEqual([]);
  });

  it('cover everything that a message can show beyond its symptom', () => {
    const shown = new Set(rules.rules.map((rule) => rule.shows));
    expect(MESSAGE_FINDINGS.filter((code) => !shown.has(code))).toEqual([]);
  });

  it('name only symptoms that have a summary', () => {
    expect(Object.keys(rules.summaries).sort()).toEqual([...SYMPTOMS].sort());
  });
});
