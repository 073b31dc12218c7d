import type { ClusterReader } from '../cluster/cluster.ts';
import { asCodedError, CodedError } from '../errors.ts';
import type { Controller, Event, Node, Owner, Pod, Secret, ServiceAccount } from '../facts/kubernetes-object.ts';
import type { Sources } from '../steps/step.ts';
import { aboutBlob, aboutEndpoint, aboutLog, aboutManifest, aboutTags } from './question.ts';
import type { Asking, RecordedAnswer } from './recorded-answers.ts';
import type { Recording } from './recording.ts';
import { createPasswordNumbers, secretSkeleton } from './secret-skeleton.ts';

/** Sources that keep what they answer. */
export interface Recorder {
  readonly sources: Sources;
  /** The answers so far as a recording of one pod. Throws `recording/incomplete` if that pod was not among them. */
  recording(pod: { readonly namespace: string; readonly name: string }, capturedAt: string): Recording;
}

/** Passes every question on to the real world and keeps the answers; of secrets only what is no secret. */
export function createRecorder(real: Sources): Recorder {
  const answers = new Map<string, RecordedAnswer>();
  const pods = new Map<string, Pod>();
  let podsComplete = true;
  const events = new Map<string, Event>();
  const owners: Owner[] = [];
  const controllers = new Map<string, Controller>();
  const serviceAccounts = new Map<string, ServiceAccount>();
  const secrets = new Map<string, Secret>();
  const passwordNumbers = createPasswordNumbers();
  const nodes = new Map<string, Node>();

  function keepAnswer(kept: RecordedAnswer): void {
    answers.set(`${kept.ask}\n${kept.about}`, kept);
  }

  /** Keeps an answer as it is. */
  async function record<T>(ask: Asking, about: string, answer: Promise<T>): Promise<T> {
    const given = await orRefusal(ask, about, answer, () => true);
    keepAnswer({ ask, about, answer: given });
    return given;
  }

  /** Keeps an object by its name. */
  async function object<T extends { metadata: { namespace: string; name: string } }>(
    ask: string,
    about: string,
    answer: Promise<T>,
    keep: (object: T) => void,
  ): Promise<T> {
    // What does not exist is absent from the recording as well.
    const given = await orRefusal(ask, about, answer, (code) => code !== 'cluster/not-found');
    keep(given);
    return given;
  }

  async function orRefusal<T>(ask: string, about: string, answer: Promise<T>, tells: (code: string) => boolean): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      const { code, message } = asCodedError(cause);
      if (tells(code)) keepAnswer({ ask, about, error: { code, message } });
      throw cause;
    }
  }

  const keepPod = (pod: Pod): void => void pods.set(nameOf(pod), pod);
  const keepEvent = (event: Event): void => void events.set(JSON.stringify(event), event);

  const cluster: ClusterReader = {
    name: real.cluster.name,
    requests: () => real.cluster.requests(),
    async readPod(...args) {
      const pod = await real.cluster.readPod(...args);
      keepPod(pod);
      return pod;
    },
    readJob: (namespace, name, signal) =>
      object('Job', name, real.cluster.readJob(namespace, name, signal), (job) => owners.push({ ...job, kind: job.kind || 'Job' })),
    async listJobs(...args) {
      const jobs = await real.cluster.listJobs(...args);
      owners.push(...jobs.map((job) => ({ ...job, kind: job.kind || 'Job' })));
      return jobs;
    },
    readController: (kind, namespace, name, signal) =>
      object(kind, name, real.cluster.readController(kind, namespace, name, signal), (controller) =>
        controllers.set(`${kind} ${nameOf(controller)}`, controller),
      ),
    // Only completion asks, which is not recorded.
    listNamespaces: (limit, signal) => real.cluster.listNamespaces(limit, signal),
    async listPodEvents(...args) {
      const answer = await real.cluster.listPodEvents(...args);
      answer.forEach(keepEvent);
      return answer;
    },
    async listEvents(...args) {
      const answer = await real.cluster.listEvents(...args);
      answer.forEach(keepEvent);
      return answer;
    },
    async listPullEnds(...args) {
      const answer = await real.cluster.listPullEnds(...args);
      answer.events.forEach(keepEvent);
      return answer;
    },
    async listPods(...args) {
      const page = await real.cluster.listPods(...args);
      page.pods.forEach(keepPod);
      podsComplete &&= page.more === undefined;
      return page;
    },
    readServiceAccount: (namespace, name, signal) =>
      object('service account', name, real.cluster.readServiceAccount(namespace, name, signal), (account) =>
        serviceAccounts.set(nameOf(account), account),
      ),
    readSecret: (namespace, name, signal) =>
      object('secret', name, real.cluster.readSecret(namespace, name, signal), (secret) =>
        secrets.set(nameOf(secret), secretSkeleton(secret, passwordNumbers)),
      ),
    readNode: (name, signal) => object('node', name, real.cluster.readNode(name, signal), (node) => nodes.set(name, node)),
  };

  const { kubelet, registry, prober, vantage } = real;
  return {
    sources: {
      cluster,
      kubelet: {
        access: kubelet.access,
        requests: () => kubelet.requests(),
        sampleMetrics: (node, signal) => record('kubelet/metrics', node.metadata.name, kubelet.sampleMetrics(node, signal)),
        readStats: (node, signal) => record('kubelet/stats', node.metadata.name, kubelet.readStats(node, signal)),
        readConfiguration: (node, signal) => record('kubelet/configuration', node.metadata.name, kubelet.readConfiguration(node, signal)),
        readLog: (node, query, signal) => record('kubelet/log', aboutLog(node, query), kubelet.readLog(node, query, signal)),
      },
      registry: {
        ping: (host, signal) => record('registry/ping', host, registry.ping(host, signal)),
        askManifest: (question, signal) => record('registry/manifest', aboutManifest(question), registry.askManifest(question, signal)),
        listTags: (question, signal) => record('registry/tags', aboutTags(question), registry.listTags(question, signal)),
        askBlob: (question, signal) => record('registry/blob', aboutBlob(question), registry.askBlob(question, signal)),
        requests: () => registry.requests(),
      },
      vantage,
      prober: { probe: (endpoint, signal) => record('endpoint', aboutEndpoint(endpoint), prober.probe(endpoint, signal)) },
    },
    recording({ namespace, name }, capturedAt) {
      const podObject = pods.get(`${namespace}/${name}`);
      if (!podObject) throw new CodedError('recording/incomplete', `Pod ${namespace}/${name} was not read, so there is nothing to record.`);
      return {
        capturedAt,
        cluster: real.cluster.name,
        namespace,
        pod: name,
        podObject,
        events: [...events.values()],
        pods: [...pods.values()],
        podsComplete,
        owners,
        controllers: [...controllers.values()],
        serviceAccounts: [...serviceAccounts.values()],
        secrets: [...secrets.values()],
        nodes: [...nodes.values()],
        answers: [...answers.values()],
      };
    },
  };
}

function nameOf(object: { readonly metadata: { readonly namespace: string; readonly name: string } }): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}
