import { resolve } from 'node:path';

/** What a process that a test starts has to have in its environment, so that its requests to API servers are written down with those of the test. */
export function recorded(): Readonly<Record<string, string>> {
  const { REQUESTS_FOLDER } = process.env;
  if (REQUESTS_FOLDER === undefined) return {};
  return { REQUESTS_FOLDER, NODE_OPTIONS: `--import=${resolve('test/support/requests/record.ts')}` };
}
