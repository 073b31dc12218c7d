import type { ClusterReader } from '../cluster/cluster.ts';
import type { Event, Owner, Pod } from '../diagnosis/kubernetes-object.ts';
import { CodedError } from '../errors.ts';
import type { Recording } from './recording.ts';

/** A cluster that answers out of a recording, with the server's own selectors. */
export function createRecordedCluster(recording: Recording): ClusterReader {
  let requests = 0;
  async function counted<T>(answer: () => T): Promise<T> {
    requests += 1;
    return answer();
  }
  const pods = [recording.podObject, ...recording.pods.filter((pod) => !isSame(pod, recording.podObject))];
  return {
    name: recording.cluster,
    requests: () => requests,
    readPod: (namespace, name) =>
      counted(() =>
        found(
          pods.find((pod) => pod.metadata.namespace === namespace && pod.metadata.name === name),
          `pods "${name}" not found`,
        ),
      ),
    readJob: (namespace, name) =>
      counted(() =>
        found(
          recording.owners.find((owner) => owner.kind === 'Job' && owner.metadata.namespace === namespace && owner.metadata.name === name),
          `jobs "${name}" not found`,
        ),
      ),
    listPodEvents: ({ namespace, name, uid }) =>
      counted(() =>
        recording.events.filter(
          ({ involvedObject: about }) => about.namespace === namespace && about.name === name && (uid === undefined || about.uid === uid),
        ),
      ),
    listFailedEvents: ({ namespace, limit }) =>
      counted(() =>
        recording.events
          .filter((event) => event.reason === 'Failed' && (namespace === undefined || event.involvedObject.namespace === namespace))
          .slice(0, limit),
      ),
    listPods: (selection) =>
      counted(() => ({
        pods: pods.filter(
          (pod) =>
            (selection.namespace === undefined || pod.metadata.namespace === selection.namespace) &&
            (selection.node === undefined || pod.spec.nodeName === selection.node) &&
            (selection.phase === undefined || pod.status.phase === selection.phase),
        ),
      })),
  };
}

/** What a cluster answered while it was watched. */
export interface Watched {
  readonly cluster: ClusterReader;
  /** The answers so far as a recording of one pod. Throws `recording/incomplete` if that pod was not among them. */
  recording(pod: { readonly namespace: string; readonly name: string }, capturedAt: string): Recording;
}

/** Passes every call on to a real cluster and keeps the answers. */
export function watchCluster(real: ClusterReader): Watched {
  const events: Event[] = [];
  const owners: Owner[] = [];
  const pods = new Map<string, Pod>();
  const keep = (pod: Pod): void => void pods.set(`${pod.metadata.namespace}/${pod.metadata.name}`, pod);
  const cluster: ClusterReader = {
    name: real.name,
    requests: () => real.requests(),
    async readPod(...args) {
      const pod = await real.readPod(...args);
      keep(pod);
      return pod;
    },
    async readJob(...args) {
      const job = await real.readJob(...args);
      owners.push({ ...job, kind: job.kind || 'Job' });
      return job;
    },
    async listPodEvents(...args) {
      const answer = await real.listPodEvents(...args);
      events.push(...answer);
      return answer;
    },
    listFailedEvents: (...args) => real.listFailedEvents(...args),
    async listPods(...args) {
      const page = await real.listPods(...args);
      page.pods.forEach(keep);
      return page;
    },
  };
  return {
    cluster,
    recording({ namespace, name }, capturedAt) {
      const podObject = pods.get(`${namespace}/${name}`);
      if (!podObject) throw new CodedError('recording/incomplete', `Pod ${namespace}/${name} was not read, so there is nothing to record.`);
      return { capturedAt, cluster: real.name, namespace, pod: name, podObject, events, pods: [...pods.values()], owners };
    },
  };
}

function isSame(a: Pod, b: Pod): boolean {
  return a.metadata.namespace === b.metadata.namespace && a.metadata.name === b.metadata.name;
}

function found<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new CodedError('cluster/not-found', otherwise);
  return value;
}
