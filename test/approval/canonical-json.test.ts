import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, JsonValue, labelled } from '../../src/approval/canonical-json.ts';
import { Decision } from '../../src/approval/decision.ts';
import { Plan } from '../../src/approval/plan.ts';
import { Event } from '../../src/audit/entry.ts';
import { questionOf } from '../support/approvals.ts';

describe('canonical JSON', () => {
  it.each<[string, unknown, string]>([
    // RFC 8785, section 3.2.2 and 3.2.3.
    [
      'the example of the RFC',
      {
        numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
        string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
        literals: [null, true, false],
      },
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    ],
    [
      'members by UTF-16 code units',
      {
        '\u20ac': 'Euro Sign',
        '\r': 'Carriage Return',
        '\ufb33': 'Hebrew Letter',
        '1': 'One',
        '\ud83d\ude00': 'Emoji',
        '\u0080': 'Control',
        '\u00f6': 'o',
      },
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"o","€":"Euro Sign","😀":"Emoji","\ufb33":"Hebrew Letter"}',
    ],
    // RFC 8785, appendix B.
    ['minus zero', -0, '0'],
    ['the smallest number', 5e-324, '5e-324'],
    ['the largest number', Number.MAX_VALUE, '1.7976931348623157e+308'],
    ['the largest whole number', 9007199254740992, '9007199254740992'],
    ['a large number', 295147905179352830000, '295147905179352830000'],
    ['an exponent', 9.999999999999997e22, '9.999999999999997e+22'],
    ['a number before an exponent', 999999999999999700000, '999999999999999700000'],
    ['what is undefined', { a: undefined, b: 1 }, '{"b":1}'],
    ['nothing', {}, '{}'],
  ])('writes %s', (_, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it.each([
    ['NaN', Number.NaN],
    ['an infinity', Number.POSITIVE_INFINITY],
    ['half a pair', '\ud83d'],
    ['a name with half a pair', { '\ude00': 1 }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['undefined in a list', [undefined]],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('reads back as what it stands for, and is the same for every order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const backwards = (inner: unknown): unknown => {
          if (Array.isArray(inner)) return inner.map(backwards);
          if (typeof inner !== 'object' || inner === null) return inner;
          return Object.fromEntries(
            Object.entries(inner)
              .reverse()
              .map(([key, member]) => [key, backwards(member)]),
          );
        };
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
        expect(canonicalJson(backwards(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('has another text for each purpose', () => {
    expect(labelled('imagepull/grant/v1', {})).not.toBe(labelled('imagepull/plan/v1', {}));
  });

  it.each(['\ud83d', 'a\ude00'])('is asked for by schemas, so that text with half a pair is refused there', (text) => {
    const question = questionOf({ decisions: [{ approve: 'fay' }] });
    const { plan } = question.proposal;
    expect(Plan.safeParse(plan).success).toBe(true);
    expect(Plan.safeParse({ ...plan, dryRun: text }).success).toBe(false);
    expect(Decision.safeParse(question.decisions[0]).success).toBe(true);
    expect(Decision.safeParse({ ...question.decisions[0], reason: text }).success).toBe(false);
    expect(Decision.safeParse({ ...question.decisions[0], clusterUser: text }).success).toBe(false);
    const event = { kind: 'freeze', at: '2026-03-01T00:00:00Z', what: 'freeze', from: 'cli' };
    expect(Event.safeParse(event).success).toBe(true);
    expect(Event.safeParse({ ...event, what: text }).success).toBe(false);
  });

  it('takes JSON of 32 levels and no more, however deep it is', () => {
    expect(JsonValue.safeParse(JSON.parse('['.repeat(32) + ']'.repeat(32))).success).toBe(true);
    expect(JsonValue.safeParse(JSON.parse('['.repeat(34) + ']'.repeat(34))).success).toBe(false);
    expect(JsonValue.safeParse(JSON.parse('['.repeat(5000) + ']'.repeat(5000))).success).toBe(false);
  });
});
