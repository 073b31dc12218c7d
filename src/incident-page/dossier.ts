import type { Incident } from '../incident/incident.ts';
import type { MemberPod } from '../incident/members.ts';
import type { ShownPlan } from '../report/card/plan-card.ts';
import type { Run } from '../runbook/run.ts';

/** The pods that an incident has touched, as far as whoever reads may know of their namespaces. */
export interface DossierPods {
  /** Those that could not pull when they were last seen. */
  readonly failing: readonly MemberPod[];
  /** Those of them that were seen to have their image since. */
  readonly pulled: readonly MemberPod[];
  /** How many pods it has touched in all. */
  readonly total: number;
  /** False where there are more than were read. */
  readonly isAll: boolean;
}

/** Everything that the page of an incident is made of, for one reader at one moment. */
export interface Dossier {
  readonly incident: Incident;
  /** The oldest first; the last one is the newest of the incident. */
  readonly runs: readonly Run[];
  /** Older runs that were not read. */
  readonly runsLeftOut: number;
  /** The oldest first. */
  readonly plans: readonly ShownPlan[];
  /** False where older plans of the cluster were not looked through. */
  readonly isAllPlans: boolean;
  readonly pods: DossierPods;
  /** Namespaces of other pods that fail alike which the reader may know of; what is in others is counted and not named. */
  readonly namespaces: ReadonlySet<string>;
  /** What people are called, by the chat's id; who is missing here is called by it. */
  readonly people: Readonly<Record<string, string>>;
  /** Where the pages on causes are, without a slash at the end. */
  readonly docsUrl?: string | undefined;
  /** When it was read. */
  readonly at: Date;
}
