import type { Impersonation } from '../kubeconfig.ts';

/** The kinds of object that remedies read or change, with group, version and resource. https://kubernetes.io/docs/reference/kubernetes-api/ */
export const OBJECT_KINDS = {
  Pod: { apiVersion: 'v1', resource: 'pods' },
  Node: { apiVersion: 'v1', resource: 'nodes' },
  ServiceAccount: { apiVersion: 'v1', resource: 'serviceaccounts' },
  ConfigMap: { apiVersion: 'v1', resource: 'configmaps' },
  Secret: { apiVersion: 'v1', resource: 'secrets' },
  Event: { apiVersion: 'v1', resource: 'events' },
  ReplicationController: { apiVersion: 'v1', resource: 'replicationcontrollers' },
  Deployment: { apiVersion: 'apps/v1', resource: 'deployments' },
  StatefulSet: { apiVersion: 'apps/v1', resource: 'statefulsets' },
  DaemonSet: { apiVersion: 'apps/v1', resource: 'daemonsets' },
  ReplicaSet: { apiVersion: 'apps/v1', resource: 'replicasets' },
  ControllerRevision: { apiVersion: 'apps/v1', resource: 'controllerrevisions' },
  Job: { apiVersion: 'batch/v1', resource: 'jobs' },
  PodDisruptionBudget: { apiVersion: 'policy/v1', resource: 'poddisruptionbudgets' },
  HorizontalPodAutoscaler: { apiVersion: 'autoscaling/v2', resource: 'horizontalpodautoscalers' },
} as const;
export type ObjectKind = keyof typeof OBJECT_KINDS;

/** Names one object. A node has no namespace. */
export interface ObjectName {
  readonly kind: ObjectKind;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** An object as the API server prints it, whole: nothing of it may leave the executor but what a plan says. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
    readonly ownerReferences?: readonly OwnerReference[] | undefined;
    readonly creationTimestamp?: string | null | undefined;
    readonly deletionTimestamp?: string | null | undefined;
  };
  readonly [field: string]: unknown;
}

export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | null | undefined;
}

/** An object that is not there yet. */
export interface NewObject {
  readonly kind: ObjectKind;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly [field: string]: unknown;
}

/** What is known of an object that was made; one that was only tried has no version. */
export type CreatedObject = Pick<KubeObject['metadata'], 'name' | 'uid' | 'creationTimestamp'>;

/** How a write is sent. */
export interface WriteOptions {
  /** True: the API server goes through all of it, admission included, and stores nothing. */
  readonly dryRun: boolean;
  /** On whose behalf; the API server checks that this is allowed. */
  readonly as?: Impersonation | undefined;
}

/** What a deletion is tied to: the object that was seen, and no later one of its name. */
export interface DeletePreconditions {
  readonly uid: string;
  readonly resourceVersion?: string | undefined;
}

/** What a person would need to be allowed to, for a SubjectAccessReview. */
export interface AccessQuestion {
  readonly verb: 'get' | 'patch' | 'delete' | 'create';
  readonly object: ObjectName;
}

/** Something that is told beside an object, as an Event of the cluster. */
export interface ObjectEvent {
  readonly object: ObjectName & { readonly uid: string };
  readonly reason: string;
  readonly type: 'Normal' | 'Warning';
  readonly message: string;
}

/**
 * What the executor may do in a cluster, with credentials of its own. No write is tried twice by itself. Throws CodedError as ClusterReader
 * does, and `cluster/conflict` where somebody else wrote meanwhile or the object is another one, `cluster/invalid` where the API server finds
 * the write wrong, `cluster/outcome-unknown` where a write was sent and nobody answered.
 */
export interface ObjectWriter {
  readonly name: string;
  read(object: ObjectName, signal?: AbortSignal): Promise<KubeObject>;
  /** All of a kind in a namespace, or in all, by selectors of labels and fields where they are given; at most 500. */
  list(
    selection: {
      readonly kind: ObjectKind;
      readonly namespace?: string | undefined;
      readonly labels?: string | undefined;
      readonly fields?: string | undefined;
    },
    signal?: AbortSignal,
  ): Promise<readonly KubeObject[]>;
  /** What the only container of a pod has printed; the end of it where that is more than 8 MiB. */
  log(pod: ObjectName & { readonly kind: 'Pod' }, signal?: AbortSignal): Promise<string>;
  /** Makes an object; `cluster/conflict` where there is one of its name. */
  create(object: NewObject, options: WriteOptions): Promise<CreatedObject>;
  /** Sends a strategic merge patch. It names its resourceVersion itself. Answers with the object as it is afterwards. */
  patch(object: ObjectName, patch: unknown, options: WriteOptions): Promise<KubeObject>;
  delete(object: ObjectName, preconditions: DeletePreconditions, options: WriteOptions): Promise<void>;
  /** Whether a user may do something, by the cluster's own rules; `because` as the cluster says it. */
  mayThey(user: Impersonation, question: AccessQuestion): Promise<{ readonly allowed: boolean; readonly because: string }>;
  tell(event: ObjectEvent): Promise<void>;
}
