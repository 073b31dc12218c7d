/**
 * Writes the JSON Schemas that editors use for runbooks/*.yaml, and those of what `-o json` prints; with --check it only
 * compares, and fails if one is stale.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { FileConfig } from '../../src/app/config/schema.ts';
import { ApprovalPolicy } from '../../src/approval/policy.ts';
import { DoctorDocument } from '../../src/doctor/doctor-document.ts';
import { NodeDocument } from '../../src/node/document.ts';
import { PrunePlan } from '../../src/node/prune/plan.ts';
import { DiagnosesOutput, DiagnosisOutput, ExplanationOutput, ScanOutput } from '../../src/report/formats/json-output.ts';
import { CauseCatalogue, PullErrorRules, Runbook } from '../../src/runbook/runbook-files.ts';

/** Each schema with its title and the file that it is made from. */
const SCHEMAS: readonly (readonly [file: string, title: string, schema: z.core.$ZodType, source: string])[] = [
  ...Object.entries({ 'pull-errors': PullErrorRules, causes: CauseCatalogue, 'image-pull': Runbook }).map(
    ([name, schema]) =>
      [`runbooks/schemas/${name}.schema.json`, `imagepull: ${name}.yaml`, schema, 'src/runbook/runbook-files.ts'] as const,
  ),
  ['runbooks/schemas/approvals.schema.json', 'imagepull: approvals.yaml', ApprovalPolicy, 'src/approval/policy.ts'],
  ...Object.entries({
    diagnose: ['imagepull diagnose -o json', DiagnosisOutput] as const,
    'diagnose-selector': ['imagepull diagnose -l SELECTOR -o json', DiagnosesOutput] as const,
    scan: ['imagepull scan -o json', ScanOutput] as const,
    explain: ['imagepull explain -o json', ExplanationOutput] as const,
  }).map(([name, [title, schema]]) => [`docs/schemas/${name}.schema.json`, title, schema, 'src/report/json-output.ts'] as const),
  ['docs/schemas/config.schema.json', 'imagepull serve --config', FileConfig, 'src/app/config/schema.ts'],
  ['docs/schemas/doctor.schema.json', 'imagepull doctor -o json', DoctorDocument, 'src/doctor/doctor-document.ts'],
  ['docs/schemas/node.schema.json', 'imagepull node', NodeDocument, 'src/node/document.ts'],
  ['docs/schemas/node-prune-plan.schema.json', 'imagepull node prune --plan', PrunePlan, 'src/node/prune/plan.ts'],
];
const check = process.argv.includes('--check');

for (const [file, title, schema, source] of SCHEMAS) {
  await mkdir(dirname(file), { recursive: true });
  const wanted = `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) }, undefined, 1)}\n`;
  if (!check) await writeFile(file, wanted);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== wanted) {
    process.stderr.write(`${file} is not what ${source} says; run npm run schemas\n`);
    process.exitCode = 1;
  }
}
