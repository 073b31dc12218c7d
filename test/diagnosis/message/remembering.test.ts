import { describe, expect, it } from 'vitest';
import { remembering } from '../../../src/diagnosis/message/remembering.ts';
import { classify as real } from '../../support/rules.ts';

describe('a classifier that remembers', () => {
  it('says the same as the one it asks, and asks once for what comes again', () => {
    let asked = 0;
    const classify = remembering((message) => {
      asked += 1;
      return real(message);
    });
    for (const message of ['manifest unknown', '', 'no space left on device']) {
      expect(classify(message)).toEqual(real(message));
      expect(classify(message)).toEqual(real(message));
    }
    expect(asked).toBe(3);
  });

  it('holds no more than so many characters', () => {
    let asked = 0;
    const classify = remembering((message) => {
      asked += 1;
      return real(message.slice(0, 10));
    });
    const long = (n: number): string => `${n} ${'x'.repeat(400_000)}`;
    for (const n of [1, 2, 3]) classify(long(n));
    classify(long(1));
    expect(asked).toBe(4);
  });
});
