import { createAnswerMemory } from '../answer-memory.ts';
import type { ClusterReader } from './cluster.ts';

/** Long enough for the steps of one run to share what they read, too short for anybody to see an old answer. */
const KEEP_MS = 5_000;
const MOST_ANSWERS = 1_000;

/**
 * A ClusterReader that asks for the same pods, node, secret or service account once: several steps of a run, and runs
 * of one moment, share the request.
 */
export function rememberReads<T extends ClusterReader>(cluster: T, now: () => number): T {
  const remember = createAnswerMemory({ now, keepMs: KEEP_MS, most: MOST_ANSWERS });
  return {
    ...cluster,
    listPods: async (selection, signal) =>
      (await remember({ key: `pods ${JSON.stringify(selection)}`, ask: () => cluster.listPods(selection), signal })).answer,
    readServiceAccount: async (namespace, name, signal) =>
      (await remember({ key: `service account ${namespace}/${name}`, ask: () => cluster.readServiceAccount(namespace, name), signal }))
        .answer,
    readSecret: async (namespace, name, signal) =>
      (await remember({ key: `secret ${namespace}/${name}`, ask: () => cluster.readSecret(namespace, name), signal })).answer,
    readNode: async (name, signal) => (await remember({ key: `node ${name}`, ask: () => cluster.readNode(name), signal })).answer,
  };
}
