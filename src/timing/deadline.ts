/** How long something may take, and who may end it sooner. Both may be left out. */
export interface DeadlineOptions {
  readonly ms?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What to reject with when the time is up; a TimeoutError if not given. */
  readonly error?: (() => Error) | undefined;
}

/**
 * Runs something with a time limit. Rejects with `error` when the time is up, or with the reason of `signal` when
 * that is aborted first, whether or not `run` pays attention to the signal it is given. Once it has settled, neither a timer
 * nor a listener is left; AbortSignal.timeout keeps both until its time is up.
 */
export function deadline<T>(options: DeadlineOptions, run: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
  const { ms, signal, error } = options;
  const limit = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const clear = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    };
    const stop = (reason: unknown) => {
      clear();
      reject(reason);
      limit.abort(reason);
    };
    const cancel = () => stop(signal?.reason);
    const timer = ms === undefined ? undefined : setTimeout(() => stop(error?.() ?? timeoutError(ms)), ms);
    if (signal?.aborted) return cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    new Promise<T>((done) => done(run(limit.signal))).then(resolve, reject).finally(clear);
  });
}

/** Waits for work to end, at most so many ms; whether it did, however it ended. Never rejects. */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = new Error('late');
  try {
    await deadline({ ms, error: () => late }, () => work);
    return true;
  } catch (cause) {
    return cause !== late;
  }
}

/** The error that AbortSignal.timeout would give. */
function timeoutError(ms: number): DOMException {
  return new DOMException(`not done within ${ms} ms`, 'TimeoutError');
}
