import type { KubeletConfiguration, KubeletSample, StatsSummary } from '../facts/kubernetes/kubelet-reading.ts';
import type { Controller, Event, Node, Owner, Pod, Secret, ServiceAccount } from '../facts/kubernetes/kubernetes-object.ts';

/** Which pods to list. No namespace means all of them; node and phase narrow it on the server. */
export interface PodSelection {
  readonly namespace?: string;
  readonly node?: string;
  readonly phase?: 'Pending' | 'Running';
  /** A label selector, as `kubectl get -l` takes it. */
  readonly labels?: string;
  /** Most pods in one answer. */
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly continueFrom?: string;
}

/** Events that can be listed over many pods. */
export type EventReason = 'Failed' | 'Pulling' | 'FailedToRetrieveImagePullSecret' | 'FailedCreatePodSandBox';
/** The kinds of object that make pods and can be asked for by name. */
export const CONTROLLER_KINDS = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
] as const;
export type ControllerKind = (typeof CONTROLLER_KINDS)[number];

/** One page. `more` is set when the server holds further pods; `remaining` is its estimate and may be absent. */
export interface PodPage {
  readonly pods: readonly Pod[];
  readonly more?: { readonly continueFrom: string; readonly remaining?: number };
}

/**
 * What a diagnosis may read of a cluster. Every method throws CodedError: `cluster/not-found`, `cluster/forbidden`
 * (the message has the RBAC rule that would allow it), `cluster/unauthenticated`, `cluster/unreachable`,
 * `cluster/unavailable` (retryable) or `cluster/bad-answer`.
 */
export interface ClusterReader {
  /** Name of the cluster for people: a kubeconfig context, or `in-cluster`. */
  readonly name: string;
  readPod(namespace: string, name: string, signal?: AbortSignal): Promise<Pod>;
  /** Events of one pod; `uid` leaves out those of an earlier pod of the same name. */
  listPodEvents(pod: { namespace: string; name: string; uid?: string }, signal?: AbortSignal): Promise<readonly Event[]>;
  /** Events about pods with this reason, of a namespace or of all: one page, the server's order. */
  listEvents(selection: { namespace?: string; reason: EventReason; limit: number }, signal?: AbortSignal): Promise<readonly Event[]>;
  /** What kubelets said of any pods whose pulls are over: Failed, BackOff and Pulled. One page; `complete` is false where there is more. */
  listPullEnds(limit: number, signal?: AbortSignal): Promise<{ readonly events: readonly Event[]; readonly complete: boolean }>;
  listPods(selection: PodSelection, signal?: AbortSignal): Promise<PodPage>;
  readJob(namespace: string, name: string, signal?: AbortSignal): Promise<Owner>;
  /** Jobs of a namespace or of all, to tell which CronJob made them: one page, the server's order. */
  listJobs(selection: { namespace?: string; limit: number }, signal?: AbortSignal): Promise<readonly Owner[]>;
  /** What makes pods, by its kind and name. */
  readController(kind: ControllerKind, namespace: string, name: string, signal?: AbortSignal): Promise<Controller>;
  /** Names of namespaces: one page. */
  listNamespaces(limit: number, signal?: AbortSignal): Promise<readonly string[]>;
  readServiceAccount(namespace: string, name: string, signal?: AbortSignal): Promise<ServiceAccount>;
  /** Its data is base64, as the API server prints it. Nothing of it but what pull-secret.ts reads may leave the step. */
  readSecret(namespace: string, name: string, signal?: AbortSignal): Promise<Secret>;
  readNode(name: string, signal?: AbortSignal): Promise<Node>;
  /** Requests sent so far, retries and those of the kubelet reader that goes through the API server included. */
  requests(): number;
}

/** Which lines of a log are wanted. */
export interface LogQuery {
  readonly since: Date;
  /** A line has to hold one of these, in any case. */
  readonly words: readonly string[];
  /** Of those lines, the ones that count; all of them without it. */
  readonly counts?: (line: string) => boolean;
  /** So many kinds of lines at most. */
  readonly most: number;
}

/** The reasons of events that end an attempt to pull. */
export const PULL_ENDS: ReadonlySet<string> = new Set(['Failed', 'BackOff', 'Pulled']);

/** How the kubelet of a node may be asked; see docs/decisions. */
export const KUBELET_ACCESS = ['off', 'direct', 'apiserver-proxy', 'prometheus'] as const;
export type KubeletAccess = (typeof KUBELET_ACCESS)[number];

/**
 * What a diagnosis may ask a kubelet. Every method throws CodedError: `kubelet/off` (not wanted), `kubelet/unsupported`
 * (this way of access does not offer it), `kubelet/forbidden` (the message has the RBAC rule that would allow it),
 * `kubelet/unreachable`, `kubelet/bad-answer`.
 */
export interface KubeletReader {
  readonly access: KubeletAccess;
  /** Figures out of /metrics, the oldest first: as they are now, and as they were before where that is kept. */
  sampleMetrics(node: Node, signal?: AbortSignal): Promise<readonly KubeletSample[]>;
  readStats(node: Node, signal?: AbortSignal): Promise<StatsSummary>;
  readConfiguration(node: Node, signal?: AbortSignal): Promise<KubeletConfiguration>;
  /** Lines of the kubelet's and runtime's log that a query wants, redacted, the newest of each kind. */
  readLog(node: Node, query: LogQuery, signal?: AbortSignal): Promise<readonly string[]>;
  /** Requests sent so far, other than those that `ClusterReader.requests` counts. */
  requests(): number;
}
