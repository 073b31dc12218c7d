import { rememberReads } from '../../src/cluster/remembering-cluster.ts';
import { jsonText } from '../../src/recording/json-text.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { textReport } from '../../src/report/formats/text-report.ts';
import { plain } from '../../src/report/layout.ts';
import { reportOf } from '../../src/report/report.ts';
import type { Conclusion, Run } from '../../src/runbook/run.ts';
import { diagnoseRecording } from './diagnosis.ts';

/** A recording that went through a whole diagnosis. */
export interface Diagnosed {
  readonly run: Run;
  readonly conclusion: Conclusion;
  /** Requests to the API server, as a running service makes them: nothing is asked twice. */
  readonly requests: number;
  /** What each stage hands to the next, as the text of a file each; the order is that of the stages. */
  readonly stages: Readonly<Record<string, string>>;
  /** What a terminal of 100 columns shows. */
  readonly report: string;
}

/** Diagnoses a recording in the world that it holds. */
export async function diagnosed(recording: Recording): Promise<Diagnosed> {
  const recorded = createRecordedSources(recording);
  const sources = { ...recorded, cluster: rememberReads(recorded.cluster, () => 0) };
  const run = await diagnoseRecording(recording, sources);
  const { conclusion } = run;
  if (!conclusion) throw new Error('every run ends with a conclusion');
  const requests = sources.cluster.requests();
  return {
    run,
    conclusion,
    requests,
    stages: {
      '1-target.json': jsonText(run.target),
      '2-findings.jsonl': run.findings.map((finding) => `${JSON.stringify(finding)}\n`).join(''),
      '3-failures.json': jsonText({ failures: run.failures, shortfalls: run.shortfalls }),
      '4-survey.json': jsonText(run.survey ?? null),
      '5-conclusion.json': jsonText(conclusion),
    },
    report: textReport(reportOf(run, { kubernetes: requests, registry: sources.registry.requests() }), plain, 100),
  };
}
