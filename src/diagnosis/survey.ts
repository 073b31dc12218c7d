import { registryOf } from './image-reference.ts';
import type { Pod } from './kubernetes-object.ts';
import { failingImages, imagesOf, nodesOf, workloadLabel, workloadOf } from './pod.ts';
import type { PullErrorClassifier } from './pull-error.ts';
import type { FailureGroup, PullSurvey } from './scope.ts';
import type { FailingImage } from './target.ts';

/** More groups than this are not kept; a run has to stay small enough to store. The pods that fail like the target come first. */
const MAX_GROUPS = 200;

/** Groups the failing containers of many pods, and counts what works beside them. `subject` is the target's failing image. */
export function surveyPods(
  pods: readonly Pod[],
  about: {
    readonly image: string;
    readonly node: string;
    readonly uid: string;
    readonly namespace: string;
    readonly pullSecrets: readonly string[];
  },
  seen: { readonly where: string; readonly complete: boolean },
  classify: PullErrorClassifier,
): PullSurvey {
  const registry = registryOf(about.image);
  const groups = new Map<string, FailureGroup>();
  const sameImage = { pods: 0, nodes: new Set<string>() };
  const sameRegistry = { pods: 0, nodes: new Set<string>() };
  let sameNode = 0;
  let sameSecret = 0;
  for (const pod of pods) {
    const node = pod.spec.nodeName ?? '';
    const images = imagesOf(pod);
    for (const image of failingImages(images)) addFailure(groups, pod, image, classify);
    const present = images.filter((image) => image.state.status === 'present');
    if (present.some((image) => image.image === about.image)) tally(sameImage, node);
    if (present.some((image) => image.image !== about.image && registry !== '' && registryOf(image.image) === registry))
      tally(sameRegistry, node);
    if (present.some((image) => registryOf(image.image) === registry) && sharesSecret(pod, about)) sameSecret += 1;
    if (node !== '' && node === about.node && pod.metadata.uid !== about.uid && present.length > 0) sameNode += 1;
  }
  const closeness = (group: FailureGroup) =>
    Number(group.image === about.image) * 4 + Number(group.node === about.node) * 2 + Number(group.registry === registry);
  return {
    ...seen,
    pods: pods.length,
    nodes: nodesOf(pods).size,
    failing: [...groups.values()].sort((a, b) => closeness(b) - closeness(a) || b.pods - a.pods).slice(0, MAX_GROUPS),
    working: {
      sameImage: { pods: sameImage.pods, nodes: [...sameImage.nodes].sort() },
      sameRegistry: { pods: sameRegistry.pods, nodes: [...sameRegistry.nodes].sort() },
      sameNode: { pods: sameNode },
      sameSecret: { pods: sameSecret, names: about.pullSecrets },
    },
  };
}

/** Secrets belong to a namespace, so only a pod of the same one can have the same secret. */
function sharesSecret(pod: Pod, about: { uid: string; namespace: string; pullSecrets: readonly string[] }): boolean {
  if (about.pullSecrets.length === 0 || pod.metadata.namespace !== about.namespace || pod.metadata.uid === about.uid) return false;
  const names = (pod.spec.imagePullSecrets ?? []).flatMap((secret) => secret.name ?? []);
  return about.pullSecrets.every((name) => names.includes(name));
}

function addFailure(groups: Map<string, FailureGroup>, pod: Pod, image: FailingImage, classify: PullErrorClassifier): void {
  const { symptom } = classify(`${image.state.reason}: ${image.state.message ?? ''}`);
  const group: FailureGroup = {
    namespace: pod.metadata.namespace,
    workload: workloadLabel(workloadOf(pod), pod.metadata.name),
    node: pod.spec.nodeName ?? '',
    image: image.image,
    registry: registryOf(image.image),
    symptom,
    pods: 1,
    example: pod.metadata.name,
  };
  const key = [group.namespace, group.workload, group.node, group.image, symptom].join('\n');
  const before = groups.get(key);
  groups.set(key, before ? { ...before, pods: before.pods + 1 } : group);
}

function tally(place: { pods: number; nodes: Set<string> }, node: string): void {
  place.pods += 1;
  if (node !== '') place.nodes.add(node);
}
