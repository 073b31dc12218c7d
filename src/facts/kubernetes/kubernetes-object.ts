import { z } from 'zod';

/**
 * The parts of Kubernetes objects that a diagnosis reads (core/v1, as the API server prints them). Everything else,
 * environment variables, most annotations and managed fields among it, is dropped here and never reaches a run or a recording.
 */

const Time = z.string().nullish();

const OwnerReference = z.object({ kind: z.string(), name: z.string(), uid: z.string().nullish(), controller: z.boolean().nullish() });

/** Annotations that say who applies a manifest. */
const MANAGER_ANNOTATIONS = [
  'argocd.argoproj.io/tracking-id',
  'meta.helm.sh/release-name',
  'kustomize.toolkit.fluxcd.io/name',
  'helm.toolkit.fluxcd.io/name',
] as const;
/** On a pod or a namespace: whether it is told by itself, `true` or `false`. Also a label. */
export const WATCH_MARK = 'imagepull.dev/watch';
/** On a pod: the chat's id of the channel in which its incidents are told, as far as routes allow that. */
export const CHANNEL_MARK = 'imagepull.dev/channel';
const REVISION = 'deployment.kubernetes.io/revision';

/** Of the annotations only those that are read; others may hold anything. */
function annotations(read: readonly string[]) {
  return z
    .record(z.string(), z.string())
    .nullish()
    .transform((all) => {
      const known = Object.entries(all ?? {}).filter(([key]) => read.includes(key));
      return known.length === 0 ? undefined : Object.fromEntries(known);
    })
    .optional();
}

const Metadata = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string().default(''),
  creationTimestamp: Time,
  deletionTimestamp: Time,
  generateName: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  annotations: annotations([...MANAGER_ANNOTATIONS, WATCH_MARK, CHANNEL_MARK]),
  ownerReferences: z.array(OwnerReference).nullish(),
});

/** What an object says of itself for programs to heed. */
export interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const Namespace = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).nullish(), annotations: annotations([WATCH_MARK]) }),
});

const ContainerSpec = z.object({
  name: z.string(),
  image: z.string().nullish(),
  imagePullPolicy: z.string().nullish(),
  restartPolicy: z.string().nullish(),
});

const ContainerState = z.object({
  waiting: z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
  running: z.object({ startedAt: Time }).nullish(),
  terminated: z.object({ reason: z.string().nullish(), exitCode: z.number().nullish(), finishedAt: Time }).nullish(),
});

const ContainerStatus = z.object({
  name: z.string(),
  image: z.string().nullish(),
  imageID: z.string().nullish(),
  restartCount: z.number().nullish(),
  state: ContainerState.nullish(),
  lastState: ContainerState.nullish(),
});

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
});

const Volume = z.object({
  name: z.string(),
  image: z.object({ reference: z.string().nullish(), pullPolicy: z.string().nullish() }).nullish(),
});

/** A pod, cut down to what decides whether and why an image is missing. */
export const Pod = z.object({
  metadata: Metadata,
  spec: z.object({
    nodeName: z.string().nullish(),
    serviceAccountName: z.string().nullish(),
    imagePullSecrets: z.array(z.object({ name: z.string().nullish() })).nullish(),
    initContainers: z.array(ContainerSpec).nullish(),
    containers: z.array(ContainerSpec).default([]),
    ephemeralContainers: z.array(ContainerSpec).nullish(),
    volumes: z.array(Volume).nullish(),
  }),
  status: z
    .object({
      phase: z.string().nullish(),
      reason: z.string().nullish(),
      message: z.string().nullish(),
      conditions: z.array(Condition).nullish(),
      initContainerStatuses: z.array(ContainerStatus).nullish(),
      containerStatuses: z.array(ContainerStatus).nullish(),
      ephemeralContainerStatuses: z.array(ContainerStatus).nullish(),
    })
    .default({}),
});
export type Pod = z.infer<typeof Pod>;
/** A container as the pod asks for it. */
export type PodContainerSpec = z.infer<typeof ContainerSpec>;
/** A container as the kubelet reports it. */
export type PodContainerStatus = z.infer<typeof ContainerStatus>;

/** An event of core/v1. Which of the times are filled depends on who wrote it (`Scheduled` has only `eventTime`). */
export const Event = z.object({
  metadata: z.object({ name: z.string().default(''), creationTimestamp: Time }),
  type: z.string().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  count: z.number().nullish(),
  firstTimestamp: Time,
  lastTimestamp: Time,
  eventTime: Time,
  series: z.object({ count: z.number().nullish(), lastObservedTime: Time }).nullish(),
  involvedObject: z.object({
    kind: z.string().nullish(),
    namespace: z.string().nullish(),
    name: z.string().nullish(),
    uid: z.string().nullish(),
    fieldPath: z.string().nullish(),
  }),
  source: z.object({ host: z.string().nullish() }).nullish(),
});
export type Event = z.infer<typeof Event>;

/** A service account: only which pull secrets it names today. */
export const ServiceAccount = z.object({
  metadata: Metadata,
  imagePullSecrets: z.array(z.object({ name: z.string().nullish() })).nullish(),
});
export type ServiceAccount = z.infer<typeof ServiceAccount>;

/** A secret with all of its data, base64. Handed to pull-secret.ts and nowhere else. */
export const Secret = z.object({
  metadata: Metadata,
  type: z.string().nullish(),
  data: z.record(z.string(), z.string()).nullish(),
});
export type Secret = z.infer<typeof Secret>;

/** A node, cut down to what decides whether an image fits on it and runs there. */
export const Node = z.object({
  metadata: Metadata,
  spec: z
    .object({
      unschedulable: z.boolean().nullish(),
      taints: z.array(z.object({ key: z.string(), value: z.string().nullish(), effect: z.string() })).nullish(),
    })
    .default({}),
  status: z
    .object({
      conditions: z.array(Condition.extend({ lastTransitionTime: Time })).nullish(),
      images: z.array(z.object({ names: z.array(z.string()).nullish(), sizeBytes: z.number().nullish() })).nullish(),
      addresses: z.array(z.object({ type: z.string(), address: z.string() })).nullish(),
      daemonEndpoints: z.object({ kubeletEndpoint: z.object({ Port: z.number().nullish() }).nullish() }).nullish(),
      nodeInfo: z
        .object({
          architecture: z.string().nullish(),
          operatingSystem: z.string().nullish(),
          kubeletVersion: z.string().nullish(),
          containerRuntimeVersion: z.string().nullish(),
        })
        .nullish(),
    })
    .default({}),
});
export type Node = z.infer<typeof Node>;

/** An owner of pods (ReplicaSet, Job, Deployment ...): only its own identity and its owner's matter. */
export const Owner = z.object({ kind: z.string().default(''), metadata: Metadata });
export type Owner = z.infer<typeof Owner>;

const WrittenSelector = z.object({
  matchLabels: z.record(z.string(), z.string()).nullish(),
  matchExpressions: z.array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() })).nullish(),
});

/** What makes pods (Deployment, Job, CronJob ...): how to find them and who applies it. A ReplicationController's selector is a plain map of labels. */
export const Controller = z.object({
  kind: z.string().default(''),
  metadata: Metadata.extend({ annotations: annotations([...MANAGER_ANNOTATIONS, REVISION]) }),
  spec: z
    .object({
      replicas: z.number().nullish(),
      selector: z.union([z.record(z.string(), z.string()).transform((matchLabels) => ({ matchLabels })), WrittenSelector]).nullish(),
    })
    .default({}),
  /** Of a CronJob the Jobs that run; a Job has a number here. */
  status: z.object({ active: z.union([z.array(z.object({ name: z.string() })), z.number()]).nullish() }).default({}),
});
export type Controller = z.infer<typeof Controller>;

/** When an event was last seen, or undefined when no time is filled; RFC 3339 as the API server wrote it. */
export function lastSeen(event: Event): string | undefined {
  return (
    event.series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.firstTimestamp ??
    event.metadata.creationTimestamp ??
    undefined
  );
}

/** When an event was first seen; RFC 3339. */
export function firstSeen(event: Event): string | undefined {
  return event.firstTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? undefined;
}

/** How often an event happened; 1 where the API server gives no count. */
export function timesSeen(event: Event): number {
  return event.series?.count ?? event.count ?? 1;
}
