import type { AlertDelivery } from '../alerts/delivery.ts';
import type { PlanRecord } from '../approval/plan-record.ts';
import type { PullFigures } from '../facts/pull-figures.ts';
import type { Correction } from '../incident/correction.ts';
import type { Incident } from '../incident/incident.ts';
import type { MemberCounts, MemberKind, MemberPod } from '../incident/members.ts';
import type { Posted, PostedMessage } from '../incident/message.ts';
import type { DiagnosisRequest } from '../incident/request.ts';
import type { Silence } from '../incident/silence.ts';
import type { Run } from '../runbook/run.ts';
import type { Collection } from './collection.ts';
import type { Heartbeats } from './heartbeat.ts';
import type { Line } from './line.ts';
import type { RecordKind, StoredRecord } from './record-kind.ts';

/** The pods, workloads, nodes and namespaces of an incident: counted beside its record, which no number of them makes larger. */
export interface Members {
  /** Adds failing pods with what they bring along; answers how many of the pods were not known before. */
  add(incidentId: string, pods: readonly MemberPod[]): Promise<number>;
  addNames(incidentId: string, kind: MemberKind, names: readonly string[]): Promise<void>;
  removeNames(incidentId: string, kind: MemberKind, names: readonly string[]): Promise<void>;
  count(incidentId: string): Promise<MemberCounts>;
  /** Names in their order, from after `cursor` on. */
  list(
    incidentId: string,
    query: { readonly kind: MemberKind; readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ readonly names: readonly string[]; readonly next?: string }>;
}

/** Where everything is kept. Everything throws `store/unavailable` (retryable) when the store cannot be reached. */
export interface Store {
  /** The collection of a kind; the same one each time. */
  collection<T extends StoredRecord>(kind: RecordKind<T>): Collection<T>;
  readonly runs: Collection<Run>;
  readonly incidents: Collection<Incident>;
  readonly requests: Collection<DiagnosisRequest>;
  readonly deliveries: Collection<AlertDelivery>;
  readonly silences: Collection<Silence>;
  readonly corrections: Collection<Correction>;
  readonly plans: Collection<PlanRecord>;
  readonly members: Members;

  /** What was said about an incident, by message key. An entry that cannot be read counts as `posting`, to be looked for. */
  readonly posted: {
    read(incidentId: string): Promise<Posted>;
    write(incidentId: string, key: string, entry: PostedMessage): Promise<void>;
  };
  /** Earlier figures of a node, the oldest first; seven days after they were last written they are gone. */
  readonly figures: {
    read(cluster: string, node: string): Promise<readonly PullFigures[]>;
    write(cluster: string, node: string, figures: readonly PullFigures[]): Promise<void>;
  };
  /** Since when anything is kept here: what began before may have been known to a store that was lost. */
  began(): Promise<Date>;
  readonly heartbeats: Heartbeats;
  /** Lines of what waits for its channel. */
  readonly line: Line;

  /** Does the work unless somebody, in this process or another, is at it for the same name. A lease of a dead process ends by itself. */
  exclusively<T>(
    name: string,
    work: () => Promise<T>,
  ): Promise<{ readonly status: 'done'; readonly value: T } | { readonly status: 'busy' }>;
  /** Takes a name for a while: a delivery that must not count twice, the pace of a channel. */
  claim(name: string, forMs: number): Promise<{ readonly status: 'taken' } | { readonly status: 'refused'; readonly freeInMs: number }>;
  /** Takes a name for a while from now on, whoever has it: a channel that nobody may speak in for longer than its pace. */
  hold(name: string, forMs: number): Promise<void>;
}
