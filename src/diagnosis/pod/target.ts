export const CONTAINER_KINDS = ['container', 'init container', 'sidecar', 'ephemeral container', 'image volume', 'pod sandbox'] as const;
/** Where an image is named. A sidecar is an init container that keeps running; the sandbox's image is named by the node. */
export type ContainerKind = (typeof CONTAINER_KINDS)[number];

/** One image of a pod and how far it is. */
export interface PodImage {
  readonly kind: ContainerKind;
  /** Name of the container or of the volume. */
  readonly name: string;
  readonly image: string;
  readonly pullPolicy?: string;
  readonly state: PodImageState;
}

/**
 * `failing`: the kubelet says this image cannot be pulled. `waiting`: the container waits, maybe for its image.
 * `present`: the image was on the node at some time of this pod. `not-reached`: the container has no status yet.
 */
export type PodImageState =
  | { readonly status: 'failing'; readonly reason: string; readonly message?: string }
  | { readonly status: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly status: 'present'; readonly because: 'running' | 'ran' | 'terminated' | 'image-known'; readonly reason?: string }
  | { readonly status: 'not-reached' };

/** An image that the kubelet says it cannot pull. */
export type FailingImage = PodImage & { readonly state: Extract<PodImageState, { readonly status: 'failing' }> };

/** Who made a pod, as far as it can be known. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
}

export const MANAGERS = ['Helm', 'Argo CD', 'Flux'] as const;

/** A tool that applies manifests and so takes back what somebody changes with kubectl, by the signs on the objects. */
export interface Manager {
  readonly tool: (typeof MANAGERS)[number];
  /** Its name for what it applies: a release, an application. */
  readonly name?: string;
  /** What tells: `label helm.sh/chart of the pod`. */
  readonly sign: string;
}

/** What is diagnosed. `uid` is pinned when a run starts: a recreated pod is a different target. */
export interface Target {
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly phase: string;
  /** Set when the pod was asked for under another name and this one took its place. */
  readonly replaces?: string;
  readonly node?: string;
  readonly workload?: Workload;
  /** The Job that made the pod, also where a CronJob made the Job. */
  readonly job?: string;
  readonly managedBy?: Manager;
  /** Why what made the workload, or who applies it, is not known: an owner that could not be read. */
  readonly workloadUnread?: string;
  readonly serviceAccount: string;
  readonly pullSecrets: readonly string[];
  readonly images: readonly PodImage[];
  /** Why the pod is not running although no image is known to fail, in the API server's words. */
  readonly otherTrouble?: {
    readonly reason: string;
    readonly message: string;
    /** The container that it is about; absent when it is about the whole pod. */
    readonly container?: string;
    readonly exitCode?: number;
    /** `Error`, `OOMKilled`: how the container ended last. */
    readonly ending?: string;
    readonly restarts?: number;
  };
  /** RFC 3339. */
  readonly createdAt: string;
  readonly deletingSince?: string;
}
