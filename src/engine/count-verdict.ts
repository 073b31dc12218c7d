import type { Run } from '../runbook/run.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Counts the end of a run: its verdict, how long it took, and errors that no rule knows. */
export function countVerdict(
  { conclusion, failures, startedAt }: Run,
  { metrics, now }: { readonly metrics?: Metrics | undefined; readonly now: () => Date },
): void {
  if (!conclusion || !metrics) return;
  const { cause, confidence } = conclusion.verdict;
  metrics.count('imagepull_verdicts_total', { cause: cause ?? 'none', confidence });
  metrics.time('imagepull_verdict_seconds', (now().getTime() - Date.parse(startedAt)) / 1_000);
  const unknown = failures.filter(({ error }) => error.symptom === 'unknown').length;
  if (unknown > 0) metrics.count('imagepull_unknown_errors_total', {}, unknown);
}
