import type { Run } from '../runbook/run.ts';

/**
 * What comes first in a channel that has more to show than the chat takes, as the rank in its line: a verdict that something is
 * wrong, any other one, that a diagnosis began, how far it is, and what is behind a verdict. Last is what a newer program has to
 * show.
 */
export const URGENCY = { wrong: 0, verdict: 1, begun: 2, progress: 3, details: 4, newer: 9 } as const;

/** How urgent the news of a run is. */
export function urgencyOf({ conclusion, steps }: Run): number {
  if (conclusion) return conclusion.verdict.cause === null ? URGENCY.verdict : URGENCY.wrong;
  return Object.values(steps).some(({ status }) => status === 'done' || status === 'failed') ? URGENCY.progress : URGENCY.begun;
}
