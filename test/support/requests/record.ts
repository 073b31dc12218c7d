/** Writes down what this process asks of API servers. Vitest loads it for every test file, and `node --import` for the processes that tests start. */

import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { SENT_REQUESTS, type SentRequest } from '../../../src/cluster/sent-requests.ts';

const folder = process.env['REQUESTS_FOLDER'];
const known = new Set<string>();

if (folder !== undefined)
  subscribe(SENT_REQUESTS, (message) => {
    const line = JSON.stringify(message as SentRequest);
    if (known.has(line)) return;
    known.add(line);
    // At once and whole: tests kill processes.
    appendFileSync(join(folder, `${process.pid}.jsonl`), `${line}\n`);
  });
