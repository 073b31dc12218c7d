import type { Event, Pod } from '../diagnosis/kubernetes-object.ts';
import { failingImages, targetOf } from '../diagnosis/pod.ts';
import type { PullErrorClassifier, Symptom } from '../diagnosis/pull-error.ts';
import { pullHistory } from '../diagnosis/pull-history.ts';
import type { Reach } from '../diagnosis/scope.ts';
import { registryOf } from '../diagnosis/survey.ts';
import { type Confidence, type Family, reachVerdict } from '../diagnosis/verdict.ts';
import { fillText, placeholderValues } from '../remediation/placeholders.ts';
import type { CauseCatalogue } from '../remediation/plan.ts';

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

const STRENGTH: Readonly<Record<Confidence, number>> = { confirmed: 2, likely: 1, possible: 0 };

/** Groups everything that cannot pull by likely root cause, the largest group first. `events` may be of any pods. */
export function groupFailures(
  pods: readonly Pod[],
  events: readonly Event[],
  given: { readonly catalogue: CauseCatalogue; readonly classify: PullErrorClassifier; readonly now: Date; readonly cluster: string },
): readonly FailureCluster[] {
  const byPod = Map.groupBy(events, (event) => event.involvedObject.uid ?? '');
  const clusters = new Map<string, FailureCluster>();
  for (const pod of pods) {
    const target = targetOf(pod, { cluster: given.cluster });
    if (failingImages(target.images).length === 0) continue;
    const history = pullHistory(target, byPod.get(target.uid) ?? [], given.classify, given.now);
    for (const failure of history.failures) {
      const image = target.images.find((candidate) => candidate.name === failure.container);
      if (!image) continue;
      const findings = history.findings.filter((finding) => finding.container === undefined || finding.container === failure.container);
      const verdict = reachVerdict(findings, given.catalogue.causes, new Set());
      const cause = given.catalogue.causes.find((candidate) => candidate.id === verdict.cause);
      const container: FailingContainer = {
        namespace: target.namespace,
        pod: target.pod,
        container: failure.container,
        image: image.image,
        node: target.node ?? '',
        workload: target.workload ? `${target.workload.kind}/${target.workload.name}` : `Pod/${target.pod}`,
        symptom: failure.error.symptom,
        message: failure.message,
      };
      const fingerprint = fingerprintOf(verdict.cause ?? 'undetermined', cause?.reach ?? 'image', container);
      const before = clusters.get(fingerprint);
      const values = placeholderValues(target, image, failure.error.host);
      const confidence = before && STRENGTH[before.confidence] > STRENGTH[verdict.confidence] ? before.confidence : verdict.confidence;
      clusters.set(fingerprint, {
        fingerprint,
        cause: verdict.cause ?? 'undetermined',
        family: verdict.family,
        confidence,
        title: before?.title ?? (cause ? fillText(cause.title, values) : `${image.image} cannot be pulled, and what is known does not say why`),
        containers: [...(before?.containers ?? []), container],
      });
    }
  }
  return [...clusters.values()].sort((a, b) => b.containers.length - a.containers.length || a.fingerprint.localeCompare(b.fingerprint));
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
