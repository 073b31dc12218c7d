import { diagnose } from '../../src/app.ts';
import type { ClusterReader } from '../../src/cluster/cluster.ts';
import { plain } from '../../src/report/layout.ts';
import { reportOf } from '../../src/report/report.ts';
import { textReport } from '../../src/report/text-report.ts';

const silent = { post: async () => ({ ts: 'card' }), update: async () => undefined };

/** What each stage of a diagnosis hands to the next, as the text of a file each; the order is that of the stages. */
export async function stagesOf(
  cluster: ClusterReader,
  pod: { namespace: string; pod: string; capturedAt: string },
): Promise<Readonly<Record<string, string>>> {
  const run = await diagnose({ cluster, namespace: pod.namespace, pod: pod.pod, chat: silent, now: () => new Date(pod.capturedAt) });
  const report = textReport(reportOf(run, { kubernetes: cluster.requests(), registry: 0 }), plain, 100);
  return {
    '1-target.json': json(run.target),
    '2-findings.json': json({ findings: run.findings, failures: run.failures, shortfalls: run.shortfalls }),
    '3-survey.json': json(run.survey ?? null),
    '4-conclusion.json': json(run.conclusion),
    '5-report.txt': report,
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}
