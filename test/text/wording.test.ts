import { describe, expect, it } from 'vitest';
import { count, dateWords, duration, list, sentence, whenWords } from '../../src/text/wording.ts';

describe('wording for people', () => {
  it.each([
    [0, '0 pods'],
    [1, '1 pod'],
    [999, '999 pods'],
    [1204, '1,204 pods'],
    [1234567, '1,234,567 pods'],
  ])('counts %i as %s', (n, text) => {
    expect(count(n, 'pod')).toBe(text);
  });

  it.each([
    [-5, '0 s'],
    [45_400, '45 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [7_500_000, '2 h 5 min'],
    [262_800_000, '3 d 1 h'],
  ])('says %i ms as %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });

  it.each([
    ['2026-03-01T10:04:30Z', '5 min 30 s ago'],
    ['2026-03-01T06:50:00Z', '3 h ago'],
    ['2026-02-28T09:00:00Z', '1 d 1 h ago'],
    ['2026-02-02T02:40:00Z', 'on 2 Feb'],
    ['2025-12-31T23:59:59Z', 'on 31 Dec 2025'],
    ['2026-03-01T11:00:00Z', 'on 1 Mar'],
    ['never', 'at never'],
  ])('says %s at 10:10 on 1 March as %s', (time, text) => {
    expect(whenWords(time, new Date('2026-03-01T10:10:00Z'))).toBe(text);
  });

  it('says a date without how long ago it was', () => {
    const now = new Date('2026-03-01T10:10:00Z');
    expect(['2026-03-01T09:00:00Z', '2025-12-31T23:59:59Z', 'never'].map((time) => dateWords(time, now))).toEqual([
      'on 1 Mar',
      'on 31 Dec 2025',
      'at never',
    ]);
  });

  it('lists a few and counts the rest', () => {
    expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c', 'd'])]).toEqual(['', 'a', 'a and b', 'a, b and 2 more']);
  });
});

describe('a sentence', () => {
  it.each([
    ['It broke', 'It broke.'],
    ['It broke.', 'It broke.'],
    ['It broke. \n', 'It broke.'],
    ['Did it break?', 'Did it break?'],
    ['It says "no."', 'It says "no."'],
    ['It is there (200)', 'It is there (200).'],
    ['', ''],
  ])('%j ends once: %j', (text, ended) => {
    expect(sentence(text)).toBe(ended);
  });
});
