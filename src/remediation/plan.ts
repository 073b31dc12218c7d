import type { Finding } from '../diagnosis/finding.ts';
import type { PodImage } from '../diagnosis/target.ts';
import { type Cause, reachVerdict, type Verdict } from '../diagnosis/verdict.ts';
import type { Wording } from './headline.ts';
import { fillCommand, fillText, type PlaceholderValues } from './placeholders.ts';

/** One action of a row in causes.yaml, placeholders not yet filled. */
export interface FixTemplate {
  readonly action: string;
  readonly title: string;
  /** Kinds of workload it makes sense for; absent means all. A pod that nothing owns has the kind `Pod`. */
  readonly for?: readonly string[] | undefined;
  /** Kinds of workload that it cannot be done to. */
  readonly except?: readonly string[] | undefined;
  readonly commands: readonly string[];
}

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
  readonly commands: readonly string[];
}

/** The whole of runbooks/causes.yaml. */
export interface CauseCatalogue {
  readonly checks: Readonly<Record<string, CheckTemplate>>;
  /** What to do instead of an action that a kind of workload is left out of, by kind. */
  readonly recreate: Readonly<Record<string, FixTemplate>>;
  readonly causes: readonly CauseGuide[];
  /** What is said and can be done where the findings name no cause. */
  readonly undetermined: Guide;
}

/** Something a person can do, with commands filled in for this pod. */
export interface Remediation {
  readonly action: string;
  readonly title: string;
  readonly commands: readonly string[];
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
  readonly commands: readonly string[];
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

/** What in a fix changes the pod or its workload. */
const CHANGES_POD = /\{(?:owner|pod|container|serviceAccount|secret)\}/;

/**
 * What to do about a cause for one image; empty where there is nothing to go by. The sandbox's image is named in the
 * configuration of the node's runtime, so what would change the pod is left out for it.
 */
export function planRemediation(
  guide: Pick<Guide, 'fix'> | undefined,
  catalogue: CauseCatalogue,
  about: { readonly image: PodImage; readonly workloadKind: string | undefined },
  values: PlaceholderValues,
): readonly Remediation[] {
  const kind = about.workloadKind ?? 'Pod';
  const fixes = (guide?.fix ?? []).filter((fix) => fix.for?.includes(kind) ?? true);
  const possible = fixes.filter((fix) => !fix.except?.includes(kind));
  const instead = possible.length < fixes.length ? catalogue.recreate[kind] : undefined;
  return [...possible, ...(instead ? [instead] : [])]
    .filter((fix) => about.image.kind !== 'pod sandbox' || !changesPod(fix))
    .map((fix) => ({
      action: fix.action,
      title: fillText(fix.title, values),
      commands: fix.commands.map((command) => fillCommand(command, values)),
    }));
}

function changesPod(fix: FixTemplate): boolean {
  return fix.commands.some((command) => CHANGES_POD.test(command));
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
        commands: template.commands.map((command) => fillCommand(command, values)),
      },
    ];
  });
}
