import { type AlertDelivery, DeliverySchema } from '../alerts/delivery.ts';
import { type Person, personKey } from '../approval/person.ts';
import { isOpen as isOpenPlan, type PlanRecord, PlanRecordSchema } from '../approval/plan-record.ts';
import type { KeptDisclosure, Link } from '../audit/kept.ts';
import { KeptDisclosureSchema, LinkSchema } from '../audit/kept.ts';
import { type Correction, CorrectionSchema } from '../incident/correction.ts';
import { type Incident, IncidentSchema, isByItself, isListed, keysOf } from '../incident/incident.ts';
import { type DiagnosisRequest, isUnseen, RequestSchema } from '../incident/request.ts';
import { type Silence, SilenceSchema } from '../incident/silence.ts';
import { type Pass, PassSchema, VISIT_MS } from '../passes/pass.ts';
import { isAutomatic, type Run } from '../runbook/run.ts';
import { RunSchema } from '../runbook/run-schema.ts';
import { ALL, type RecordKind } from './record-kind.ts';
import { AUDIT_ENTRY_STEPS, DELIVERY_STEPS, INCIDENT_STEPS, REQUEST_STEPS, RUN_STEPS, SILENCE_STEPS } from './versions.ts';

/** The list of runs that are not finished, or whose end was not said yet. */
export const UNSAID = 'unsaid';
/** The list of an incident's runs. */
export const runsOf = (incidentId: string): string => `of.${incidentId}`;
/** The list of those among them that are not finished or not said yet. */
export const unsaidOf = (incidentId: string): string => `unsaid.of.${incidentId}`;
/** The key of the one run of an incident that is not finished. */
export const runningIn = (incidentId: string): string => `in.${incidentId}`;
/** The list of open incidents, of requests whose asker waits, or of deliveries that nobody looked into yet. */
export const OPEN = 'open';
/** The list of incidents that are a part of one. */
export const partsOf = (incidentId: string): string => `parts.of.${incidentId}`;
/** The list of open incidents of a namespace that nobody asked for. */
export const byItselfIn = (cluster: string, namespace: string): string => `by-itself.in.${cluster}/${namespace}`;
/** The list of runs that go on, and of requests that wait, which nobody asked for. */
export const byItselfOf = (cluster: string): string => `by-itself.of.${cluster}`;
/** The list of incidents that began in quiet hours, open and not a part of another one. */
export const HELD = 'held';
/** The list of incidents of a namespace of that name, in any cluster. */
export const inNamespace = (namespace: string): string => `in.${namespace}`;

/** Runs. One at a time may be unfinished in an incident. */
const RUNS: RecordKind<Run> = {
  name: 'run',
  version: 2,
  schema: RunSchema,
  steps: RUN_STEPS,
  since: ({ startedAt }) => startedAt,
  indexes: ({ incidentId, trigger, conclusion, target }) => [
    UNSAID,
    runsOf(incidentId),
    unsaidOf(incidentId),
    ...(isAutomatic(trigger) && conclusion === undefined ? [byItselfOf(target.cluster)] : []),
  ],
  keys: ({ incidentId, conclusion }) => (conclusion === undefined ? [runningIn(incidentId)] : []),
  keeps: [UNSAID],
};

/** Incidents. One open incident holds a key. */
const INCIDENTS: RecordKind<Incident> = {
  name: 'incident',
  version: 3,
  schema: IncidentSchema,
  steps: INCIDENT_STEPS,
  since: ({ openedAt }) => openedAt,
  indexes: (incident) => [
    inNamespace(incident.namespace),
    ...(isListed(incident) ? [OPEN] : []),
    ...(isListed(incident) && incident.heldUntil !== undefined ? [HELD] : []),
    ...(incident.joined === undefined ? [] : [partsOf(incident.joined)]),
    ...(isListed(incident) && isByItself(incident) && !incident.overflow ? [byItselfIn(incident.cluster, incident.namespace)] : []),
  ],
  keys: keysOf,
  keeps: [OPEN],
};

/** Requests. */
const REQUESTS: RecordKind<DiagnosisRequest> = {
  name: 'request',
  version: 2,
  schema: RequestSchema,
  steps: REQUEST_STEPS,
  since: ({ askedAt }) => askedAt,
  indexes: (request) => [
    ...(isUnseen(request) ? [OPEN] : []),
    ...(isAutomatic(request.trigger) && request.state.status === 'accepted' ? [byItselfOf(request.cluster)] : []),
  ],
  keys: () => [],
  keeps: [OPEN],
};

/** Alerts that arrived. */
const DELIVERIES: RecordKind<AlertDelivery> = {
  name: 'delivery',
  version: 2,
  schema: DeliverySchema,
  steps: DELIVERY_STEPS,
  since: ({ receivedAt }) => receivedAt,
  indexes: ({ state }) => (state === 'accepted' ? [OPEN] : []),
  keys: () => [],
  keeps: [OPEN],
};

/** Silences. */
const SILENCES: RecordKind<Silence> = {
  name: 'silence',
  version: 2,
  schema: SilenceSchema,
  steps: SILENCE_STEPS,
  since: ({ from }) => from,
  indexes: ({ ended }) => (ended === undefined ? [OPEN] : []),
  keys: () => [],
  keeps: [],
};

/** What people say verdicts should have been. */
const CORRECTIONS: RecordKind<Correction> = {
  name: 'correction',
  version: 1,
  schema: CorrectionSchema,
  steps: [],
  since: ({ at }) => at,
  indexes: ({ recording }) => (recording.status === 'wanted' ? [OPEN] : []),
  keys: () => [],
  keeps: [OPEN],
};

/** The list of a cluster's audit chain, in the order of the chain. */
export const chainOf = (cluster: string): string => `chain.${cluster}`;
/** The list of what chains are known by: their first entries, and those that tell of a cut. */
export const FIRST = 'first';
/** The list of what people said in the audit and of their names, by the person. */
export const disclosedOf = (person: Person): string => `of.${personKey(person)}`;

/** Entries of the audit, for ever, until somebody cuts a chain: one that has lost its beginning without a signed word cannot be verified. */
const AUDIT_ENTRIES: RecordKind<Link> = {
  name: 'audit-entry',
  version: 2,
  schema: LinkSchema,
  steps: AUDIT_ENTRY_STEPS,
  // Stands for the number in the chain: the clocks of its writers differ.
  since: ({ entry }) => new Date(entry.sequence).toISOString(),
  indexes: ({ entry }) => [chainOf(entry.cluster), ...(entry.sequence === 0 || entry.event.kind === 'cut' ? [FIRST] : [])],
  keys: () => [],
  keeps: [ALL],
  keptMs: Number.POSITIVE_INFINITY,
};

/** Who and why of the audit, long enough for a yearly one. */
const AUDIT_DISCLOSURES: RecordKind<KeptDisclosure> = {
  name: 'audit-disclosure',
  version: 1,
  schema: KeptDisclosureSchema,
  steps: [],
  since: ({ at }) => at,
  indexes: ({ state }) => (state.status === 'kept' && state.by ? [disclosedOf(state.by)] : []),
  keys: () => [],
  keeps: [ALL],
  keptMs: 400 * 24 * 3_600_000,
};

/** The list of all plans of a cluster. */
export const plansOf = (cluster: string): string => `of.${cluster}`;

/** Plans. */
const PLANS: RecordKind<PlanRecord> = {
  name: 'plan',
  version: 1,
  schema: PlanRecordSchema,
  steps: [],
  since: ({ createdAt }) => createdAt,
  indexes: (plan) => [plansOf(plan.cluster), ...(isOpenPlan(plan) ? [OPEN] : [])],
  keys: () => [],
  keeps: [OPEN],
};

/** Passes to the pages of incidents. An ended one stays a little longer than it is good. */
const PASSES: RecordKind<Pass> = {
  name: 'pass',
  version: 1,
  schema: PassSchema,
  steps: [],
  since: ({ since }) => since,
  indexes: () => [],
  keys: () => [],
  keeps: [],
  keptMs: VISIT_MS,
};

/** The kinds that every store keeps. */
export interface Kinds {
  readonly runs: RecordKind<Run>;
  readonly incidents: RecordKind<Incident>;
  readonly requests: RecordKind<DiagnosisRequest>;
  readonly deliveries: RecordKind<AlertDelivery>;
  readonly silences: RecordKind<Silence>;
  readonly corrections: RecordKind<Correction>;
  readonly auditEntries: RecordKind<Link>;
  readonly auditDisclosures: RecordKind<KeptDisclosure>;
  readonly plans: RecordKind<PlanRecord>;
  readonly passes: RecordKind<Pass>;
}

export const KINDS: Kinds = {
  runs: RUNS,
  incidents: INCIDENTS,
  requests: REQUESTS,
  deliveries: DELIVERIES,
  silences: SILENCES,
  corrections: CORRECTIONS,
  auditEntries: AUDIT_ENTRIES,
  auditDisclosures: AUDIT_DISCLOSURES,
  plans: PLANS,
  passes: PASSES,
};

/** The versions that a program knows, by the name of the kind; what its heartbeats tell. */
export function versionsOf(kinds: Kinds): Readonly<Record<string, number>> {
  const all: readonly { readonly name: string; readonly version: number }[] = Object.values(kinds);
  return Object.fromEntries(all.map(({ name, version }) => [name, version]));
}
