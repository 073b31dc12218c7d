import { registryOf } from '../facts/image-reference.ts';
import type { Pod } from '../facts/kubernetes/kubernetes-object.ts';
import type { PullErrorClassifier } from './message/pull-error.ts';
import { failingImages, imagesOf, mayBePulling, nodesOf, pullSecretsOf, workloadLabel, workloadOf } from './pod/pod.ts';
import type { FailingImage } from './pod/target.ts';
import type { FailureGroup, PullSurvey, Tally } from './scope.ts';

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
  const groups = new Map<string, GrowingGroup>();
  const sameImage = new NodeTally(about.node);
  const sameRegistry = new NodeTally(about.node);
  let [waiting, sameNode, sameSecret] = [0, 0, 0];
  for (const [place, pod] of pods.entries()) {
    const images = imagesOf(pod);
    const failing = failingImages(images);
    for (const image of failing) addFailure(groups, { pod, place, image }, classify);
    // Its own other containers are no other pods.
    if (pod.metadata.uid === about.uid) continue;
    const node = pod.spec.nodeName ?? '';
    const beside = node !== '' && node === about.node;
    const present = images.filter((image) => image.state.status === 'present');
    if (present.some((image) => image.image === about.image)) sameImage.add(node);
    if (present.some((image) => image.image !== about.image && registry !== '' && registryOf(image.image) === registry))
      sameRegistry.add(node);
    if (present.some((image) => registryOf(image.image) === registry) && sharesSecret(pod, about)) sameSecret += 1;
    if (beside && images.length > 0 && present.length === images.length) sameNode += 1;
    if (beside && failing.length === 0 && images.some(mayBePulling)) waiting += 1;
  }
  return {
    ...seen,
    pods: pods.length,
    nodes: nodesOf(pods).size,
    ...closestTo({ ...about, registry }, [...groups.values()]),
    waiting: { sameNode: { pods: waiting } },
    working: {
      sameImage: sameImage.value(),
      sameRegistry: sameRegistry.value(),
      sameNode: { pods: sameNode },
      sameSecret: { pods: sameSecret, names: about.pullSecrets },
    },
  };
}

/** The groups that are most like the target's own, the larger first. */
function closestTo(
  { image, node, registry }: { readonly image: string; readonly node: string; readonly registry: string },
  groups: readonly GrowingGroup[],
): Pick<PullSurvey, 'failing' | 'groupsLeftOut'> {
  const closeness = (group: FailureGroup) =>
    Number(group.image === image) * 4 + Number(group.node === node) * 2 + Number(group.registry === registry);
  const failing = groups
    .map((group): FailureGroup => ({ ...group, members: [...group.members] }))
    .sort((a, b) => closeness(b) - closeness(a) || b.members.length - a.members.length)
    .slice(0, MAX_GROUPS);
  return { failing, ...(groups.length > failing.length ? { groupsLeftOut: groups.length - failing.length } : {}) };
}

/** Secrets belong to a namespace, so only a pod of the same one can have the same secret. */
function sharesSecret(pod: Pod, about: { namespace: string; pullSecrets: readonly string[] }): boolean {
  if (about.pullSecrets.length === 0 || pod.metadata.namespace !== about.namespace) return false;
  const names = pullSecretsOf(pod);
  return about.pullSecrets.every((name) => names.includes(name));
}

/** A group while pods are added to it. */
type GrowingGroup = Omit<FailureGroup, 'members'> & { readonly members: Set<number> };

function addFailure(
  groups: Map<string, GrowingGroup>,
  failure: { readonly pod: Pod; readonly place: number; readonly image: FailingImage },
  classify: PullErrorClassifier,
): void {
  const { pod, place, image } = failure;
  const { symptom } = classify(`${image.state.reason}: ${image.state.message ?? ''}`);
  const group: GrowingGroup = {
    namespace: pod.metadata.namespace,
    workload: workloadLabel(workloadOf(pod), pod.metadata.name),
    node: pod.spec.nodeName ?? '',
    image: image.image,
    registry: registryOf(image.image),
    symptom,
    pullSecrets: [...pullSecretsOf(pod)].sort(),
    members: new Set([place]),
    example: pod.metadata.name,
  };
  const key = JSON.stringify([group.namespace, group.workload, group.node, group.image, symptom, group.pullSecrets]);
  const before = groups.get(key);
  if (before) before.members.add(place);
  else groups.set(key, group);
}

/** Counts pods, those on one node apart. */
class NodeTally {
  readonly #node: string;
  readonly #others = new Set<string>();
  #here = 0;
  #elsewhere = 0;

  constructor(node: string) {
    this.#node = node;
  }

  add(node: string): void {
    if (node === this.#node) this.#here += 1;
    else this.#elsewhere += 1;
    if (node !== '' && node !== this.#node) this.#others.add(node);
  }

  value(): Tally {
    return { here: this.#here, elsewhere: this.#elsewhere, otherNodes: [...this.#others].sort() };
  }
}
