import type { ClusterReader } from '../../src/cluster/cluster.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { plain } from '../../src/report/layout.ts';
import { reportOf } from '../../src/report/report.ts';
import { textReport } from '../../src/report/text-report.ts';
import { diagnoseRecording } from './diagnosis.ts';

/** What each stage of a diagnosis hands to the next, as the text of a file each; the order is that of the stages. */
export async function stagesOf(cluster: ClusterReader, recording: Recording): Promise<Readonly<Record<string, string>>> {
  const run = await diagnoseRecording(recording, cluster);
  return {
    '1-target.json': json(run.target),
    '2-findings.json': json({ findings: run.findings, failures: run.failures, shortfalls: run.shortfalls }),
    '3-survey.json': json(run.survey ?? null),
    '4-conclusion.json': json(run.conclusion),
    '5-report.txt': textReport(reportOf(run, { kubernetes: cluster.requests(), registry: 0 }), plain, 100),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}
