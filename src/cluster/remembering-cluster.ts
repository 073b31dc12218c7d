import { createAnswerCache } from '../timing/answer-cache.ts';
import { deadline } from '../timing/deadline.ts';
import { createExpiringMap } from '../timing/expiring-map.ts';
import type { ClusterReader } from './cluster.ts';

/** Long enough for the steps of one run to share what they read, too short for anybody to see an old answer. */
const KEEP_MS = 5_000;
const MAX_ANSWERS = 1_000;

/** How old the events may be that were asked for together with their pod. */
const TOGETHER_MS = 1_000;

/**
 * A ClusterReader that asks for the same pods, node, workload, secret or service account once: several steps of a run, and runs
 * of one moment, share the request. With `ahead`, a pod's events are asked for together with it: who reads a pod wants
 * them next, unless another process does.
 */
export function rememberReads<T extends ClusterReader>(cluster: T, now: () => number, { ahead = false } = {}): T {
  const remember = createAnswerCache({ now, keepMs: KEEP_MS, max: MAX_ANSWERS });
  /** Events by pod, each for the first who asks: later ones want to see what happened since. */
  const together = createExpiringMap<ReturnType<ClusterReader['listPodEvents']>>({ now, ttlMs: TOGETHER_MS, max: MAX_ANSWERS });

  function askTogether(namespace: string, name: string): void {
    const events = cluster.listPodEvents({ namespace, name });
    // Told to who asks for them; nobody does where the pod is not there.
    events.catch(() => undefined);
    together.set(`${namespace}/${name}`, events);
  }

  return {
    ...cluster,
    readPod(namespace, name, signal) {
      const pod = cluster.readPod(namespace, name, signal);
      if (ahead) askTogether(namespace, name);
      return pod;
    },
    async listPodEvents(pod, signal) {
      const key = `${pod.namespace}/${pod.name}`;
      const asked = together.get(key);
      together.delete(key);
      if (!asked) return cluster.listPodEvents(pod, signal);
      const events = await deadline({ signal }, () => asked);
      return pod.uid === undefined ? events : events.filter(({ involvedObject }) => involvedObject.uid === pod.uid);
    },
    listPods: async (selection, signal) =>
      (await remember({ key: `pods ${JSON.stringify(selection)}`, ask: () => cluster.listPods(selection), signal })).answer,
    readController: async (kind, namespace, name, signal) =>
      (await remember({ key: `${kind} ${namespace}/${name}`, ask: () => cluster.readController(kind, namespace, name), signal })).answer,
    readServiceAccount: async (namespace, name, signal) =>
      (await remember({ key: `service account ${namespace}/${name}`, ask: () => cluster.readServiceAccount(namespace, name), signal }))
        .answer,
    readSecret: async (namespace, name, signal) =>
      (await remember({ key: `secret ${namespace}/${name}`, ask: () => cluster.readSecret(namespace, name), signal })).answer,
    readNode: async (name, signal) => (await remember({ key: `node ${name}`, ask: () => cluster.readNode(name), signal })).answer,
  };
}
