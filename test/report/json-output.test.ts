import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { scan } from '../../src/app/app.ts';
import { loadCauses, loadPullErrorRules } from '../../src/app/runbooks.ts';
import { explanationOf } from '../../src/cli/commands/explain.ts';
import { createPullErrorClassifier } from '../../src/diagnosis/message/pull-error.ts';
import { createRecordedCluster } from '../../src/recording/recorded-world.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { possibleCauses } from '../../src/report/explanation.ts';
import { DiagnosesOutput, DiagnosisOutput, ExplanationOutput, ScanOutput } from '../../src/report/formats/json-output.ts';
import type { ScanReport } from '../../src/report/formats/scan-report.ts';
import { type Report, reportOf } from '../../src/report/report.ts';
import { diagnoseRecording } from '../support/diagnosis.ts';

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
/** Fails to compile when a field is missing in a schema's type, or is of another one. */
const typesAgree: [
  (report: Report) => Frozen<z.infer<typeof DiagnosisOutput>>,
  (report: ScanReport) => Frozen<z.infer<typeof ScanOutput>>,
] = [(report) => report, (report) => report];

/** What is printed, read back by its schema: a field that the schema does not know would be lost, so both must be equal. */
function expectDescribed(schema: z.ZodType, output: unknown): void {
  const printed: unknown = JSON.parse(JSON.stringify(output));
  const read = schema.safeParse(printed);
  expect(read.error?.issues ?? []).toEqual([]);
  expect(read.data).toEqual(printed);
}

const cases = readdirSync('test/cases');

describe('the JSON output is what its schema says', () => {
  it.each(cases)('for the diagnosis of %s', async (name) => {
    const run = await diagnoseRecording(await readRecordingFolder(`test/cases/${name}`));
    const report = reportOf(run, { kubernetes: 1, registry: 2 });
    expectDescribed(DiagnosisOutput, report);
    const selection = { matched: 3, failing: 2, says: 'x' };
    expectDescribed(DiagnosesOutput, { schemaVersion: 1, selection, reports: [{ ...report, selection }] });
  });

  it('for a scan', async () => {
    const cluster = createRecordedCluster(await readRecordingFolder('test/cases/deploy-3'));
    const report = await scan({ cluster, now: new Date('2026-03-01T10:10:00Z') });
    expect(report.groups.length).toBeGreaterThan(3);
    expectDescribed(ScanOutput, report);
  });

  it('for every message there is a rule for', () => {
    const rules = loadPullErrorRules();
    const classify = createPullErrorClassifier(rules);
    const causes = loadCauses();
    const messages = ['', ...rules.rules.flatMap(({ samples }) => samples)];
    const explained = messages.map((message) => ({
      error: classify(message),
      causes: possibleCauses(classify(message), causes),
      ifPull: [],
    }));
    expectDescribed(ExplanationOutput, explanationOf(explained));
  });

  it('by its type', () => {
    expect(typesAgree).toHaveLength(2);
  });
});
