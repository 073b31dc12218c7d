import type { FindingCode } from '../diagnosis/finding.ts';

/** A code, or all codes of one area: `pull-error/*`. */
export type FindingPattern = FindingCode | `${string}/*`;

/** One step of a runbook, as runbooks/image-pull.yaml writes it. */
export interface RunbookStep {
  readonly id: string;
  readonly title: string;
  /** Name of the step's code in src/steps. */
  readonly uses: string;
  /** Steps that must have ended, however, before this one starts. */
  readonly needs: readonly string[];
  /** Start only if one of these was found; absent means always. `pull-error/*` stands for every code of that area. */
  readonly when?: readonly FindingPattern[] | undefined;
  readonly timeoutMs: number;
  readonly attempts: number;
}

/** A diagnosis as data. */
export interface Runbook {
  readonly name: string;
  readonly version: number;
  readonly steps: readonly RunbookStep[];
}

/** Why a runbook cannot be run, one sentence each: unknown or repeated ids, and needs that go in a circle. */
export function runbookProblems(
  runbook: Runbook,
  knownUses: ReadonlySet<string>,
): readonly { readonly step: number; readonly field: string; readonly problem: string }[] {
  const ids = runbook.steps.map((step) => step.id);
  const problems: { step: number; field: string; problem: string }[] = [];
  runbook.steps.forEach((step, index) => {
    if (ids.indexOf(step.id) !== index) problems.push({ step: index, field: 'id', problem: `the id "${step.id}" is used twice` });
    if (!knownUses.has(step.uses)) {
      problems.push({ step: index, field: 'uses', problem: `there is no step "${step.uses}"; known: ${[...knownUses].join(', ')}` });
    }
    for (const need of step.needs) {
      if (!ids.includes(need))
        problems.push({ step: index, field: 'needs', problem: `it needs "${need}", which is no step of this runbook` });
    }
    if (reaches(runbook, step.id, step.id, new Set()))
      problems.push({ step: index, field: 'needs', problem: `"${step.id}" waits for itself` });
  });
  return problems;
}

function reaches(runbook: Runbook, from: string, to: string, seen: Set<string>): boolean {
  const needs = runbook.steps.find((step) => step.id === from)?.needs ?? [];
  return needs.some((need) => {
    if (need === to) return true;
    if (seen.has(need)) return false;
    seen.add(need);
    return reaches(runbook, need, to, seen);
  });
}

/** True when a code is the pattern, or lies in its area. */
export function matchesPattern(code: FindingCode, pattern: FindingPattern): boolean {
  return code === pattern || (pattern.endsWith('/*') && code.startsWith(pattern.slice(0, -1)));
}

/** A step and all that it needs, directly or through others. */
export function withNeeds(runbook: Runbook, id: string): ReadonlySet<string> {
  const wanted = new Set([id]);
  // A set that grows while it is walked: each need is walked in its turn.
  for (const next of wanted) for (const need of runbook.steps.find((step) => step.id === next)?.needs ?? []) wanted.add(need);
  return wanted;
}
