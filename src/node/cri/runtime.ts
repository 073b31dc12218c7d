import type { Credential } from '../../facts/credential.ts';

/** An image as a runtime lists it. `tags` and `digests` are all the names that go with it when it is removed. */
export interface RuntimeImage {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly bytes: number;
  /** The runtime asks not to remove it, but does so when it is told to. */
  readonly pinned: boolean;
}

/** The states of a container. */
export const CONTAINER_STATES = ['created', 'running', 'exited', 'unknown'] as const;

/** A container in any state. */
export interface RuntimeContainer {
  readonly id: string;
  readonly name: string;
  /** `namespace/name`, where the labels of the kubelet say so. */
  readonly pod?: string;
  readonly state: (typeof CONTAINER_STATES)[number];
  /** The names by which it refers to its image: ids, digests and tags; an older runtime has other ones than a newer. */
  readonly images: readonly string[];
}

/** One condition that a runtime reports of itself. */
export interface RuntimeCondition {
  readonly type: string;
  readonly ok: boolean;
  readonly reason: string;
  readonly message: string;
}

/** What a runtime says of a file system. CRI knows no capacity. */
export interface RuntimeFilesystem {
  readonly mountpoint: string;
  readonly usedBytes: number;
  readonly usedInodes: number;
}

/** How a pull ended: in the runtime's own words where it failed. */
export type PullOutcome =
  | { readonly status: 'pulled'; readonly reference: string }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'timed-out' };

/**
 * The container runtime of a node. All of it throws `node/unreachable`, `node/forbidden`, `node/timeout`, `node/bad-answer`,
 * `node/unsupported` and `node/refused`.
 */
export interface ContainerRuntime {
  readonly socket: string;
  version(): Promise<{ readonly name: string; readonly version: string }>;
  /** Conditions, and what the runtime tells of its configuration: JSON or TOML texts by name. */
  status(): Promise<{ readonly conditions: readonly RuntimeCondition[]; readonly configuration: Readonly<Record<string, string>> }>;
  images(): Promise<readonly RuntimeImage[]>;
  /** The image that a name, digest or id stands for; undefined where the runtime says that it has none. */
  image(name: string): Promise<RuntimeImage | undefined>;
  containers(): Promise<readonly RuntimeContainer[]>;
  /** Names of the images that are mounted into a container as volumes; none for a container that is gone. */
  imageVolumes(container: string): Promise<readonly string[]>;
  filesystems(): Promise<{ readonly images: readonly RuntimeFilesystem[]; readonly containers: readonly RuntimeFilesystem[] }>;
  pull(image: string, credential: Credential, limit: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<PullOutcome>;
  /** Removes an image with every name it has; no error where it is not there. */
  remove(id: string): Promise<void>;
  close(): void;
}
