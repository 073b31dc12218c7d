/** An answer and whether this call made the question be asked; false when it was remembered or shared. */
export interface Remembered<T> {
  readonly answer: T;
  readonly asked: boolean;
}

/** One question for the memory. */
export interface MemoryQuestion<T> {
  /** Stands for answers of one type; the same key is the same question. */
  readonly key: string;
  /** Gets no signal: others may be waiting for the same answer, so it needs a time limit of its own. */
  readonly ask: () => Promise<T>;
  /** False for answers that are shared with those who wait and then forgotten; absent keeps all. */
  readonly keep?: (answer: T) => boolean;
  /** Ends this caller's waiting, not the question. */
  readonly signal?: AbortSignal | undefined;
}

/** Asks a question unless the same one was asked a moment ago, or is being asked. */
export type AnswerMemory = <T>(question: MemoryQuestion<T>) => Promise<Remembered<T>>;

/** Remembers answers in this process's memory only, for a time and up to a number. Failures are shared with those who wait and then forgotten. */
export function createAnswerMemory(options: { readonly now: () => number; readonly keepMs: number; readonly most: number }): AnswerMemory {
  const { now, keepMs, most } = options;
  const answers = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();

  /** The map is in the order of asking, so what is old stands first. */
  function makeRoom(): void {
    for (const [key, { at }] of answers) {
      if (now() - at < keepMs && answers.size < most) return;
      answers.delete(key);
    }
  }

  return async <T>({ key, ask, keep, signal }: MemoryQuestion<T>) => {
    makeRoom();
    const kept = answers.get(key);
    // The cast is safe as long as a key stands for one type of answer, which callers promise.
    if (kept && now() - kept.at < keepMs) return { answer: await untilAborted(kept.answer as Promise<T>, signal), asked: false };
    const entry = { at: now(), answer: ask() };
    answers.delete(key);
    answers.set(key, entry);
    const forget = () => {
      if (answers.get(key) === entry) answers.delete(key);
    };
    entry.answer.then((answer) => (keep?.(answer) === false ? forget() : undefined), forget);
    return { answer: await untilAborted(entry.answer, signal), asked: true };
  };
}

/** The answer, or the signal's reason if that comes first. */
export function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
