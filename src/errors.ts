/**
 * Base of every error this program throws on purpose. `code` is `area/what` and never changes once released;
 * `message` is written for the person who caused it; `retryable` is decided where the failure is understood.
 */
export class CodedError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  /** How long to wait at least before trying again, ms, where the other side said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { readonly retryable?: boolean; readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Any thrown value as a CodedError; what was not thrown on purpose gets the code `internal/unexpected`. */
export function asCodedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError('internal/unexpected', wordsOf(error), { cause: error });
}

/** Several failures at once (AggregateError) come without a message of their own; then their code or name is all there is. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.message || code || error.name;
}

/** What the system says of a file, folder or stream that cannot be read or written, in the words of people. */
export function fileProblem(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return FILE_PROBLEMS[code] ?? asCodedError(cause).message.replace(/[.!]$/, '');
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the device reports an input/output error',
  ENAMETOOLONG: 'its name is too long',
};
