import { describe, expect, it } from 'vitest';
import { CodedError } from '../src/errors.ts';
import { healthOf } from '../src/health.ts';

describe('a check', () => {
  it('answers with a sentence, also where the other side fails', async () => {
    expect(await healthOf(async () => 'Redis 7.4 answers.')).toEqual({ status: 'well', says: 'Redis 7.4 answers.' });
    expect(await healthOf(() => Promise.reject(new CodedError('store/unavailable', 'Redis does not answer.')))).toEqual({
      status: 'ill',
      says: 'Redis does not answer.',
    });
  });
  it('does not take a bug for an illness', async () => {
    await expect(healthOf(() => Promise.reject(new TypeError('x is not a function')))).rejects.toThrow(TypeError);
  });
});
