import type { Incident, Place } from '../incident/incident.ts';
import type { Trigger } from '../runbook/run.ts';

/** A request that is answered no, with a sentence for the person who asked. */
export interface Refusal {
  readonly status: 'refused';
  readonly code: string;
  readonly says: string;
}

/** What became of a wish for a diagnosis. */
export type DeskAnswer =
  | { readonly status: 'begun'; readonly incidentId: string }
  /** One is under way already; `ts` names its card once that is posted. */
  | { readonly status: 'running'; readonly incidentId: string; readonly place: Place; readonly ts?: string }
  /** Queued, and no worker has answered yet. */
  | { readonly status: 'waiting'; readonly incidentId: string }
  | Refusal;

/** A pod to choose. */
export interface FailingPod {
  readonly namespace: string;
  readonly pod: string;
  readonly says: string;
}

/** Takes what people ask for in a chat. Throws CodedError when store or queue cannot be reached. */
export interface Desk {
  /** Names of the clusters; the first one is meant where nobody names one. */
  readonly clusters: readonly string[];
  diagnose(request: {
    readonly cluster: string;
    readonly namespace: string;
    readonly pod: string;
    readonly place: Place;
    readonly trigger: Trigger;
    /** Called once nothing can be lost any more, however this process ends. */
    readonly onKept?: () => void;
  }): Promise<DeskAnswer>;
  rerun(request: { readonly incidentId: string; readonly user: string; readonly onKept?: () => void }): Promise<DeskAnswer>;
  /** Why an incident that has begun cannot be told, found out within a few seconds; undefined when its card is there or still may come. */
  trouble(incidentId: string): Promise<string | undefined>;
  /** What runtime, registry and cluster said in the newest run, word for word. Throws `store/not-found`. */
  raw(incidentId: string): Promise<{ readonly title: string; readonly text: string }>;
  /** Those whose `namespace/pod` contains what was typed; not all where very many fail. */
  failingPods(wanted: {
    readonly cluster: string;
    readonly namespace?: string | undefined;
    readonly typed: string;
  }): Promise<readonly FailingPod[] | Refusal>;
  scan(wanted: {
    readonly cluster: string;
    readonly namespace?: string | undefined;
  }): Promise<{ readonly status: 'scanned'; readonly text: string } | Refusal>;
  /** The newest first, at most 20. */
  incidents(wanted: {
    readonly open: boolean;
    readonly about?: { readonly namespace: string; readonly workload?: string } | undefined;
  }): Promise<readonly Incident[]>;
  /** False for a delivery that was taken before, by this process or another. */
  once(delivery: string): Promise<boolean>;
}
