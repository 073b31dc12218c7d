import type { ClusterReader, KubeletReader } from '../cluster/cluster.ts';
import type { Registry } from '../registry/registry.ts';
import type { Sources } from '../steps/step.ts';
import { createKept, type Kept } from './kept.ts';
import { aboutBlob, aboutEndpoint, aboutLog, aboutManifest, aboutTags } from './question.ts';
import type { Recording } from './recording.ts';

/** Sources that keep what they answer. */
export interface Recorder {
  readonly sources: Sources;
  /** The answers so far as a recording of one pod. Throws `recording/incomplete` if that pod was not among them. */
  recording(pod: { readonly namespace: string; readonly name: string }, capturedAt: string): Recording;
}

/** Passes every question on to the real world and keeps the answers; of secrets only what is no secret. */
export function createRecorder(real: Sources): Recorder {
  const kept = createKept();
  const { cluster, kubelet, registry, prober, vantage } = real;
  return {
    sources: {
      cluster: recordedReader(cluster, kept),
      kubelet: recordedKubelet(kubelet, kept),
      registry: recordedRegistry(registry, kept),
      vantage,
      prober: { probe: (endpoint, signal) => kept.answer('endpoint', aboutEndpoint(endpoint), prober.probe(endpoint, signal)) },
    },
    recording: (pod, capturedAt) => kept.recording(pod, { capturedAt, cluster: cluster.name }),
  };
}

function recordedReader(real: ClusterReader, kept: Kept): ClusterReader {
  return {
    name: real.name,
    requests: () => real.requests(),
    async readPod(...args) {
      const pod = await real.readPod(...args);
      kept.pod(pod);
      return pod;
    },
    readJob: (namespace, name, signal) => kept.object('Job', name, real.readJob(namespace, name, signal), kept.job),
    async listJobs(...args) {
      const jobs = await real.listJobs(...args);
      jobs.forEach(kept.job);
      return jobs;
    },
    readController: (kind, namespace, name, signal) =>
      kept.object(kind, name, real.readController(kind, namespace, name, signal), (controller) => kept.controller(kind, controller)),
    // Only completion asks, which is not recorded.
    listNamespaces: (limit, signal) => real.listNamespaces(limit, signal),
    async listPodEvents(...args) {
      const answer = await real.listPodEvents(...args);
      answer.forEach(kept.event);
      return answer;
    },
    async listEvents(...args) {
      const answer = await real.listEvents(...args);
      answer.forEach(kept.event);
      return answer;
    },
    async listPullEnds(...args) {
      const answer = await real.listPullEnds(...args);
      answer.events.forEach(kept.event);
      return answer;
    },
    async listPods(...args) {
      const page = await real.listPods(...args);
      page.pods.forEach(kept.pod);
      kept.page(page.more === undefined);
      return page;
    },
    readServiceAccount: (namespace, name, signal) =>
      kept.object('service account', name, real.readServiceAccount(namespace, name, signal), kept.serviceAccount),
    readSecret: (namespace, name, signal) => kept.object('secret', name, real.readSecret(namespace, name, signal), kept.secret),
    readNode: (name, signal) => kept.object('node', name, real.readNode(name, signal), kept.node),
  };
}

function recordedKubelet(kubelet: KubeletReader, kept: Kept): KubeletReader {
  return {
    access: kubelet.access,
    requests: () => kubelet.requests(),
    sampleMetrics: (node, signal) => kept.answer('kubelet/metrics', node.metadata.name, kubelet.sampleMetrics(node, signal)),
    readStats: (node, signal) => kept.answer('kubelet/stats', node.metadata.name, kubelet.readStats(node, signal)),
    readConfiguration: (node, signal) => kept.answer('kubelet/configuration', node.metadata.name, kubelet.readConfiguration(node, signal)),
    readLog: (node, query, signal) => kept.answer('kubelet/log', aboutLog(node, query), kubelet.readLog(node, query, signal)),
  };
}

function recordedRegistry(registry: Registry, kept: Kept): Registry {
  return {
    ping: (host, signal) => kept.answer('registry/ping', host, registry.ping(host, signal)),
    askManifest: (question, signal) => kept.answer('registry/manifest', aboutManifest(question), registry.askManifest(question, signal)),
    listTags: (question, signal) => kept.answer('registry/tags', aboutTags(question), registry.listTags(question, signal)),
    askBlob: (question, signal) => kept.answer('registry/blob', aboutBlob(question), registry.askBlob(question, signal)),
    requests: () => registry.requests(),
  };
}
