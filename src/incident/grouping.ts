import { registryOf } from '../diagnosis/image-reference.ts';
import type { Event, Pod } from '../diagnosis/kubernetes-object.ts';
import { failingImages, targetOf, workloadLabel } from '../diagnosis/pod.ts';
import type { PullErrorClassifier, Symptom } from '../diagnosis/pull-error.ts';
import { pullHistory } from '../diagnosis/pull-history.ts';
import type { Reach } from '../diagnosis/scope.ts';
import { type Confidence, type Family, surerFirst, type Verdict } from '../diagnosis/verdict.ts';
import { count } from '../diagnosis/wording.ts';
import { type PlaceholderValues, placeholderValues } from '../remediation/placeholders.ts';
import { type CauseCatalogue, type CauseGuide, judgeContainer, titleOf } from '../remediation/plan.ts';

/** One container (or image volume) that cannot pull. */
export interface FailingContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly image: string;
  /** Empty for a pod without a node. */
  readonly node: string;
  readonly workload: string;
  readonly symptom: Symptom;
  /** The runtime's message, redacted. */
  readonly message: string;
}

/** Containers that fail for what is likely one root cause. */
export interface FailureCluster {
  /** Equal for equal root causes, also across pods, restarts and kubelet versions. */
  readonly fingerprint: string;
  readonly cause: string;
  readonly family: Family | null;
  readonly confidence: Confidence;
  readonly title: string;
  readonly containers: readonly FailingContainer[];
}

/** A look at many pods: what cannot pull, and how much was looked at. */
export interface Scan {
  readonly groups: readonly FailureCluster[];
  readonly lookedAt: { readonly pods: number; readonly nodes: number; readonly where: string; readonly complete: boolean };
}

interface Given {
  readonly catalogue: CauseCatalogue;
  readonly classify: PullErrorClassifier;
  readonly now: Date;
  /** Name of the cluster. */
  readonly cluster: string;
}

/** Groups everything that cannot pull by likely root cause, the largest group first. `events` may be of any pods. */
export function groupFailures(pods: readonly Pod[], events: readonly Event[], given: Given): readonly FailureCluster[] {
  const byPod = Map.groupBy(events, (event) => event.involvedObject.uid ?? '');
  const failures = pods.flatMap((pod) => failuresOf(pod, byPod.get(pod.metadata.uid) ?? [], given));
  const clusters = [...Map.groupBy(failures, (failure) => failure.fingerprint)].map(([fingerprint, same]) => clusterOf(fingerprint, same));
  return clusters.sort((a, b) => b.containers.length - a.containers.length || a.fingerprint.localeCompare(b.fingerprint));
}

/** One failing container with what its own findings say. */
interface Failure {
  readonly fingerprint: string;
  readonly verdict: Verdict;
  readonly cause: CauseGuide | undefined;
  readonly values: PlaceholderValues;
  readonly container: FailingContainer;
}

function failuresOf(pod: Pod, events: readonly Event[], given: Given): readonly Failure[] {
  const target = targetOf(pod, { cluster: given.cluster });
  if (failingImages(target.images).length === 0) return [];
  const history = pullHistory(target, events, given.classify, given.now);
  return history.failures.flatMap((failure) => {
    const { image } = failure;
    const { verdict, cause } = judgeContainer(failure.container, history.findings, given.catalogue, new Set());
    const container: FailingContainer = {
      namespace: target.namespace,
      pod: target.pod,
      container: failure.container,
      image: image.image,
      node: target.node ?? '',
      workload: workloadLabel(target.workload, target.pod),
      symptom: failure.error.symptom,
      message: failure.message,
    };
    const fingerprint = fingerprintOf(verdict.cause ?? 'undetermined', cause?.reach ?? 'image', container);
    return [
      { fingerprint, verdict, cause, values: placeholderValues(target, image, { ...verdict.names, host: failure.error.host }), container },
    ];
  });
}

/** The strongest confidence holds for all: what is proven for one pod is the cause of its siblings. */
function clusterOf(fingerprint: string, failures: readonly Failure[]): FailureCluster {
  const [first] = [...failures].sort((a, b) => surerFirst(a.verdict.confidence, b.verdict.confidence));
  if (!first) throw new Error('a group has at least one failure');
  const values = valuesOfAll(
    first.values,
    failures.map((failure) => failure.values),
  );
  return {
    fingerprint,
    cause: first.verdict.cause ?? 'undetermined',
    family: first.verdict.family,
    confidence: first.verdict.confidence,
    title: titleOf(first.cause, values),
    containers: failures.map((failure) => failure.container),
  };
}

/** A title about many says how many nodes and secrets there are, instead of the first one's name. */
function valuesOfAll(first: PlaceholderValues, all: readonly PlaceholderValues[]): PlaceholderValues {
  const several = (key: 'node' | 'secret', noun: string) => {
    const { size } = new Set(all.map((values) => values[key]));
    return size > 1 ? { [key]: count(size, noun) } : {};
  };
  return { ...first, ...several('node', 'node'), ...several('secret', 'pull secret') };
}

/** The cause and what it reaches; the waiting reason is left out, because it flips between ErrImagePull and ImagePullBackOff. */
function fingerprintOf(cause: string, reach: Reach, container: FailingContainer): string {
  const { image, node, namespace } = container;
  switch (reach) {
    case 'image':
    case 'none':
      return `${cause} ${image}`;
    case 'registry':
      return `${cause} ${registryOf(image)}`;
    case 'node':
      return `${cause} ${node}`;
    case 'namespace':
      return `${cause} ${namespace} ${registryOf(image)}`;
    default:
      return reach satisfies never;
  }
}
