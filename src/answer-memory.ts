/** An answer and whether this call made the question be asked; false when it was remembered or shared. */
export interface Remembered<T> {
  readonly answer: T;
  readonly asked: boolean;
}

/** Asks a question unless the same one was asked a moment ago, or is being asked. */
export type AnswerMemory = <T>(key: string, ask: () => Promise<T>, signal?: AbortSignal) => Promise<Remembered<T>>;

/**
 * Remembers answers by their question, in this process's memory only. Failures are shared with those who wait for the same
 * answer and then forgotten. `ask` gets no signal: others may be waiting too, so it needs a time limit of its own. A key
 * must stand for answers of one type.
 */
export function createAnswerMemory(options: { readonly now: () => number; readonly keepMs: number; readonly most: number }): AnswerMemory {
  const { now, keepMs, most } = options;
  const answers = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();

  return async <T>(key: string, ask: () => Promise<T>, signal?: AbortSignal) => {
    const kept = answers.get(key);
    // The cast is safe as long as a key stands for one type of answer, which callers promise.
    if (kept && now() - kept.at < keepMs) return { answer: await untilAborted(kept.answer as Promise<T>, signal), asked: false };
    if (answers.size >= most) answers.clear();
    const entry = { at: now(), answer: ask() };
    answers.set(key, entry);
    entry.answer.catch(() => {
      if (answers.get(key) === entry) answers.delete(key);
    });
    return { answer: await untilAborted(entry.answer, signal), asked: true };
  };
}

/** The answer, or the signal's reason if that comes first. */
function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
