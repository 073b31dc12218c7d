/** Writes down which test files came to their end. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';

afterAll(() => {
  appendFileSync(join(process.env['REQUESTS_FOLDER'] ?? '', 'finished'), `${expect.getState().testPath}\n`);
});
