import type { Finding } from '../diagnosis/finding.ts';
import type { Manager } from '../diagnosis/pod/target.ts';
import { type Cause, reachVerdict, type Verdict } from '../diagnosis/verdict.ts';
import type { Command } from './command.ts';
import type { Wording } from './headline.ts';
import type { FixTemplate, Procedure } from './procedure.ts';

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
