import { z } from 'zod';
import type { KubeletSample } from './kubernetes/kubelet-reading.ts';

/** How many pulls a kubelet had made at a time since it started, and how many of them had failed. */
export const PullFigures = z.object({
  /** RFC 3339. */
  at: z.string(),
  pulls: z.number(),
  pullErrors: z.number(),
});
export type PullFigures = z.infer<typeof PullFigures>;

/** For so long figures of a node are kept. */
export const FIGURES_KEPT_MS = 7 * 24 * 3_600_000;
/** Figures of less than this ago say little beside those of now. */
const APART_MS = 10 * 60_000;
const MOST = 8;

/** The figures of a look at a kubelet's metrics; undefined where it has pulled nothing. */
export function figuresOf({ at, pulls, pullErrors }: KubeletSample): PullFigures | undefined {
  return pulls === undefined || pullErrors === undefined ? undefined : { at, pulls, pullErrors };
}

/** The newest figures that those of now can be compared with: long enough ago, and of the same run of the kubelet, as far as can be told. */
export function baselineFor(latest: KubeletSample, kept: readonly PullFigures[]): PullFigures | undefined {
  const now = figuresOf(latest);
  if (!now) return undefined;
  return kept.findLast((earlier) => Date.parse(now.at) - Date.parse(earlier.at) >= APART_MS && isSameRun(earlier, now, latest.startedAt));
}

/** What to keep once there are new figures, the oldest first: a few, spread over the days. The very list that was given if that is enough. */
export function withFigures(kept: readonly PullFigures[], latest: KubeletSample): readonly PullFigures[] {
  const now = figuresOf(latest);
  if (!now) return kept;
  const last = kept.at(-1);
  if (last && isSameRun(last, now, latest.startedAt) && Date.parse(now.at) - Date.parse(last.at) < APART_MS) return kept;
  const oldest = Date.parse(now.at) - FIGURES_KEPT_MS;
  return thinned([...kept.filter((earlier) => Date.parse(earlier.at) >= oldest && isSameRun(earlier, now, latest.startedAt)), now]);
}

/** A kubelet that was restarted counts from zero. */
function isSameRun(earlier: PullFigures, now: PullFigures, startedAt: string | undefined): boolean {
  if (startedAt !== undefined && Date.parse(startedAt) > Date.parse(earlier.at)) return false;
  return earlier.pulls <= now.pulls && earlier.pullErrors <= now.pullErrors;
}

/** Leaves out the figures that stand closest between their neighbours. */
function thinned(figures: readonly PullFigures[]): readonly PullFigures[] {
  if (figures.length <= MOST) return figures;
  const gaps = figures.map((_, index) => timeOf(figures[index + 1]) - timeOf(figures[index - 1]));
  const closest = gaps.indexOf(Math.min(...gaps.filter((gap) => !Number.isNaN(gap))));
  return thinned(figures.filter((_, index) => index !== closest));
}

function timeOf(figures: PullFigures | undefined): number {
  return figures === undefined ? Number.NaN : Date.parse(figures.at);
}
