import type { Recording } from '../../src/recording/recording.ts';
import { plain } from '../../src/report/layout.ts';
import { reportOf } from '../../src/report/report.ts';
import { textReport } from '../../src/report/text-report.ts';
import type { Sources } from '../../src/steps/step.ts';
import { diagnoseRecording } from './diagnosis.ts';

/** What each stage of a diagnosis hands to the next, as the text of a file each; the order is that of the stages. */
export async function stagesOf(sources: Sources, recording: Recording): Promise<Readonly<Record<string, string>>> {
  const run = await diagnoseRecording(recording, sources);
  return {
    '1-target.json': json(run.target),
    '2-findings.json': json({ findings: run.findings, failures: run.failures, shortfalls: run.shortfalls }),
    '3-survey.json': json(run.survey ?? null),
    '4-conclusion.json': json(run.conclusion),
    '5-report.txt': textReport(
      reportOf(run, { kubernetes: sources.cluster.requests(), registry: sources.registry.requests() }),
      plain,
      100,
    ),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}
