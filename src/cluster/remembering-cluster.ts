import type { ClusterReader } from './cluster.ts';

/** Long enough for the steps of one run to share what they read, too short for anybody to see an old answer. */
const REMEMBER_MS = 5_000;
/** More different questions than this within that time are asked again. */
const MOST_ANSWERS = 1_000;

/**
 * A ClusterReader that asks for the same pods, node, secret or service account once: several steps of a run, and runs
 * of one moment, share the request. Answers stay in this process's memory for five seconds; failures are not kept.
 */
export function rememberReads<T extends ClusterReader>(cluster: T, now: () => number): T {
  const answers = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();

  function remember<Args extends readonly unknown[], R>(
    name: string,
    ask: (...args: Args) => Promise<R>,
  ): (...args: [...Args, AbortSignal?]) => Promise<R> {
    return (...given) => {
      const last = given.at(-1);
      const signal = last instanceof AbortSignal ? last : undefined;
      // The cast undoes the optional signal at the end: what is left are the arguments that name the question.
      const args = given.filter((value) => value !== undefined && value !== signal) as unknown as Args;
      const key = `${name} ${JSON.stringify(args)}`;
      const kept = answers.get(key);
      // The cast is safe: a key starts with the method's name, so what it leads to is that method's answer.
      if (kept && now() - kept.at < REMEMBER_MS) return untilAborted(kept.answer as Promise<R>, signal);
      if (answers.size >= MOST_ANSWERS) answers.clear();
      // Not the caller's signal: others may be waiting for the same answer. The adapter has a time limit of its own.
      const answer = ask(...args);
      answers.set(key, { at: now(), answer });
      answer.catch(() => answers.delete(key));
      return untilAborted(answer, signal);
    };
  }

  return {
    ...cluster,
    listPods: remember('pods', (selection) => cluster.listPods(selection)),
    readServiceAccount: remember('service account', (namespace, name) => cluster.readServiceAccount(namespace, name)),
    readSecret: remember('secret', (namespace, name) => cluster.readSecret(namespace, name)),
    readNode: remember('node', (name) => cluster.readNode(name)),
  };
}

function untilAborted<R>(answer: Promise<R>, signal: AbortSignal | undefined): Promise<R> {
  if (!signal) return answer;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
