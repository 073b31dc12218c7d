/** Writes what Helm makes of some sets of values into test/with-helm/golden. Read the diff. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GOLDEN, goldenFile, template, valuesOf } from './helm.ts';

for (const name of GOLDEN) {
  await mkdir(dirname(goldenFile(name)), { recursive: true });
  await writeFile(goldenFile(name), await template(valuesOf(name)));
}
