/**
 * Writes the JSON Schemas that editors use for runbooks/*.yaml; with --check it only compares, and fails if one is stale.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { CauseCatalogue, PullErrorRules, Runbook } from '../../src/runbook/runbook-files.ts';

const FOLDER = 'runbooks/schemas';
const schemas = { 'pull-errors': PullErrorRules, causes: CauseCatalogue, 'image-pull': Runbook };
const check = process.argv.includes('--check');

await mkdir(FOLDER, { recursive: true });
for (const [name, schema] of Object.entries(schemas)) {
  const file = `${FOLDER}/${name}.schema.json`;
  const wanted = `${JSON.stringify({ title: `imagepull: ${name}.yaml`, ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) }, undefined, 1)}\n`;
  if (!check) await writeFile(file, wanted);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== wanted) {
    process.stderr.write(`${file} is not what src/runbook/runbook-files.ts says; run npm run schemas\n`);
    process.exitCode = 1;
  }
}
