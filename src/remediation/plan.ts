import type { Finding, FindingCode } from '../diagnosis/finding.ts';
import type { Manager, PodImage, Target } from '../diagnosis/target.ts';
import { type Cause, reachVerdict, type Verdict } from '../diagnosis/verdict.ts';
import { type Command, filled } from './command.ts';
import type { Wording } from './headline.ts';
import { fillText, type PlaceholderValues } from './placeholders.ts';
import { type FixTemplate, fitsFindings, type Procedure, procedureFor } from './procedure.ts';

/** What people are told of a verdict and can do about it. */
export interface Guide extends Wording {
  readonly fix: readonly FixTemplate[];
  readonly prevention: string;
}

/** A cause with what to do about it: the whole row of causes.yaml. */
export interface CauseGuide extends Cause, Guide {}

/** A check that would settle a cause, and how a person can make it by hand. */
export interface CheckTemplate {
  readonly question: string;
  readonly enable: string;
  readonly commands: readonly Command[];
}

/** What comes before everything else where a tool owns the workload, and what is said where the node names the image. */
export interface GuideTemplate {
  readonly action: string;
  readonly title: string;
  readonly commands: readonly Command[];
}

/** The whole of runbooks/causes.yaml. */
export interface CauseCatalogue {
  readonly checks: Readonly<Record<string, CheckTemplate>>;
  /** How a change is made, by name; of each, the first row that fits workload and container. */
  readonly procedures: Readonly<Record<string, readonly Procedure[]>>;
  /** What to do first where one of these owns the workload, by tool. */
  readonly managers: Readonly<Record<Manager['tool'], GuideTemplate>>;
  /** What to do about the image of the sandbox instead of what would change a pod. */
  readonly sandbox: GuideTemplate;
  readonly causes: readonly CauseGuide[];
  /** What is said and can be done where the findings name no cause. */
  readonly undetermined: Guide;
}

/** Something a person can do, with commands filled in for this pod. */
export interface Remediation {
  readonly action: string;
  readonly title: string;
  readonly commands: readonly Command[];
  /** What becomes of the manifest or the values in Git, as lines of a diff. */
  readonly manifest?: readonly string[];
}

/** A check nobody made, or made in vain. */
export interface OpenCheck {
  readonly check: string;
  /** True when the cause would be surer with it; the others were tried and fell short. */
  readonly decisive: boolean;
  /** What stood in the way. */
  readonly because?: string;
  /** What is left to ask, where most of the check was made. */
  readonly asks?: string;
}

/** A question nobody answered, with what would answer it. */
export interface OpenQuestion extends OpenCheck {
  readonly question: string;
  readonly enable: string;
  readonly commands: readonly Command[];
}

/** The verdict on one failing container (or volume), from the findings about it and about the whole pod, with its cause's row. */
export function judgeContainer(
  container: string,
  findings: readonly Finding[],
  catalogue: CauseCatalogue,
  answered: ReadonlySet<string>,
): { readonly verdict: Verdict; readonly cause: CauseGuide | undefined; readonly about: readonly Finding[] } {
  const about = findings.filter((finding) => finding.container === undefined || finding.container === container);
  const verdict = reachVerdict(about, catalogue.causes, answered);
  return { verdict, cause: catalogue.causes.find((candidate) => candidate.id === verdict.cause), about };
}

/** What the fixes have to fit. */
export interface Situation {
  readonly image: PodImage;
  readonly target: Pick<Target, 'workload' | 'managedBy'>;
  /** Codes of the findings about this image. */
  readonly found: ReadonlySet<FindingCode>;
}

/**
 * What to do about a cause for one image; empty where there is nothing to go by. What does not fit what was found, the kind
 * of workload or the kind of container is left out. The sandbox's image is named in the configuration of the node's
 * runtime, so what would change the pod is replaced for it.
 */
export function planRemediation(
  guide: Pick<Guide, 'fix'> | undefined,
  catalogue: CauseCatalogue,
  situation: Situation,
  values: PlaceholderValues,
): readonly Remediation[] {
  const wanted = (guide?.fix ?? []).filter((fix) => fitsFindings(fix, situation.found));
  const kinds = { workload: situation.target.workload?.kind ?? 'Pod', container: situation.image.kind };
  const chosen = wanted.flatMap((fix) => {
    const procedure = procedureFor(fix, catalogue.procedures, kinds);
    return procedure === undefined ? [] : [{ fix, procedure }];
  });
  const firstInGit = chosen.find(({ fix }) => fix.manifest !== undefined)?.fix;
  const fixes = chosen.flatMap(({ fix, procedure }, at) => [
    ...(fix === firstInGit ? changeInGit(fix, catalogue, situation, values) : []),
    remediationOf(fix, procedure, { first: at === 0, values }),
  ]);
  const sandbox = kinds.container === 'pod sandbox' && chosen.length < wanted.length ? [guidance(catalogue.sandbox, values)] : [];
  return [...fixes, ...sandbox];
}

function remediationOf(
  fix: FixTemplate,
  procedure: Procedure,
  given: { readonly first: boolean; readonly values: PlaceholderValues },
): Remediation {
  const { first, values } = given;
  const title = fix.alternative && !first ? `Or ${fix.title[0]?.toLowerCase()}${fix.title.slice(1)}` : fix.title;
  return {
    action: fix.action,
    title: fillText(procedure.note === undefined ? title : `${title}. ${procedure.note}`, values),
    commands: [...(fix.commands ?? []), ...procedure.commands].map((command) => filled(command, values)),
  };
}

/** Where a tool applies the manifests, what kubectl changes does not last; so that comes before the first such change. */
function changeInGit(
  { manifest }: FixTemplate,
  catalogue: CauseCatalogue,
  { target }: Situation,
  values: PlaceholderValues,
): readonly Remediation[] {
  if (target.managedBy === undefined || manifest === undefined) return [];
  const lines = manifest.map((line) => fillText(line, values));
  return [{ ...guidance(catalogue.managers[target.managedBy.tool], values), manifest: lines }];
}

function guidance(template: GuideTemplate, values: PlaceholderValues): Remediation {
  return {
    action: template.action,
    title: fillText(template.title, values),
    commands: template.commands.map((command) => filled(command, values)),
  };
}

/** Open checks, as questions about this pod. */
export function openQuestions(checks: readonly OpenCheck[], catalogue: CauseCatalogue, values: PlaceholderValues): readonly OpenQuestion[] {
  return checks.flatMap(({ asks, ...open }) => {
    const template = catalogue.checks[open.check];
    if (!template) return [];
    // What would answer the whole question is of no use to one who lacks a part.
    if (asks !== undefined) return [{ ...open, question: asks, enable: '', commands: [] }];
    return [
      {
        ...open,
        question: fillText(template.question, values),
        enable: fillText(template.enable, values),
        commands: template.commands.map((command) => filled(command, values)),
      },
    ];
  });
}
