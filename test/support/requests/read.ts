import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SentRequest } from '../../../src/cluster/sent-requests.ts';

/** What tests asked of API servers so far. */
export interface Requests {
  readonly sent: readonly SentRequest[];
  /** Whether every test file there is came to its end. */
  readonly isWhole: boolean;
}

/** Reads what record.ts and finished.ts wrote down in this run. */
export function readRequests(folder = process.env['REQUESTS_FOLDER']): Requests {
  if (folder === undefined) throw new Error('Nothing is written down: run this by vitest.config.ts.');
  const names = readdirSync(folder);
  const linesOf = (name: string): readonly string[] =>
    names.includes(name)
      ? readFileSync(join(folder, name), 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
  const finished = new Set(linesOf('finished'));
  const all = linesOf('all');
  return {
    sent: names.filter((name) => name.endsWith('.jsonl')).flatMap((name) => linesOf(name).map((line) => JSON.parse(line) as SentRequest)),
    isWhole: all.length > 0 && all.every((file) => finished.has(file)),
  };
}
