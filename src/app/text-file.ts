import { readFileSync, statSync } from 'node:fs';
import { CodedError, fileProblem } from '../errors.ts';

/** More than this is no configuration and no policy. */
const MAX_BYTES = 1024 * 1024;

/** The text of a file that somebody names, of 1 MiB at most. Throws `config/file`. */
export function readTextFile(file: string): string {
  try {
    const found = statSync(file);
    if (!found.isFile()) throw new CodedError('config/file', `${file} is no regular file.`);
    if (found.size > MAX_BYTES) throw new CodedError('config/file', `${file} is larger than 1 MiB.`);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('config/file', `Cannot read ${file}: ${fileProblem(cause)}.`, { cause });
  }
}
