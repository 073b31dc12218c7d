import type { Finding } from '../diagnosis/finding.ts';
import type { PullErrorClassifier, Symptom } from '../diagnosis/message/pull-error.ts';
import { failingImages, mayBePulling, targetOf, workloadLabel, workloadOf } from '../diagnosis/pod/pod.ts';
import { pullHistory } from '../diagnosis/pod/pull-history.ts';
import type { PodImage } from '../diagnosis/pod/target.ts';
import { REACH_OF_UNKNOWN, type Reach, subjectOf } from '../diagnosis/reach.ts';
import { type Confidence, type Family, surerFirst, type Verdict } from '../diagnosis/verdict.ts';
import { registryOf } from '../facts/image-reference.ts';
import type { Event, Owner, Pod } from '../facts/kubernetes/kubernetes-object.ts';
import { type CauseCatalogue, type CauseGuide, judgeContainer } from '../remediation/cause-catalogue.ts';
import { headlineOf } from '../remediation/headline.ts';
import { type PlaceholderValues, placeholderValues } from '../remediation/placeholders.ts';
import { mapInSlices } from './in-slices.ts';
import { sharedValues } from './shared-values.ts';

/** One container (or image volume) that cannot pull, or whose pull hangs. */
export interface FailingContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly image: string;
  /** Empty for a pod without a node. */
  readonly node: string;
  readonly workload: string;
  /** Names of the pull secrets that its pod names. */
  readonly pullSecrets: readonly string[];
  /** Absent where no attempt has failed so far. */
  readonly symptom?: Symptom;
  /** The runtime's message, redacted; of a pull that hangs, how long it has lasted. */
  readonly message: string;
}

/** Containers that fail for what is likely one root cause. */
export interface CauseGroup {
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
  readonly groups: readonly CauseGroup[];
  readonly lookedAt: { readonly pods: number; readonly nodes: number; readonly where: string; readonly complete: boolean };
  /** What could not be seen, why, and what would help. */
  readonly shortfalls: readonly string[];
}

interface Given {
  readonly catalogue: CauseCatalogue;
  readonly classify: PullErrorClassifier;
  readonly now: Date;
  /** Name of the cluster. */
  readonly cluster: string;
  /** The Jobs behind pods, by `namespace/job`, where they were read. */
  readonly jobs?: ReadonlyMap<string, Owner>;
}

/** Groups everything that cannot pull by likely root cause, the largest group first, and lets other work through meanwhile. `events` may be of any pods. */
export async function groupFailures(pods: readonly Pod[], events: readonly Event[], given: Given): Promise<readonly CauseGroup[]> {
  const byPod = Map.groupBy(events, (event) => event.involvedObject.uid ?? '');
  const failures = (await mapInSlices(pods, (pod) => failuresOf(pod, byPod.get(pod.metadata.uid) ?? [], given))).flat();
  const groups = [...Map.groupBy(failures, (failure) => failure.fingerprint)].map(([fingerprint, same]) =>
    groupOf(fingerprint, same, given),
  );
  return groups.sort((a, b) => b.containers.length - a.containers.length || a.fingerprint.localeCompare(b.fingerprint));
}

/** One failing container with what its own findings say. */
interface Failure {
  readonly fingerprint: string;
  readonly verdict: Verdict;
  readonly cause: CauseGuide | undefined;
  readonly findings: readonly Finding[];
  readonly values: PlaceholderValues;
  readonly container: FailingContainer;
}

/** What fails, or hangs, before it is judged. */
interface Trouble {
  readonly container: string;
  readonly image: PodImage;
  readonly host?: string | undefined;
  readonly symptom?: Symptom;
  readonly message: string;
}

function failuresOf(pod: Pod, events: readonly Event[], given: Given): readonly Failure[] {
  const target = targetOf(pod, { cluster: given.cluster, ...jobOf(pod, given) });
  if (failingImages(target.images).length === 0 && !target.images.some(mayBePulling)) return [];
  const history = pullHistory(target, events, given.classify, given.now);
  const failing = history.failures.map(
    ({ container, image, error, message }): Trouble => ({ container, image, host: error.host, symptom: error.symptom, message }),
  );
  return [...failing, ...hanging(target.images, history.findings, failing)].map(({ container: name, image, host, symptom, message }) => {
    const { verdict, cause, about } = judgeContainer(name, history.findings, given.catalogue, new Set());
    const container: FailingContainer = {
      namespace: target.namespace,
      pod: target.pod,
      container: name,
      image: image.image,
      node: target.node ?? '',
      workload: workloadLabel(target.workload, target.pod),
      pullSecrets: target.pullSecrets,
      ...(symptom === undefined ? {} : { symptom }),
      message,
    };
    const fingerprint = fingerprintOf(verdict.cause ?? 'undetermined', cause?.reach ?? REACH_OF_UNKNOWN, container, about);
    const values = placeholderValues(target, image, { ...verdict.names, host });
    return { fingerprint, verdict, cause, findings: about, values, container };
  });
}

/** What made the pod's Job is named by the Job. */
function jobOf(pod: Pod, { jobs }: Given): { readonly owner?: Owner } {
  const owner = workloadOf(pod);
  const job = owner?.kind === 'Job' ? jobs?.get(`${pod.metadata.namespace}/${owner.name}`) : undefined;
  return job === undefined ? {} : { owner: job };
}

/** Images whose pull lasts long and has not failed. */
function hanging(images: readonly PodImage[], findings: readonly Finding[], failing: readonly Trouble[]): readonly Trouble[] {
  return findings.flatMap(({ code, container, says }) => {
    const image = images.find(({ name }) => name === container);
    const known = failing.some((failure) => failure.container === container);
    return code === 'pod/pull-no-progress' && container !== undefined && image && !known ? [{ container, image, message: says }] : [];
  });
}

/** The strongest confidence holds for all: what is proven for one pod is the cause of its siblings. */
function groupOf(fingerprint: string, failures: readonly Failure[], { catalogue }: Given): CauseGroup {
  const [first] = [...failures].sort((a, b) => surerFirst(a.verdict.confidence, b.verdict.confidence));
  if (!first) throw new Error('a group has at least one failure');
  const { cause, confidence, family } = first.verdict;
  const values = sharedValues(failures.map((failure) => failure.values));
  const findings = failures.flatMap((failure) => failure.findings);
  return {
    fingerprint,
    cause: cause ?? 'undetermined',
    family,
    confidence,
    title: headlineOf(first.cause, catalogue.undetermined, { confidence, findings, values }).title,
    containers: failures.map((failure) => failure.container),
  };
}

/** The cause and what it reaches; the waiting reason is left out, because it flips between ErrImagePull and ImagePullBackOff. */
function fingerprintOf(cause: string, reach: Reach, container: FailingContainer, findings: readonly Finding[]): string {
  const subject = subjectOf(reach, { ...container, registry: registryOf(container.image) });
  const secrets = reach === 'namespace' ? secretsBehind(findings, container.pullSecrets) : [];
  return [cause, subject, ...secrets].join(' ');
}

/** Secrets with different names are different causes: the one that a finding proves, or else those that the pod names. */
function secretsBehind(findings: readonly Finding[], named: readonly string[]): readonly string[] {
  const proven = new Set(findings.flatMap(({ names }) => names?.secret ?? []));
  return [...(proven.size > 0 ? proven : new Set(named))].sort();
}
