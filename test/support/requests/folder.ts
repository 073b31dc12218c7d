import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** Makes the folder for what record.ts and finished.ts write down, before any test starts; `all` lists the test files that a whole run has. */
export async function setup({ vitest, config }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-requests-'));
  // Workers inherit it.
  process.env['REQUESTS_FOLDER'] = folder;
  const all = vitest.projects.find(({ name }) => name === 'all');
  if (all === undefined) throw new Error('vitest.config.ts has no project "all".');
  if (config.testNamePattern === undefined) await writeFile(join(folder, 'all'), (await all.globTestFiles()).testFiles.join('\n'));
  return () => rm(folder, { recursive: true, force: true });
}
