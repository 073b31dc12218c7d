import type { Finding } from '../diagnosis/finding.ts';
import type { ImageFailure } from '../diagnosis/pod/pull-history.ts';
import type { Target } from '../diagnosis/pod/target.ts';
import type { Scope } from '../diagnosis/scope.ts';
import type { Verdict } from '../diagnosis/verdict.ts';
import type { Remediation } from '../remediation/advice.ts';
import type { OpenQuestion } from '../remediation/open-question.ts';
import type { Conclusion, Run, StepState } from '../runbook/run.ts';

/** Counts up when a field of the JSON output goes or changes its meaning; new fields may come without it. */
export const SCHEMA_VERSION = 1;

/** How a pod was chosen where a workload or labels were named. */
export interface Selection {
  readonly matched: number;
  readonly failing: number;
  readonly says: string;
}

/** A finished run as `diagnose -o json` prints it; scripts rely on the names. */
export interface Report {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly selection: Selection | null;
  readonly target: Target;
  readonly title: string;
  readonly verdict: Omit<Verdict, 'unanswered'> & { readonly unanswered: readonly OpenQuestion[] };
  readonly container: string | null;
  readonly means: string | null;
  readonly scope: Scope | null;
  readonly retry: NonNullable<Conclusion['retry']> | null;
  readonly failures: readonly ImageFailure[];
  readonly findings: readonly Finding[];
  readonly steps: readonly ReportedStep[];
  readonly shortfalls: readonly string[];
  readonly remediation: readonly Remediation[];
  readonly prevention: string | null;
  /** The command that prints the page on the cause; null where no image fails. */
  readonly more: string | null;
  /** When the run started, RFC 3339; ages in the text are measured from it. */
  readonly at: string;
  readonly requests: { readonly kubernetes: number; readonly registry: number };
}

/** A step of the run; `because` says why it was skipped or failed. */
export interface ReportedStep {
  readonly id: string;
  readonly status: StepState['status'];
  readonly because: string | null;
  readonly durationMs: number | null;
}

/** The failure that the verdict is about; absent when no image fails. */
export function leadFailure(report: Report): ImageFailure | undefined {
  return report.failures.find((failure) => failure.container === report.container);
}

/** Throws if the run has not come to its end: then there is nothing to report. */
export function reportOf(run: Run, requests: Report['requests']): Report {
  const { conclusion } = run;
  if (!conclusion) throw new Error(`run ${run.id} has no conclusion`);
  return {
    schemaVersion: SCHEMA_VERSION,
    selection: null,
    target: run.target,
    title: conclusion.title,
    verdict: { ...conclusion.verdict, unanswered: conclusion.unanswered },
    container: conclusion.container ?? null,
    means: conclusion.means ?? null,
    scope: conclusion.scope ?? null,
    retry: conclusion.retry ?? null,
    failures: run.failures,
    findings: run.findings,
    steps: Object.entries(run.steps).map(([id, state]) => ({
      id,
      status: state.status,
      because: 'because' in state ? state.because : null,
      durationMs: 'durationMs' in state ? state.durationMs : null,
    })),
    shortfalls: shortfallsOf(run, new Set(conclusion.unanswered.map((question) => question.check))),
    remediation: conclusion.remediation,
    prevention: conclusion.prevention ?? null,
    more: conclusion.verdict.cause === null ? null : `imagepull explain --cause ${conclusion.verdict.cause}`,
    at: run.startedAt,
    requests,
  };
}

/** What steps could not see; what an open question already tells is left out. */
function shortfallsOf(run: Run, told: ReadonlySet<string>): readonly string[] {
  const failed = Object.entries(run.steps).flatMap(([stepId, state]) =>
    state.status === 'failed' ? [{ stepId, says: state.because }] : [],
  );
  return [...run.shortfalls, ...failed].filter(({ stepId }) => !told.has(stepId)).map(({ says }) => says);
}
