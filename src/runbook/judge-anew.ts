import { type Finding, inReadingOrder } from '../diagnosis/finding.ts';
import type { CauseCatalogue } from '../remediation/cause-catalogue.ts';
import { conclude } from './conclude.ts';
import type { Run } from './run.ts';

/** A finished run with what was found after it, and the verdict that follows from all of it. */
export function judgeAnew(run: Run, more: readonly Finding[], catalogue: CauseCatalogue): Run {
  const judged = { ...run, findings: inReadingOrder([...run.findings, ...more]) };
  return { ...judged, conclusion: conclude(judged, catalogue) };
}
