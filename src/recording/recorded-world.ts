import { type ClusterReader, type KubeletReader, type PodSelection, PULL_ENDS } from '../cluster/cluster.ts';
import { CodedError, isErrorCode } from '../errors.ts';
import type { Pod } from '../facts/kubernetes/kubernetes-object.ts';
import { matchesLabels, parseLabelSelector } from '../facts/kubernetes/label-selector.ts';
import type { EndpointProber } from '../network/endpoint-prober.ts';
import type { Registry } from '../registry/registry.ts';
import type { Sources } from '../steps/step.ts';
import { sentence } from '../text/wording.ts';
import { aboutBlob, aboutEndpoint, aboutLog, aboutManifest, aboutTags } from './question.ts';
import { ANSWERS, type AnswerTo, type Asking } from './recorded-answers.ts';
import type { Recording } from './recording.ts';

/** Everything a diagnosis may ask, answered out of a recording. What it does not hold fails with `recording/absent`. */
export function createRecordedSources(recording: Recording): Sources {
  return {
    cluster: createRecordedCluster(recording),
    kubelet: createRecordedKubelet(recording),
    registry: createRecordedRegistry(recording),
    prober: createRecordedProber(recording),
    vantage: 'bot',
  };
}

/** A cluster that answers out of a recording, with the server's own selectors. */
export function createRecordedCluster(recording: Recording): ClusterReader {
  let requests = 0;
  async function counted<T>(answer: () => T): Promise<T> {
    requests += 1;
    return answer();
  }
  const pods = [recording.podObject, ...recording.pods.filter((pod) => !isSame(pod, recording.podObject))];
  const inNamespace = (namespace: string, name: string) => (object: { metadata: { namespace: string; name: string } }) =>
    object.metadata.namespace === namespace && object.metadata.name === name;

  /** An object of a kind that is recorded as a whole; without that kind in the recording nobody knows whether it existed. */
  function recorded<T>(kind: string, objects: readonly T[] | undefined, is: (object: T) => boolean, name: string): T {
    refusal(recording, kind, name);
    if (objects === undefined)
      throw new CodedError('recording/absent', `The recording was made without ${kind}s, so ${kind} ${name} is not known.`);
    return found(objects.find(is), `${kind} "${name}" not found`);
  }

  return {
    name: recording.cluster,
    requests: () => requests,
    readPod: (namespace, name) => counted(() => found(pods.find(inNamespace(namespace, name)), `pods "${name}" not found`)),
    readJob: (namespace, name) =>
      counted(() => {
        refusal(recording, 'Job', name);
        return found(
          recording.owners.find((owner) => owner.kind === 'Job' && inNamespace(namespace, name)(owner)),
          `jobs "${name}" not found`,
        );
      }),
    listJobs: ({ namespace, limit }) =>
      counted(() =>
        recording.owners
          .filter(({ kind, metadata }) => kind === 'Job' && (namespace === undefined || metadata.namespace === namespace))
          .slice(0, limit),
      ),
    readController: (kind, namespace, name) =>
      counted(() => {
        refusal(recording, kind, name);
        return found(
          recording.controllers?.find((controller) => controller.kind === kind && inNamespace(namespace, name)(controller)),
          `${kind} "${name}" not found`,
        );
      }),
    listNamespaces: (limit) => counted(() => [...new Set(pods.map((pod) => pod.metadata.namespace))].sort().slice(0, limit)),
    listPodEvents: ({ namespace, name, uid }) =>
      counted(() =>
        recording.events.filter(
          ({ involvedObject: about }) => about.namespace === namespace && about.name === name && (uid === undefined || about.uid === uid),
        ),
      ),
    listEvents: ({ namespace, reason, limit }) =>
      counted(() =>
        recording.events
          .filter((event) => event.reason === reason && (namespace === undefined || event.involvedObject.namespace === namespace))
          .slice(0, limit),
      ),
    listPullEnds: (limit) =>
      counted(() => {
        const events = recording.events.filter(({ reason }) => PULL_ENDS.has(reason ?? ''));
        return { events: events.slice(0, limit), complete: events.length < limit };
      }),
    listPods: (selection) =>
      counted(() => ({
        // What lies behind the first page was not recorded; the same pods again would count twice.
        pods: selection.continueFrom === undefined ? pods.filter((pod) => isSelected(pod, selection)) : [],
        ...(recording.podsComplete ? {} : { more: { continueFrom: 'not recorded' } }),
      })),
    readServiceAccount: (namespace, name) =>
      counted(() => recorded('service account', recording.serviceAccounts, inNamespace(namespace, name), name)),
    readSecret: (namespace, name) => counted(() => recorded('secret', recording.secrets, inNamespace(namespace, name), name)),
    readNode: (name) => counted(() => recorded('node', recording.nodes, (node) => node.metadata.name === name, name)),
  };
}

function createRecordedKubelet(recording: Recording): KubeletReader {
  return {
    access: 'apiserver-proxy',
    requests: () => 0,
    sampleMetrics: async (node) => answerTo(recording, 'kubelet/metrics', node.metadata.name),
    readStats: async (node) => answerTo(recording, 'kubelet/stats', node.metadata.name),
    readConfiguration: async (node) => answerTo(recording, 'kubelet/configuration', node.metadata.name),
    readLog: async (node, query) => answerTo(recording, 'kubelet/log', aboutLog(node, query)),
  };
}

function createRecordedRegistry(recording: Recording): Registry {
  let requests = 0;
  async function counted<A extends { readonly requests: number }>(answer: A): Promise<A> {
    requests += answer.requests;
    return answer;
  }
  return {
    ping: async (host) => counted(answerTo(recording, 'registry/ping', host)),
    askManifest: async (question) => counted(answerTo(recording, 'registry/manifest', aboutManifest(question))),
    listTags: async (question) => counted(answerTo(recording, 'registry/tags', aboutTags(question))),
    askBlob: async (question) => counted(answerTo(recording, 'registry/blob', aboutBlob(question))),
    requests: () => requests,
  };
}

function createRecordedProber(recording: Recording): EndpointProber {
  return { probe: async (endpoint) => answerTo(recording, 'endpoint', aboutEndpoint(endpoint)) };
}

function answerTo<A extends Asking>(recording: Recording, ask: A, about: string): AnswerTo<A> {
  refusal(recording, ask, about);
  const kept = recording.answers.find((candidate) => candidate.ask === ask && candidate.about === about);
  if (!kept) throw absent(recording, ask, about);
  const parsed = ANSWERS[ask].safeParse(kept.answer);
  // The cast is safe: the schema was picked by the same key as the type.
  if (parsed.success) return parsed.data as AnswerTo<A>;
  const issue = parsed.error.issues[0];
  throw new CodedError(
    'recording/broken',
    sentence(`answers.json of the recording is broken: ${ask} about ${about}, ${issue?.path.join('.') || 'its root'}: ${issue?.message}`),
  );
}

/** Throws what the real world threw when it was asked. */
function refusal(recording: Recording, ask: string, about: string): void {
  const error = recording.answers.find((candidate) => candidate.ask === ask && candidate.about === about)?.error;
  // A code of another version says what stands in its message, no more.
  if (error) throw new CodedError(isErrorCode(error.code) ? error.code : 'recording/broken', error.message);
}

/** Recordings may be made without a registry or kubelet, or with another version that asked other questions. */
function absent(recording: Recording, ask: Asking, about: string): CodedError {
  const area = ask.split('/')[0] ?? ask;
  const any = recording.answers.some((candidate) => candidate.ask.startsWith(area));
  const what = any ? `no answer to ${ask} about ${about}` : `nothing that a ${AREAS[area] ?? area} answered`;
  return new CodedError('recording/absent', `The recording holds ${what}.`);
}

const AREAS: Readonly<Record<string, string>> = { registry: 'registry', endpoint: 'probe of an endpoint', kubelet: 'kubelet' };

function isSelected(pod: Pod, selection: PodSelection): boolean {
  return (
    (selection.namespace === undefined || pod.metadata.namespace === selection.namespace) &&
    (selection.node === undefined || pod.spec.nodeName === selection.node) &&
    (selection.phase === undefined || pod.status.phase === selection.phase) &&
    (selection.labels === undefined || matchesLabels(parseLabelSelector(selection.labels) ?? [], pod.metadata.labels ?? {}))
  );
}

function isSame(a: Pod, b: Pod): boolean {
  return a.metadata.namespace === b.metadata.namespace && a.metadata.name === b.metadata.name;
}

function found<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new CodedError('cluster/not-found', otherwise);
  return value;
}
