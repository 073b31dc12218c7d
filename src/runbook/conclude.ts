import { type Finding, type FindingCode, inReadingOrder, nameThatAllGive } from '../diagnosis/finding.ts';
import { fitFindings } from '../diagnosis/image-fit.ts';
import { registryOf } from '../diagnosis/image-reference.ts';
import { moreTellingFirst } from '../diagnosis/pull-error.ts';
import type { ImageFailure } from '../diagnosis/pull-history.ts';
import { type Scope, scopeOf } from '../diagnosis/scope.ts';
import type { PodImage, Target } from '../diagnosis/target.ts';
import type { Verdict } from '../diagnosis/verdict.ts';
import { list } from '../diagnosis/wording.ts';
import { placeholderValues } from '../remediation/placeholders.ts';
import {
  type CauseCatalogue,
  findingsAbout,
  judgeContainer,
  type OpenCheck,
  openQuestions,
  planRemediation,
  titleOf,
} from '../remediation/plan.ts';
import type { Conclusion, Run, StepState } from './run.ts';

/** What follows from everything a run found: the verdict about the image that tells most, its scope and what to do. */
export function conclude(run: Run, catalogue: CauseCatalogue): Conclusion {
  const fit = fitFindings(run.sizes ?? [], run.imageSpace, run.target.node ?? 'the node', run.startedAt);
  const findings = inReadingOrder([...run.findings, ...fit]);
  const failure = leadFailure(run.failures);
  const slow = run.findings.find((finding) => finding.code === 'pod/pull-no-progress');
  const container = failure?.container ?? slow?.container;
  const image = failure?.image ?? run.target.images.find((candidate) => candidate.name === container);
  if (container === undefined || image === undefined) return nothingWrong(run);

  const answered = new Set(Object.keys(run.steps).filter((id) => obstacleOf(run, id) === undefined));
  const { verdict, cause } = judgeContainer(container, findings, catalogue, answered);
  const values = placeholderValues(run.target, image, { ...verdict.names, runtime: runtimeOf(findings), host: failure?.error.host });
  const scope = scopeFor(run, image, failure, cause?.reach ?? 'none');
  return {
    container,
    title: verdict.confidence === 'possible' && cause ? `Perhaps: ${titleOf(cause, values)}` : titleOf(cause, values),
    verdict,
    ...(cause ? { means: cause.means, prevention: cause.prevention } : {}),
    ...(scope === undefined ? {} : { scope }),
    ...(failure === undefined ? {} : { retry: failure.retry }),
    remediation: planRemediation(cause, catalogue, { image, target: run.target, found: codesAbout(container, findings) }, values),
    unanswered: openQuestions(openChecks(run, verdict, catalogue), catalogue, values),
  };
}

/** The node's runtime, whatever the verdict rests on. */
function runtimeOf(findings: readonly Finding[]): string | undefined {
  return nameThatAllGive(findings.flatMap(({ names }) => names?.runtime ?? []));
}

function codesAbout(container: string, findings: readonly Finding[]): ReadonlySet<FindingCode> {
  return new Set(findingsAbout(container, findings).map(({ code }) => code));
}

/** The checks the verdict asks for and nobody answered, then those that were tried in vain, each with what stood in the way. */
function openChecks(run: Run, verdict: Verdict, catalogue: CauseCatalogue): readonly OpenCheck[] {
  const tried = Object.entries(run.steps).flatMap(([id, state]) =>
    id in catalogue.checks && state.status !== 'skipped' && obstacleOf(run, id) !== undefined ? [id] : [],
  );
  return [...new Set([...verdict.unanswered, ...tried])].map((check) => {
    const because = obstacleOf(run, check);
    return { check, decisive: verdict.unanswered.includes(check), ...(because === undefined ? {} : { because }) };
  });
}

/** Why a step did not see everything it should; undefined when it did. */
function obstacleOf(run: Run, stepId: string): string | undefined {
  const shortfall = run.shortfalls.find((candidate) => candidate.stepId === stepId);
  return shortfall?.says ?? failureOf(run.steps[stepId]);
}

function failureOf(state: StepState | undefined): string | undefined {
  switch (state?.status) {
    case 'done':
      return undefined;
    case 'failed':
    case 'skipped':
      return state.because;
    default:
      return 'It was not tried.';
  }
}

/** The failure whose symptom tells most. */
function leadFailure(failures: readonly ImageFailure[]): ImageFailure | undefined {
  return [...failures].sort((a, b) => moreTellingFirst(a.error.symptom, b.error.symptom))[0];
}

function scopeFor(run: Run, image: PodImage, failure: ImageFailure | undefined, reach: Parameters<typeof scopeOf>[2]): Scope | undefined {
  if (!run.survey) return undefined;
  const subject = {
    namespace: run.target.namespace,
    node: run.target.node ?? '',
    image: image.image,
    registry: registryOf(image.image),
    symptom: failure?.error.symptom ?? 'unknown',
  } as const;
  return scopeOf(subject, run.survey, reach);
}

/** A true answer where no image is at fault. */
function nothingWrong(run: Run): Conclusion {
  const { title, because } = otherAnswer(run.target, run.findings);
  const verdict: Verdict = {
    cause: null,
    family: null,
    confidence: 'confirmed',
    because,
    against: [],
    context: [],
    alternatives: [],
    unanswered: [],
  };
  return { title, verdict, remediation: [], unanswered: [] };
}

function otherAnswer(target: Target, findings: readonly Finding[]): { title: string; because: readonly string[] } {
  const pulling = findings.filter((finding) => finding.code === 'pod/pull-in-progress');
  if (pulling.length > 0) return { title: 'The pull is still going on', because: pulling.map((finding) => finding.says) };

  const trouble = target.otherTrouble;
  const there = target.images.filter((image) => image.state.status === 'present');
  const pulled =
    there.length === 0
      ? []
      : [`${there.length === target.images.length ? 'Every image' : list(there.map((image) => image.image))} was pulled.`];
  if (trouble && target.node === undefined) {
    return { title: 'No pull was tried: the pod has no node yet', because: [`${trouble.reason}: ${trouble.message}`] };
  }
  if (trouble) {
    const earlier = findings.filter((finding) => finding.code === 'pod/earlier-pull-failure').map((finding) => finding.says);
    const title = earlier.length > 0 ? `The pod ended: ${trouble.reason}` : `Not an image problem: ${trouble.reason}`;
    return { title, because: [...pulled, `${trouble.reason}: ${trouble.message}`, ...earlier] };
  }
  const warnings = findings.filter((finding) => finding.code === 'pod/other-warning').map((finding) => finding.says);
  if (warnings.length > 0) return { title: 'No pull has failed; something else holds the pod up', because: [...pulled, ...warnings] };
  if (target.deletingSince !== undefined)
    return { title: 'The pod is being deleted', because: [...pulled, `Deletion was asked for at ${target.deletingSince}.`] };
  const waiting = target.images.filter((image) => image.state.status === 'waiting' || image.state.status === 'not-reached');
  if (waiting.length > 0 && target.phase === 'Pending') {
    return {
      title: 'No pull has failed so far',
      because: [
        ...pulled,
        `${list(waiting.map((image) => image.name))} ${waiting.length === 1 ? 'waits' : 'wait'}, and no event tells of a failed pull.`,
      ],
    };
  }
  return {
    title: 'Nothing is wrong with the images of this pod',
    because: pulled.length > 0 ? pulled : ['No container waits for an image.'],
  };
}
