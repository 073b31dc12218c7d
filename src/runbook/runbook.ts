import type { FindingCode } from '../diagnosis/finding.ts';

/** One step of a runbook, as runbooks/image-pull.yaml writes it. */
export interface RunbookStep {
  readonly id: string;
  readonly title: string;
  /** Name of the step's code in src/steps. */
  readonly uses: string;
  /** Steps that must have ended, however, before this one starts. */
  readonly needs: readonly string[];
  /** Start only if one of these was found; absent means always. */
  readonly when?: readonly FindingCode[] | undefined;
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
