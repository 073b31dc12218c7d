import type { Incident, Place } from '../incident/incident.ts';
import type { Message } from '../incident/message.ts';
import type { Silence } from '../incident/silence.ts';
import type { Trigger } from '../runbook/run.ts';
import type { Examination } from './examination.ts';
import type { Person } from './people.ts';
import type { PlanDesk } from './plans/plan-desk.ts';

/** A request that is answered no, with a sentence for the person who asked. */
export interface Refusal {
  readonly status: 'refused';
  readonly code: string;
  readonly says: string;
}

/** An incident with its card, as far as it is posted. */
export interface WithCard {
  readonly incidentId: string;
  readonly place?: Place;
  /** The chat's name of the card. */
  readonly ts?: string;
}

/** What became of a wish for a diagnosis. `requestId` names what was written down: `seen` wants to know once its asker was told. */
export type DiagnosisAnswer =
  /** A run has begun, in an incident of its own or the one whose button was pressed: its card tells the rest. */
  | { readonly status: 'begun'; readonly requestId: string; readonly incidentId: string }
  /** A run has begun in an incident that was open about the same pod. */
  | ({ readonly status: 'joined'; readonly requestId: string } & WithCard)
  /** One is under way already. */
  | ({ readonly status: 'running'; readonly requestId: string } & WithCard)
  /** It will be done, but no worker has answered yet; `worker` tells whether one lives. */
  | { readonly status: 'waiting'; readonly requestId: string; readonly worker: boolean }
  /** This delivery was taken before: somebody else answers. */
  | { readonly status: 'repeated' }
  | (Refusal & { readonly requestId?: string });

/** A pod to choose. */
export interface FailingPod {
  readonly namespace: string;
  readonly pod: string;
  readonly says: string;
}

/** An incident, and the chat's name of its card once that is posted. */
export interface ListedIncident {
  readonly incident: Incident;
  readonly card?: string;
}

/** Some of the incidents that somebody may see. */
export interface IncidentList {
  /** The newest first, at most 20. */
  readonly incidents: readonly ListedIncident[];
  /** How many there are; of very many, how many were counted. */
  readonly total: number;
  /** False where there are more than were counted. */
  readonly complete: boolean;
}

/** A link to the page of an incident. */
export interface Invited {
  readonly status: 'invited';
  /** With a key that is good once: nothing but the answer to whoever asked may hold it. */
  readonly url: string;
  readonly until: Date;
  /** `shop/web-0`. */
  readonly about: string;
}

/** What can be silenced because of an incident. */
export interface Silenceable {
  readonly cluster: string;
  readonly namespace: string;
  /** The workload's name. */
  readonly workload: string;
  /** Absent where no verdict names a cause. */
  readonly cause?: { readonly title: string; readonly everywhere: boolean };
}

/** What starts something: who asks, and the chat's own id of the delivery, which is the same each time that is repeated. */
export interface Asked {
  readonly person: Person;
  readonly delivery: string;
  /** Called once nothing can be lost any more, however this process ends. */
  readonly onKept?: () => void;
}

/**
 * Takes what people ask for in a chat. Whether they may is decided here, for every way in. Throws CodedError when store or queue
 * cannot be reached, or the chat does not tell who somebody is.
 */
export interface Intake {
  /** Names of the clusters; the first one is meant where nobody names one. */
  readonly clusters: readonly string[];
  diagnose(
    request: Asked & {
      readonly cluster: string;
      readonly namespace: string;
      readonly pod: string;
      readonly place: Place;
      readonly trigger: Trigger;
    },
  ): Promise<DiagnosisAnswer>;
  rerun(request: Asked & { readonly incidentId: string }): Promise<DiagnosisAnswer>;
  /** The asker of a request has seen its answer, or that it takes time; until then the outbox has to tell them. */
  seen(requestId: string, what: 'waiting' | 'answer'): Promise<void>;
  /** What runtime, registry and cluster said in the newest run, word for word. Throws `store/not-found`, also for what somebody may not see. */
  raw(asked: { readonly person: Person; readonly incidentId: string }): Promise<{ readonly title: string; readonly text: string }>;
  /** A link by which one person can see the page of an incident, where incidents have pages. Throws `store/not-found`, also for what somebody may not see. */
  invite(asked: { readonly person: Person; readonly incidentId: string }): Promise<Invited | Refusal>;
  /** Those whose `namespace/pod` contains what was typed; not all where very many fail. */
  failingPods(asked: {
    readonly person: Person;
    readonly cluster: string;
    readonly namespace?: string | undefined;
    readonly typed: string;
  }): Promise<readonly FailingPod[] | Refusal>;
  scan(asked: {
    readonly person: Person;
    readonly cluster: string;
    readonly namespace?: string | undefined;
  }): Promise<{ readonly status: 'scanned'; readonly message: Message } | Refusal>;
  incidents(asked: {
    readonly person: Person;
    readonly open: boolean;
    readonly about?: { readonly namespace: string; readonly workload?: string } | undefined;
  }): Promise<IncidentList>;
  /** Nobody is told by itself of one workload for a while. */
  silence(
    request: Asked & {
      readonly cluster: string;
      readonly namespace: string;
      readonly workload: string;
      readonly forMs: number;
      readonly reason?: string | undefined;
    },
  ): Promise<{ readonly status: 'silenced'; readonly silence: Silence } | Refusal>;
  /** What somebody may silence because of an incident. Throws `store/not-found`, also for what somebody may not see. */
  silenceable(asked: { readonly person: Person; readonly incidentId: string }): Promise<Silenceable>;
  /** The same for the workload of an incident or its cause. Throws `store/not-found`, also for what somebody may not see. */
  silenceIncident(
    request: Asked & {
      readonly incidentId: string;
      readonly what: 'workload' | 'cause';
      readonly forMs: number;
      readonly reason?: string | undefined;
    },
  ): Promise<{ readonly status: 'silenced'; readonly silence: Silence } | Refusal>;
  /** Somebody takes care of an incident, or nobody any more. Throws `store/not-found`, also for what somebody may not see. */
  takeCare(asked: { readonly person: Person; readonly incidentId: string }): Promise<{ readonly status: 'noted' } | Refusal>;
  endCare(asked: { readonly person: Person; readonly incidentId: string }): Promise<{ readonly status: 'noted' } | Refusal>;
  /** What a verdict says, the causes that it may have been instead, and whether what the cluster answers is kept. Throws `store/not-found`, also for what somebody may not see. */
  disputable(asked: {
    readonly person: Person;
    readonly incidentId: string;
  }): Promise<{ readonly title: string; readonly causes: readonly string[]; readonly isRecorded: boolean }>;
  /** The newest verdict on an incident is wrong: `said` is the id of a cause, or one of OTHER_CAUSES. Throws `store/not-found` as `disputable` does. */
  dispute(
    request: Asked & { readonly incidentId: string; readonly said: string; readonly words?: string | undefined },
  ): Promise<{ readonly status: 'noted' } | Refusal>;
  /** Those that hold now and are about namespaces that somebody may ask about; at most 20. */
  silences(asked: { readonly person: Person }): Promise<readonly Silence[]>;
  /** Throws `store/not-found`. */
  endSilence(asked: {
    readonly person: Person;
    readonly silenceId: string;
  }): Promise<{ readonly status: 'ended'; readonly silence: Silence } | Refusal>;
  /** How the bot itself is, for admins. */
  examine(asked: { readonly person: Person }): Promise<Examination | Refusal>;
  /** What people want done, and decide; absent where nothing is ever changed. */
  readonly plans?: PlanDesk | undefined;
  /** Another app posted a message: in a channel that is listed for that app it is an alert. */
  alertMessage(message: {
    readonly channel: string;
    /** The chat's name of the message. */
    readonly ts: string;
    /** The chat's id of the app. */
    readonly app: string;
    readonly message: unknown;
    readonly onKept?: () => void;
  }): Promise<void>;
  /** False for a delivery that was taken before, by this process or another. Only for what is answered and not queued. */
  once(delivery: string): Promise<boolean>;
}
