import { describe, expect, it } from 'vitest';
import { observed } from '../../src/diagnosis/evidence.ts';

describe('evidence', () => {
  it('is redacted where it is made', () => {
    const made = observed('registry', { from: 'bot', at: new Date(0), text: 'GET https://user:canary-1234@registry.example/v2/' });
    expect(made).toEqual({
      source: 'registry',
      vantage: 'bot',
      observedAt: '1970-01-01T00:00:00.000Z',
      text: 'GET https://[redacted]@registry.example/v2/',
    });
  });
  it('says how often it was seen only when that was more than once', () => {
    const seen = (times: number) => observed('pod-event', { from: 'node', at: '2026-03-01T10:00:00Z', text: 'x', times }).times;
    expect([seen(1), seen(7)]).toEqual([undefined, 7]);
  });
});
