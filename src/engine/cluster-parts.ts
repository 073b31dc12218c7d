import type { Sources } from '../steps/step.ts';

/** What an engine may ask of one cluster, and how. */
export interface ClusterParts {
  readonly sources: Sources;
  /** Steps that are not wanted, with the reason people are told: `--no-registry was given`. */
  readonly unwanted: Readonly<Record<string, string>>;
  readonly mayReadSecrets: boolean;
  /** True where the nodes of finished runs are probed though nobody asks. */
  readonly probes?: boolean;
  /** Diagnoses a pod and answers with a recording of that, redacted: files by name. Absent where nothing is kept. */
  readonly capture?: ((namespace: string, pod: string) => Promise<Readonly<Record<string, string>>>) | undefined;
}
