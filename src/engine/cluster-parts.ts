import type { Sources } from '../steps/step.ts';

/** What an engine may ask of one cluster, and how. */
export interface ClusterParts {
  readonly sources: Sources;
  /** Steps that are not wanted, with the reason people are told: `--no-registry was given`. */
  readonly unwanted: Readonly<Record<string, string>>;
  readonly mayReadSecrets: boolean;
}
