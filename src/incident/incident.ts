/** Where an incident is told: a channel of a chat; `thread` when it is told inside somebody else's thread. */
export interface Place {
  readonly channel: string;
  readonly thread?: string;
}

/** One root problem that people see as one thread; it may hold many runs, and the newest is what its card shows. */
export interface Incident {
  readonly id: string;
  /** Grows with every stored change. */
  readonly revision: number;
  readonly place: Place;
  readonly cluster: string;
  readonly namespace: string;
  /** The pod that was asked for. */
  readonly pod: string;
  /** `Deployment/web`, or `Pod/web-0` where nothing owns it. */
  readonly workload: string;
  /** RFC 3339. */
  readonly openedAt: string;
  /** Ids of its runs, the newest last; never empty. */
  readonly runIds: readonly string[];
  /** What the newest finished run says; absent while the first one runs. */
  readonly outcome?: IncidentOutcome;
  /** Why it can no longer be told: the channel is archived, the bot was removed. */
  readonly silenced?: string;
}

/** The end of an incident's newest finished run, as lists show it. */
export interface IncidentOutcome {
  readonly runId: string;
  /** Id of the cause; null when nothing is wrong with an image any more. */
  readonly cause: string | null;
  readonly title: string;
  readonly confidence: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Open until a run finds every image pulled. */
export function isOpen(incident: Incident): boolean {
  return incident.outcome === undefined || incident.outcome.cause !== null;
}
