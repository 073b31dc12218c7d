import type { ClusterReader } from '../cluster/cluster.ts';
import { observed } from '../diagnosis/evidence.ts';
import type { Finding } from '../diagnosis/finding.ts';
import { namesCause, type PullErrorClassifier, tellsCause } from '../diagnosis/message/pull-error.ts';
import { failingImages, imagesOf } from '../diagnosis/pod/pod.ts';
import type { PodImage, Target } from '../diagnosis/pod/target.ts';
import type { PullSurvey } from '../diagnosis/scope.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import { surveyPods } from '../diagnosis/survey.ts';
import { asCodedError } from '../errors.ts';
import { parseImageReference, repositoryName } from '../facts/image-reference.ts';
import type { Pod } from '../facts/kubernetes/kubernetes-object.ts';
import type { ProbeContext } from './step.ts';

const PAGE = 500;

/**
 * Looks at other pods to tell how far a failure reaches. At most three requests however large the cluster is: one page
 * of all pods and, if that is not all, the pending pods and the pods of the target's node.
 */
export async function listPullFailures({ target, cluster, classify, now, signal }: ProbeContext): Promise<StepResult> {
  const image = subjectOf(target);
  if (!image) return { findings: [] };
  const seen = await lookAround(cluster, target, signal);
  const { uid, namespace, pullSecrets } = target;
  const about = { image: image.image, node: target.node ?? '', uid, namespace, pullSecrets };
  const survey = surveyPods(seen.pods, about, { where: seen.where, complete: seen.complete }, classify);
  const { pods } = seen;
  return {
    findings: [...siblingFindings({ image, survey, pods, classify, now }), ...repositoryFinding(image, pods, now)],
    survey,
    ...(seen.shortfall === undefined ? {} : { shortfall: seen.shortfall }),
  };
}

interface Seen {
  readonly pods: readonly Pod[];
  readonly where: string;
  readonly complete: boolean;
  readonly shortfall?: string;
}

async function lookAround(cluster: ClusterReader, target: Target, signal: AbortSignal): Promise<Seen> {
  try {
    return { ...(await readSome(cluster, target, {}, signal)), where: 'the cluster' };
  } catch (cause) {
    const error = asCodedError(cause);
    if (error.code !== 'cluster/forbidden') throw error;
    const narrowed = await readSome(cluster, target, { namespace: target.namespace }, signal);
    return {
      ...narrowed,
      where: `namespace ${target.namespace}`,
      shortfall: `Only pods of namespace ${target.namespace} were looked at. ${error.message}`,
    };
  }
}

async function readSome(
  cluster: ClusterReader,
  target: Target,
  where: { namespace?: string },
  signal: AbortSignal,
): Promise<{ pods: readonly Pod[]; complete: boolean }> {
  const first = await cluster.listPods({ ...where, limit: PAGE }, signal);
  if (!first.more) return { pods: first.pods, complete: true };
  const pending = await cluster.listPods({ ...where, phase: 'Pending', limit: PAGE }, signal);
  // Within one namespace the node's pods are too few to tell whether the node is at fault.
  const node = where.namespace === undefined ? target.node : undefined;
  const beside = node === undefined ? { pods: [] } : await cluster.listPods({ node, limit: PAGE }, signal);
  const byUid = new Map(
    [...first.pods, ...pending.pods, ...beside.pods].map((pod) => [
      pod.metadata.uid || `${pod.metadata.namespace}/${pod.metadata.name}`,
      pod,
    ]),
  );
  return { pods: [...byUid.values()], complete: false };
}

function subjectOf(target: Target): PodImage | undefined {
  return failingImages(target.images)[0] ?? target.images.find((image) => image.state.status === 'waiting');
}

/** A pod that has another tag of the same repository shows that the repository exists, or did when that pod was made. */
function repositoryFinding(image: PodImage, pods: readonly Pod[], now: Date): readonly Finding[] {
  const repository = repositoryOf(image.image);
  if (repository === undefined) return [];
  for (const pod of pods) {
    const other = imagesOf(pod).find(({ image, state }) => state.status === 'present' && repositoryOf(image) === repository);
    if (!other) continue;
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
    const text = `${other.image}: ${other.state.status}`;
    return [
      {
        code: 'pods/repository-pulled',
        says: `Pod ${name} has ${other.image}, so the repository ${repository} exists.`,
        container: image.name,
        evidence: [observed('pod-list', { from: 'node', at: now, text })],
      },
    ];
  }
  return [];
}

function repositoryOf(image: string): string | undefined {
  const parsed = parseImageReference(image);
  return parsed.status === 'valid' ? repositoryName(parsed.reference) : undefined;
}

/** The true cause behind `pull QPS exceeded` may stand only in the status of another pod that wants the same image. */
function siblingFindings(given: {
  image: PodImage;
  survey: PullSurvey;
  pods: readonly Pod[];
  classify: PullErrorClassifier;
  now: Date;
}): readonly Finding[] {
  const { image, survey, pods, classify, now } = given;
  if (image.state.status !== 'failing' || tellsCause(classify(`${image.state.reason}: ${image.state.message ?? ''}`))) return [];
  const sibling = survey.failing.find((group) => group.image === image.image && namesCause(group.symptom));
  const pod = pods.find((candidate) => candidate.metadata.name === sibling?.example && candidate.metadata.namespace === sibling.namespace);
  if (!sibling || !pod) return [];
  const message = imagesOf(pod)
    .map(({ state }) => ('message' in state ? state.message : undefined))
    .find((text) => text?.includes(image.image));
  const name = `${sibling.namespace}/${sibling.example}`;
  return [
    {
      code: `pull-error/${sibling.symptom}`,
      says: `Pod ${name} wants the same image and fails with ${sibling.symptom}.`,
      container: image.name,
      indirect: true,
      evidence: [observed('pod-list', { from: 'node', at: now, text: message ?? '' })],
    },
  ];
}
