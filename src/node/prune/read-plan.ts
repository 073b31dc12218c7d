import { readFileSync, statSync } from 'node:fs';
import { CodedError, fileProblem } from '../../errors.ts';
import { PrunePlan } from './plan.ts';

const MAX_BYTES = 4 * 1024 * 1024;

/** A plan in a JSON file. Throws `node/plan`. */
export function readPlan(file: string): PrunePlan {
  const read = PrunePlan.safeParse(parsed(file, textOf(file)));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.map(String).join('.')}` : '';
  throw new CodedError('node/plan', `${file} is no plan for pruning${where}: ${issue?.message ?? 'unreadable'}.`);
}

function textOf(file: string): string {
  try {
    if (statSync(file).size > MAX_BYTES) throw new CodedError('node/plan', `${file} is larger than 4 MiB.`);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('node/plan', `Cannot read ${file}: ${fileProblem(cause)}.`, { cause });
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError('node/plan', `${file} is not JSON.`, { cause });
  }
}
