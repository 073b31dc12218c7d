import { type Finding, inReadingOrder } from '../diagnosis/finding.ts';
import { vantagesDiffer } from '../diagnosis/node-task/two-vantages.ts';
import type { CauseCatalogue } from '../remediation/cause-catalogue.ts';
import { conclude } from './conclude.ts';
import type { Run } from './run.ts';

/**
 * A finished run with what was found from its node afterwards, and the verdict that follows from all of it. Where bot and node see different things,
 * who has to look is a part of what the verdict means. What was taken in already changes nothing.
 */
export function seenFromNode(run: Run, found: readonly Finding[], node: string, catalogue: CauseCatalogue): Run {
  const known = new Set(run.findings.map((finding) => JSON.stringify(finding)));
  const fresh = found.filter((finding) => !known.has(JSON.stringify(finding)));
  if (fresh.length === 0) return run;
  const judged = { ...run, findings: inReadingOrder([...run.findings, ...fresh]) };
  const conclusion = conclude(judged, catalogue);
  const differ = vantagesDiffer(judged.findings, node);
  if (differ === undefined) return { ...judged, conclusion };
  return { ...judged, conclusion: { ...conclusion, means: conclusion.means === undefined ? differ : `${conclusion.means} ${differ}` } };
}
