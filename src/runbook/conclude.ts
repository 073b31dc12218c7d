import { type FindingCode, provenNames } from '../diagnosis/finding.ts';
import { moreTellingFirst } from '../diagnosis/message/pull-error.ts';
import type { ImageFailure } from '../diagnosis/pod/pull-history.ts';
import type { PodImage } from '../diagnosis/pod/target.ts';
import { type Scope, scopeOf } from '../diagnosis/scope.ts';
import type { Verdict } from '../diagnosis/verdict.ts';
import { registryOf } from '../facts/image-reference.ts';
import { remediationsFor } from '../remediation/advice.ts';
import { type CauseCatalogue, judgeContainer } from '../remediation/cause-catalogue.ts';
import { headlineOf } from '../remediation/headline.ts';
import { type OpenCheck, openQuestions } from '../remediation/open-question.ts';
import { placeholderValues } from '../remediation/placeholders.ts';
import { otherAnswer } from './other-answer.ts';
import type { Conclusion, Run, StepState } from './run.ts';

/** What follows from everything a run found: the verdict about the image that tells most, its scope and what to do. */
export function conclude(run: Run, catalogue: CauseCatalogue): Conclusion {
  const failure = leadFailure(run.failures);
  const slow = run.findings.find((finding) => finding.code === 'pod/pull-no-progress');
  const container = failure?.container ?? slow?.container;
  const image = failure?.image ?? run.target.images.find((candidate) => candidate.name === container);
  if (container === undefined || image === undefined) return nothingWrong(run);

  const answered = new Set(Object.keys(run.steps).filter((id) => obstacleOf(run, id) === undefined));
  const { verdict, cause, about } = judgeContainer(container, run.findings, catalogue, answered);
  const guide = cause ?? catalogue.undetermined;
  // The node's runtime, whatever the verdict rests on.
  const { runtime } = provenNames(run.findings);
  const known = { ...verdict.names, runtime, host: failure?.error.host };
  const values = placeholderValues(run.target, image, known);
  const found: ReadonlySet<FindingCode> = new Set(about.map(({ code }) => code));
  const scope = scopeFor(run, image, failure, cause?.reach ?? 'none');
  return {
    container,
    ...headlineOf(cause, catalogue.undetermined, { confidence: verdict.confidence, findings: about, values }),
    verdict,
    prevention: guide.prevention,
    ...(scope === undefined ? {} : { scope }),
    ...(failure === undefined ? {} : { retry: failure.retry }),
    remediation: remediationsFor(guide, catalogue, { image, target: run.target, found }, values),
    unanswered: openQuestions(openChecks(run, verdict, catalogue), catalogue, values),
  };
}

/** The checks the verdict asks for and nobody answered, then those that were tried in vain, each with what stood in the way. */
function openChecks(run: Run, verdict: Verdict, catalogue: CauseCatalogue): readonly OpenCheck[] {
  const tried = Object.entries(run.steps).flatMap(([id, state]) =>
    id in catalogue.checks && state.status !== 'skipped' && obstacleOf(run, id) !== undefined ? [id] : [],
  );
  return [...new Set([...verdict.unanswered, ...tried])].map((check) => {
    const because = obstacleOf(run, check);
    const question = run.shortfalls.find(({ stepId }) => stepId === check)?.question;
    return {
      check,
      decisive: verdict.unanswered.includes(check),
      ...(because === undefined ? {} : { because }),
      ...(question === undefined ? {} : { asks: question }),
    };
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
    ...(failure === undefined ? {} : { symptom: failure.error.symptom }),
  };
  return scopeOf(subject, run.survey, reach);
}

/** A true answer where no image is at fault. */
function nothingWrong(run: Run): Conclusion {
  const { title, because } = otherAnswer(run.target, run.findings, new Date(run.startedAt));
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
