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
  const message = error instanceof Error ? error.message : String(error);
  return new CodedError('internal/unexpected', message, { cause: error });
}
