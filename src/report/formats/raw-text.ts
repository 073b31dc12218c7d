import type { Run } from '../../runbook/run.ts';
import { clock } from '../layout.ts';

/** What runtime, registry and cluster said of a run, word for word, with the code of each finding. Redacted where it was observed. */
export function rawText(run: Run): string {
  const failures = run.failures.map(({ container, image, message }) => `container ${container}, ${image.image}:\n${message}`);
  const findings = run.findings.map(({ code, says, container, evidence }) =>
    [
      `${code}${container === undefined ? '' : ` (${container})`}: ${says}`,
      ...evidence.map((item) => `  ${item.source}, seen from the ${item.vantage}, ${clock(item.observedAt)}: ${item.text}`),
    ].join('\n'),
  );
  const shortfalls = run.shortfalls.map(({ stepId, says }) => `${stepId}: ${says}`);
  const parts = [
    ...(failures.length > 0 ? ['Messages', ...failures] : []),
    ...(findings.length > 0 ? ['Findings', ...findings] : []),
    ...(shortfalls.length > 0 ? ['Not seen', ...shortfalls] : []),
  ];
  return parts.length > 0 ? parts.join('\n\n') : 'Nothing was found yet.';
}
