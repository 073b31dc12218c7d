import { CodedError } from '../errors.ts';
import type { ClusterReader } from './cluster.ts';

/**
 * A reader that gives out nothing of namespaces that may not be read, whoever asks: what is named throws `cluster/denied`, and
 * lists over all namespaces leave it out. Every method is written down here, so that a new one cannot go round the guard.
 */
export function guardCluster(cluster: ClusterReader, mayRead: (namespace: string) => boolean): ClusterReader {
  const check = (namespace: string): void => {
    if (!mayRead(namespace))
      throw new CodedError(
        'cluster/denied',
        `Namespace ${namespace} of ${cluster.name} is not one that imagepull may read. Its configuration (namespaces, access) decides that.`,
      );
  };
  const checkIf = (namespace: string | undefined): void => {
    if (namespace !== undefined) check(namespace);
  };
  const inAllowed = (namespace: string | null | undefined): boolean => namespace != null && mayRead(namespace);

  return {
    name: cluster.name,
    requests: () => cluster.requests(),
    async readPod(namespace, name, signal) {
      check(namespace);
      return cluster.readPod(namespace, name, signal);
    },
    async listPodEvents(pod, signal) {
      check(pod.namespace);
      return cluster.listPodEvents(pod, signal);
    },
    async listEvents(selection, signal) {
      checkIf(selection.namespace);
      const events = await cluster.listEvents(selection, signal);
      return events.filter(({ involvedObject }) => inAllowed(involvedObject.namespace ?? selection.namespace));
    },
    async listPullEnds(limit, signal) {
      const { events, complete } = await cluster.listPullEnds(limit, signal);
      return { events: events.filter(({ involvedObject }) => inAllowed(involvedObject.namespace)), complete };
    },
    async listPods(selection, signal) {
      checkIf(selection.namespace);
      const page = await cluster.listPods(selection, signal);
      return { ...page, pods: page.pods.filter(({ metadata }) => inAllowed(metadata.namespace)) };
    },
    async readJob(namespace, name, signal) {
      check(namespace);
      return cluster.readJob(namespace, name, signal);
    },
    async listJobs(selection, signal) {
      checkIf(selection.namespace);
      const jobs = await cluster.listJobs(selection, signal);
      return jobs.filter(({ metadata }) => inAllowed(metadata.namespace ?? selection.namespace));
    },
    async readController(kind, namespace, name, signal) {
      check(namespace);
      return cluster.readController(kind, namespace, name, signal);
    },
    async listNamespaces(limit, signal) {
      return (await cluster.listNamespaces(limit, signal)).filter(mayRead);
    },
    async readServiceAccount(namespace, name, signal) {
      check(namespace);
      return cluster.readServiceAccount(namespace, name, signal);
    },
    async readSecret(namespace, name, signal) {
      check(namespace);
      return cluster.readSecret(namespace, name, signal);
    },
    readNode: (name, signal) => cluster.readNode(name, signal),
  };
}
