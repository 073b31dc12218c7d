import { describe, expect, it } from 'vitest';
import { asCodedError, CodedError, isErrorCode } from '../src/errors.ts';

describe('an error with a code', () => {
  it('knows its area, whose fault it is and whether another try may help', () => {
    expect(new CodedError('cluster/unavailable', 'busy')).toMatchObject({ area: 'cluster', fault: 'outside', retryable: true });
    expect(new CodedError('usage/no-target', 'none')).toMatchObject({ area: 'usage', fault: 'caller', retryable: false });
  });
  it('leaves the last to who throws it where a code stands for both', () => {
    expect(new CodedError('cluster/unavailable', 'refused', { retryable: false }).retryable).toBe(false);
  });
  it('is a bug where nothing was thrown on purpose', () => {
    expect(asCodedError(new TypeError('x is not a function'))).toMatchObject({
      code: 'internal/unexpected',
      fault: 'bug',
      retryable: false,
    });
  });
  it('of another version is no code of this one', () => {
    expect([isErrorCode('cluster/forbidden'), isErrorCode('cluster/melted')]).toEqual([true, false]);
  });
});
