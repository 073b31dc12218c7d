import type { PullFigures } from '../facts/pull-figures.ts';
import type { Incident } from '../incident/incident.ts';
import type { Posted, PostedMessage } from '../incident/message.ts';
import type { Run } from '../runbook/run.ts';

/**
 * Where runs and incidents are kept. Throws `store/not-found` for an unknown one, `store/exists` for a second one with the
 * same id, and `store/unavailable` (retryable) when it cannot be reached.
 */
export interface Store {
  /** The run counts as unsaid until `markSaid`. */
  createRun(run: Run): Promise<void>;
  readRun(id: string): Promise<Run>;
  /**
   * Writes `change(run)` unless somebody else wrote in between; then it reads and tries again. `change` must be pure. A
   * change that returns the very run it was given is not written.
   */
  updateRun(id: string, change: (run: Run) => Run): Promise<Change<Run>>;
  /** Ids of runs that are not finished, or whose end was not said yet; at most 1,000, the oldest first. */
  listUnsaidRuns(): Promise<readonly string[]>;
  markSaid(runId: string): Promise<void>;

  createIncident(incident: Incident): Promise<void>;
  readIncident(id: string): Promise<Incident>;
  updateIncident(id: string, change: (incident: Incident) => Incident): Promise<Change<Incident>>;
  /** The newest first. `open`: only those that isOpen holds for; `namespace`: only those of a namespace of that name, in any cluster. */
  listIncidents(wanted: {
    readonly open?: boolean;
    readonly namespace?: string | undefined;
    readonly most: number;
  }): Promise<readonly Incident[]>;

  /** Does the work unless somebody, in this process or another, is at it for the same name. A lease of a dead process ends by itself. */
  exclusively<T>(
    name: string,
    work: () => Promise<T>,
  ): Promise<{ readonly status: 'done'; readonly value: T } | { readonly status: 'busy' }>;
  /** Takes a name for a while: a delivery that must not count twice, a turn to speak in a channel. */
  claim(name: string, forMs: number): Promise<{ readonly status: 'taken' } | { readonly status: 'refused'; readonly freeInMs: number }>;
  /** Takes a name for a while from now on, whoever has it: a channel that nobody may speak in for longer than a turn. */
  hold(name: string, forMs: number): Promise<void>;

  /** Earlier figures of a node, the oldest first; seven days after they were last written they are gone. */
  readFigures(cluster: string, node: string): Promise<readonly PullFigures[]>;
  writeFigures(cluster: string, node: string, figures: readonly PullFigures[]): Promise<void>;

  /** What was said about an incident, by message key. */
  readPosted(incidentId: string): Promise<Posted>;
  writePosted(incidentId: string, key: string, entry: PostedMessage): Promise<void>;
}

/** A stored thing before and after a change; the very same object when nothing was written. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}
