import type { PullErrorClassifier } from '../diagnosis/message/pull-error.ts';
import { CodedError } from '../errors.ts';
import type { Run, RunEvent } from '../runbook/run.ts';
import type { RunbookStep } from '../runbook/runbook.ts';
import type { Probe } from '../steps/step.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { createFigureHistory } from './figure-history.ts';
import { probeOutcome } from './step-outcome.ts';

/** What steps are performed with. */
interface StepParts {
  readonly probes: Readonly<Record<string, Probe>>;
  readonly clusterOf: (name: string) => ClusterParts;
  readonly store: Store;
  readonly classify: PullErrorClassifier;
  readonly log: Log;
  readonly now: () => Date;
}

/** Performs one attempt at a step of a run. Whatever it throws is the step's failure. */
export async function outcomeOf(
  { step, run, attempt }: { readonly step: RunbookStep; readonly run: Run; readonly attempt: number },
  { probes, clusterOf, store, classify, log, now }: StepParts,
): Promise<RunEvent> {
  const probe = probes[step.uses];
  const { cluster } = run.target;
  return probeOutcome({ step, attempt, now }, (signal) => {
    if (!probe) throw new CodedError('engine/unknown-probe', `There is no probe ${step.uses}.`);
    const { sources, mayReadSecrets } = clusterOf(cluster);
    return probe({
      ...sources,
      target: run.target,
      findings: run.findings,
      failures: run.failures,
      mayReadSecrets,
      history: createFigureHistory({ store, cluster, log }),
      classify,
      now: now(),
      signal,
    });
  });
}
