import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeletSample } from '../../src/facts/kubernetes/kubelet-reading.ts';
import { baselineFor, type PullFigures, withFigures } from '../../src/facts/pull-figures.ts';

const START = Date.parse('2026-03-01T10:00:00Z');
const at = (minutes: number) => new Date(START + minutes * 60_000).toISOString();
const figures = (minutes: number, pulls: number, pullErrors = 0): PullFigures => ({ at: at(minutes), pulls, pullErrors });
const sample = (minutes: number, pulls: number, given: Partial<KubeletSample> = {}): KubeletSample => ({
  at: at(minutes),
  pulls,
  pullErrors: 0,
  pullDurations: {},
  evictions: {},
  runtimeOperations: {},
  ...given,
});

describe("a kubelet's figures of now", () => {
  it.each<[string, readonly PullFigures[], KubeletSample, number | undefined]>([
    ['are compared with the newest that are long enough ago', [figures(0, 5), figures(60, 9), figures(95, 20)], sample(100, 20), 9],
    ['are compared with nothing where there is nothing', [], sample(100, 20), undefined],
    ['are not compared with those of a kubelet that counted further', [figures(0, 50)], sample(100, 20), undefined],
    [
      'are not compared with those from before the kubelet was restarted',
      [figures(0, 5)],
      sample(100, 20, { startedAt: at(30) }),
      undefined,
    ],
    ['are compared with those since the kubelet was restarted', [figures(0, 5), figures(40, 7)], sample(100, 20, { startedAt: at(30) }), 7],
  ])('%s', (_, kept, latest, pulls) => {
    expect(baselineFor(latest, kept)?.pulls).toBe(pulls);
  });

  it('are kept beside the earlier ones, unless those are of a moment ago', () => {
    const kept = [figures(0, 5)];
    expect(withFigures(kept, sample(5, 6))).toBe(kept);
    expect(withFigures(kept, sample(10, 6))).toEqual([figures(0, 5), figures(10, 6)]);
  });

  it('take the place of those of a kubelet that was restarted, and of those of a week ago', () => {
    expect(withFigures([figures(0, 50)], sample(5, 6))).toEqual([figures(5, 6)]);
    expect(withFigures([figures(0, 5)], sample(7 * 24 * 60 + 1, 6))).toEqual([figures(7 * 24 * 60 + 1, 6)]);
  });

  it('stay few, in order, with the oldest of the week and the newest among them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 10, max: 500 }), { minLength: 1, maxLength: 60 }), (pauses) => {
        let [kept, minutes]: [readonly PullFigures[], number] = [[], 0];
        for (const pause of pauses) {
          minutes += pause;
          kept = withFigures(kept, sample(minutes, minutes));
        }
        const times = kept.map((entry) => Date.parse(entry.at));
        expect(kept.length).toBeLessThanOrEqual(8);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(kept.at(-1)?.at).toBe(at(minutes));
      }),
    );
    const hourly = Array.from({ length: 100 }, (_, hour) => hour * 60).reduce<readonly PullFigures[]>(
      (kept, minutes) => withFigures(kept, sample(minutes, minutes)),
      [],
    );
    expect([hourly[0]?.at, hourly.length]).toEqual([at(0), 8]);
  });
});
