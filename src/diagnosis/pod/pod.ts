import type { Controller, Owner, Pod, PodContainerSpec, PodContainerStatus } from '../../facts/kubernetes/kubernetes-object.ts';
import { redact } from '../../facts/redaction.ts';
import { count, shortened } from '../../text/wording.ts';
import { managerOf } from './manager.ts';
import type { ContainerKind, FailingImage, PodImage, PodImageState, Target, Workload } from './target.ts';

/** Waiting reasons that mean "the image is not there" (pkg/kubelet/images/types.go and cri-api's errors). */
export const PULL_REASONS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ImageInspectError',
  'ErrImageNeverPull',
  'InvalidImageName',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

/** Waiting reasons that come after the pull (kuberuntime_container.go, startContainer): the image is on the node. */
const PULLED_REASONS: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
  'RunContainerError',
]);

/** Waiting reasons under which a pull may be going on. */
const STARTING_REASONS: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

/** Every image a pod needs, in the order the kubelet pulls them: volumes, init containers, containers, ephemeral ones. */
export function imagesOf(pod: Pod): readonly PodImage[] {
  const { spec, status } = pod;
  const listed = [
    ...containersOf(spec.initContainers, status.initContainerStatuses, (c) =>
      c.restartPolicy === 'Always' ? 'sidecar' : 'init container',
    ),
    ...containersOf(spec.containers, status.containerStatuses, () => 'container'),
    ...containersOf(spec.ephemeralContainers, status.ephemeralContainerStatuses, () => 'ephemeral container'),
  ];
  return bindVolumes(pod, listed);
}

/** The images the kubelet says it cannot pull. */
export function failingImages(images: readonly PodImage[]): readonly FailingImage[] {
  return images.filter((image): image is FailingImage => image.state.status === 'failing');
}

/** True while a container may be waiting for a pull that has neither succeeded nor failed. */
export function mayBePulling(image: PodImage): boolean {
  return image.state.status === 'waiting' && STARTING_REASONS.has(image.state.reason);
}

/**
 * Pins a pod as the target of a run. `owner` is the Job behind the pod, if it was read: what made that is what people
 * change. `controller` is the workload itself, if it was read; it tells who applies it and nothing else.
 */
export function targetOf(pod: Pod, facts: { cluster: string; replaces?: string; owner?: Owner; controller?: Controller }): Target {
  const images = imagesOf(pod);
  const direct = workloadOf(pod);
  const maker = facts.owner?.metadata.ownerReferences?.find((reference) => reference.controller);
  const workload = maker ? { kind: maker.kind, name: maker.name } : direct;
  const managedBy = managerOf([
    { what: 'pod', metadata: pod.metadata },
    ...(facts.owner ? [{ what: facts.owner.kind || 'Job', metadata: facts.owner.metadata }] : []),
    ...(facts.controller ? [{ what: facts.controller.kind, metadata: facts.controller.metadata }] : []),
  ]);
  const otherTrouble = troubleOf(pod, images);
  return {
    cluster: facts.cluster,
    namespace: pod.metadata.namespace,
    pod: pod.metadata.name,
    uid: pod.metadata.uid,
    phase: pod.status.phase ?? 'Unknown',
    ...(facts.replaces === undefined ? {} : { replaces: facts.replaces }),
    ...(pod.spec.nodeName ? { node: pod.spec.nodeName } : {}),
    ...(workload === undefined ? {} : { workload }),
    ...(direct?.kind === 'Job' ? { job: direct.name } : {}),
    ...(managedBy === undefined ? {} : { managedBy }),
    serviceAccount: pod.spec.serviceAccountName ?? 'default',
    pullSecrets: pullSecretsOf(pod),
    images,
    ...(otherTrouble === undefined ? {} : { otherTrouble }),
    createdAt: pod.metadata.creationTimestamp ?? '',
    ...(pod.metadata.deletionTimestamp ? { deletingSince: pod.metadata.deletionTimestamp } : {}),
  };
}

/**
 * The workload behind a pod without asking again: a ReplicaSet made by a Deployment is named after it plus the pod's
 * template hash, which the pod carries as a label. Jobs are answered as Jobs; their CronJob has to be read.
 */
export function workloadOf(pod: Pod): Workload | undefined {
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller) ?? pod.metadata.ownerReferences?.[0];
  if (!owner) return undefined;
  for (const [label, kind] of REPLICA_SET_MAKERS) {
    const hash = pod.metadata.labels?.[label];
    if (owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`))
      return { kind, name: owner.name.slice(0, -hash.length - 1) };
  }
  return { kind: owner.kind, name: owner.name };
}

/** Labels with the hash of a pod's template, by who sets them: a Deployment, or a Rollout of Argo Rollouts. */
const REPLICA_SET_MAKERS = [
  ['pod-template-hash', 'Deployment'],
  ['rollouts-pod-template-hash', 'Rollout'],
] as const;

/** `Deployment/web`, or `Pod/web-0` where nothing owns the pod. */
export function workloadLabel(workload: Workload | undefined, pod: string): string {
  return workload ? `${workload.kind}/${workload.name}` : `Pod/${pod}`;
}

/** No valid name is longer; what the API server takes may be megabytes. */
const MAX_IMAGE_NAME = 1_000;

function imageName(text: string): string {
  return shortened(redact(text), MAX_IMAGE_NAME);
}

function containersOf(
  specs: readonly PodContainerSpec[] | null | undefined,
  statuses: readonly PodContainerStatus[] | null | undefined,
  kindOf: (spec: PodContainerSpec) => ContainerKind,
): PodImage[] {
  const byName = new Map(statuses?.map((status) => [status.name, status]));
  return (specs ?? []).map((spec) => ({
    kind: kindOf(spec),
    name: spec.name,
    // Somebody may have pasted a URL with a password where a reference belongs.
    image: imageName(spec.image ?? ''),
    ...(spec.imagePullPolicy ? { pullPolicy: spec.imagePullPolicy } : {}),
    state: stateOf(byName.get(spec.name)),
  }));
}

function stateOf(status: PodContainerStatus | undefined): PodImageState {
  if (!status) return { status: 'not-reached' };
  const { waiting, running, terminated } = status.state ?? {};
  if (running) return { status: 'present', because: 'running' };
  const reason = waiting?.reason ?? '';
  const message = waiting?.message ? redact(waiting.message) : undefined;
  if (waiting && PULL_REASONS.has(reason)) return { status: 'failing', reason, ...(message === undefined ? {} : { message }) };
  if (terminated && terminated.reason !== 'ContainerStatusUnknown') {
    return { status: 'present', because: 'terminated', ...(terminated.reason ? { reason: terminated.reason } : {}) };
  }
  if (waiting && status.lastState?.terminated) return { status: 'present', because: 'ran', reason };
  if (waiting && isPulled(status, reason)) return { status: 'present', because: 'image-known', reason };
  if (waiting) return { status: 'waiting', reason, ...(message === undefined ? {} : { message }) };
  return { status: 'not-reached' };
}

function isPulled(status: PodContainerStatus, reason: string): boolean {
  return Boolean(status.imageID) || PULLED_REASONS.has(reason);
}

/**
 * A volume's image has no status of its own: the container that mounts it waits, and its message names the volume's
 * image. So a failure whose message names a volume's image, and not the container's own, belongs to the volume.
 */
function bindVolumes(pod: Pod, containers: readonly PodImage[]): readonly PodImage[] {
  const volumes = (pod.spec.volumes ?? []).flatMap((volume) =>
    volume.image?.reference ? [{ name: volume.name, ...volume.image, reference: imageName(volume.image.reference) }] : [],
  );
  if (volumes.length === 0) return containers;
  const freed = new Set<string>();
  const bound = volumes.map((volume): PodImage => {
    const waiter = containers.find(
      ({ state, image }) =>
        state.status === 'failing' && image !== volume.reference && (state.message ?? '').includes(`"${volume.reference}"`),
    );
    if (waiter) freed.add(waiter.name);
    return {
      kind: 'image volume',
      name: volume.name,
      image: volume.reference,
      ...(volume.pullPolicy ? { pullPolicy: volume.pullPolicy } : {}),
      state: waiter?.state ?? { status: 'not-reached' },
    };
  });
  return [
    ...bound,
    ...containers.map((image) => (freed.has(image.name) ? { ...image, state: { status: 'not-reached' } as const } : image)),
  ];
}

/** Names of the pull secrets that a pod names, its service account's at its creation among them. */
export function pullSecretsOf(pod: Pod): readonly string[] {
  return (pod.spec.imagePullSecrets ?? []).flatMap((secret) => (secret.name ? [secret.name] : []));
}

/** Names of the nodes that pods run on. */
export function nodesOf(pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(pods.flatMap((pod) => pod.spec.nodeName || []));
}

/** What else keeps a pod from running, so that it gets a true answer instead of a forced one. */
function troubleOf(pod: Pod, images: readonly PodImage[]): Trouble | undefined {
  const unscheduled = pod.status.conditions?.find((condition) => condition.type === 'PodScheduled' && condition.status === 'False');
  if (unscheduled) {
    return { reason: unscheduled.reason ?? 'Unschedulable', message: redact(unscheduled.message ?? 'the scheduler found no node for it') };
  }
  if (pod.status.reason) return { reason: pod.status.reason, message: redact(pod.status.message ?? '') };
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  const trouble = statuses.map(containerTrouble).find((found) => found !== undefined);
  return trouble ?? (images.length === 0 ? { reason: 'NoContainers', message: 'the pod lists no containers' } : undefined);
}

type Trouble = NonNullable<Target['otherTrouble']>;

function containerTrouble({ name, state, lastState, restartCount }: PodContainerStatus): Trouble | undefined {
  const reason = state?.waiting?.reason ?? '';
  const about = { container: name, ...(restartCount ? { restarts: restartCount } : {}) };
  if (reason !== '' && !PULL_REASONS.has(reason) && !STARTING_REASONS.has(reason)) {
    const message = redact(`container ${name}: ${state?.waiting?.message ?? reason}`);
    return { reason, message, ...about, ...endingOf(lastState?.terminated) };
  }
  const ended = state?.terminated;
  if (!ended || (ended.exitCode ?? 0) === 0) return undefined;
  const again = restartCount ? ` and was restarted ${count(restartCount, 'time')}` : '';
  const message = `container ${name} ended with exit code ${ended.exitCode} (${ended.reason ?? 'Error'})${again}`;
  return { reason: `exit code ${ended.exitCode}`, message, ...about, ...endingOf(ended) };
}

function endingOf(
  ended: { readonly exitCode?: number | null | undefined; readonly reason?: string | null | undefined } | null | undefined,
) {
  if (!ended) return {};
  return { ...(ended.exitCode == null ? {} : { exitCode: ended.exitCode }), ...(ended.reason ? { ending: ended.reason } : {}) };
}
