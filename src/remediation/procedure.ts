import type { FindingCode } from '../diagnosis/finding.ts';
import type { ContainerKind } from '../diagnosis/pod/target.ts';
import type { Command } from './command.ts';

/** One action of a row in causes.yaml, placeholders not yet filled. */
export interface FixTemplate {
  readonly action: string;
  readonly title: string;
  /** True for another way to the same end: its title begins with `Or` unless it comes first. */
  readonly alternative?: boolean | undefined;
  /** It is offered only if one of these was found. */
  readonly when?: readonly FindingCode[] | undefined;
  /** It is not offered if one of these was found. */
  readonly unless?: readonly FindingCode[] | undefined;
  /** Names of procedures whose rows are tried in this order; absent where workload and container make no difference. */
  readonly by?: readonly string[] | undefined;
  /** Commands that come first, whatever the kinds. */
  readonly commands?: readonly Command[] | undefined;
  /** What changes in a manifest or in values, as lines of a diff. */
  readonly manifest?: readonly string[] | undefined;
}

/** How a change is made to some kinds of workload and container; absent lists mean all kinds but the sandbox. */
export interface Procedure {
  readonly workloads?: readonly string[] | undefined;
  readonly containers?: readonly ContainerKind[] | undefined;
  /** What is particular about these kinds; follows the title of the fix. */
  readonly note?: string | undefined;
  readonly commands: readonly Command[];
}

/** The workload that a fix is for. A pod that nothing owns has the workload `Pod`. */
export interface Kinds {
  readonly workload: string;
  readonly container: ContainerKind;
}

const NOTHING_PARTICULAR: Procedure = { commands: [] };

/** Whether what was found allows a fix. */
export function fitsFindings(fix: FixTemplate, found: ReadonlySet<FindingCode>): boolean {
  const wanted = fix.when?.some((code) => found.has(code)) ?? true;
  return wanted && !(fix.unless ?? []).some((code) => found.has(code));
}

/** How a fix is done to these kinds; undefined where it cannot be done to them. */
export function procedureFor(
  fix: FixTemplate,
  procedures: Readonly<Record<string, readonly Procedure[]>>,
  kinds: Kinds,
): Procedure | undefined {
  if (fix.by === undefined) return NOTHING_PARTICULAR;
  const rows = fix.by.flatMap((name) => procedures[name] ?? []);
  return rows.find((row) => fitsKinds(row, kinds));
}

function fitsKinds({ workloads, containers }: Procedure, kinds: Kinds): boolean {
  if (!(workloads?.includes(kinds.workload) ?? true)) return false;
  return containers?.includes(kinds.container) ?? kinds.container !== 'pod sandbox';
}
