import { asCodedError, type ErrorArea, type ErrorCode } from '../errors.ts';

/** One of several things that a step reads: what came, or why it did not. */
export type Reading<T> =
  | { readonly status: 'read'; readonly value: T }
  | { readonly status: 'refused'; readonly code: ErrorCode; readonly because: string; readonly cause: unknown };

/** Areas of the outside world, and of a recording that stands for it. */
const WORLD: ReadonlySet<ErrorArea> = new Set(['kubelet', 'cluster', 'recording']);

/** Failures of the outside world are answers here, so that one of them does not take the others along; bugs are still thrown. */
export async function attempt<T>(read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { status: 'read', value: await read() };
  } catch (cause) {
    if (cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError'))
      return { status: 'refused', code: 'kubelet/unreachable', because: 'The kubelet did not answer in time.', cause };
    const { area, code, message } = asCodedError(cause);
    if (!WORLD.has(area)) throw cause;
    return { status: 'refused', code, because: message, cause };
  }
}

/** Refusals that asking again would not change. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['cluster/forbidden', 'cluster/not-found', 'recording/absent']);

/** Throws the first failure that may pass, for a step that came to know nothing at all and may be tried again. */
export function throwPassing(readings: readonly Reading<unknown>[]): void {
  const passing = readings.find((reading) => reading.status === 'refused' && !FINAL.has(reading.code));
  if (passing?.status === 'refused') throw passing.cause;
}
