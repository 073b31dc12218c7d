import type { Event, Owner, Pod } from '../diagnosis/kubernetes-object.ts';

/** Which pods to list. No namespace means all of them; node and phase narrow it on the server. */
export interface PodSelection {
  readonly namespace?: string;
  readonly node?: string;
  readonly phase?: 'Pending' | 'Running';
  /** Most pods in one answer. */
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly continueFrom?: string;
}

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
  /** Warning events with reason Failed of a namespace, or of all: one page, the server's order. */
  listFailedEvents(selection: { namespace?: string; limit: number }, signal?: AbortSignal): Promise<readonly Event[]>;
  listPods(selection: PodSelection, signal?: AbortSignal): Promise<PodPage>;
  readJob(namespace: string, name: string, signal?: AbortSignal): Promise<Owner>;
  /** Requests sent so far, retries included. */
  requests(): number;
}
