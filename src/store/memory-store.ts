import type { AlertDelivery } from '../alerts/delivery.ts';
import type { PlanRecord } from '../approval/plan-record.ts';
import type { PullFigures } from '../facts/pull-figures.ts';
import type { Correction } from '../incident/correction.ts';
import type { Incident } from '../incident/incident.ts';
import { MEMBER_KINDS, type MemberKind, memberCounts, memberNames } from '../incident/members.ts';
import type { Posted } from '../incident/message.ts';
import type { DiagnosisRequest } from '../incident/request.ts';
import type { Silence } from '../incident/silence.ts';
import type { Run } from '../runbook/run.ts';
import type { Collection } from './collection.ts';
import { commonVersion, HEARTBEAT_KEPT_MS, type Heartbeat } from './heartbeat.ts';
import { KINDS, type Kinds } from './kinds.ts';
import type { Line } from './line.ts';
import { createMemoryCollection, MemoryRecords } from './memory-collection.ts';
import { MemoryLine } from './memory-line.ts';
import type { RecordKind, StoredRecord } from './record-kind.ts';
import type { Store } from './store.ts';
import type { OnUnreadable } from './unreadable-records.ts';

/** How many runs, as many incidents and requests, and figures of as many nodes are remembered. */
const MOST = 1_000;

/** Everything that is kept; stores of several versions can share it. */
export class MemoryContent {
  readonly collections = new Map<string, MemoryRecords>();
  readonly members = new Map<string, Set<string>>();
  readonly posted = new Map<string, Posted>();
  /** Their age is told by what they hold, so that nothing has to be forgotten in time. */
  readonly figures = new Map<string, readonly PullFigures[]>();
  /** With the time at which each ends, in ms of performance.now(). */
  readonly heartbeats = new Map<string, { readonly heartbeat: Heartbeat; readonly endsAt: number }>();
  readonly busy = new Set<string>();
  /** When each claim ends, in ms of performance.now(). */
  readonly claims = new Map<string, number>();
  readonly line = new MemoryLine();
  readonly began = new Date();
}

/** How a store in memory is set up. */
export interface MemoryStoreOptions {
  readonly content?: MemoryContent;
  readonly kinds?: Kinds;
  readonly onUnreadable?: OnUnreadable;
}

/**
 * A store in the memory of one process, for the command line and for a service without Redis. It keeps the newest 1,000 runs
 * and incidents, and beyond them what is open or not said yet, and the audit.
 */
export class MemoryStore implements Store {
  readonly runs: Collection<Run>;
  readonly incidents: Collection<Incident>;
  readonly requests: Collection<DiagnosisRequest>;
  readonly deliveries: Collection<AlertDelivery>;
  readonly silences: Collection<Silence>;
  readonly corrections: Collection<Correction>;
  readonly plans: Collection<PlanRecord>;
  readonly line: Line;
  readonly #content: MemoryContent;
  readonly #onUnreadable: OnUnreadable;
  /** The cast of what comes out is safe: a kind is the key of its own collection. */
  readonly #collections = new Map<unknown, unknown>();

  constructor({ content = new MemoryContent(), kinds = KINDS, onUnreadable = () => undefined }: MemoryStoreOptions = {}) {
    this.#content = content;
    this.line = content.line;
    this.#onUnreadable = onUnreadable;
    this.runs = this.collection(kinds.runs);
    this.incidents = this.collection(kinds.incidents);
    this.requests = this.collection(kinds.requests);
    this.deliveries = this.collection(kinds.deliveries);
    this.silences = this.collection(kinds.silences);
    this.corrections = this.collection(kinds.corrections);
    this.plans = this.collection(kinds.plans);
  }

  collection<T extends StoredRecord>(kind: RecordKind<T>): Collection<T> {
    const known = this.#collections.get(kind);
    if (known) return known as Collection<T>;
    const { collections } = this.#content;
    const records = collections.get(kind.name) ?? new MemoryRecords();
    collections.set(kind.name, records);
    const collection = createMemoryCollection(kind, records, {
      most: MOST,
      versionFor: (wanted) => (wanted.version === 1 ? 1 : commonVersion(wanted, this.#alive())),
      onUnreadable: this.#onUnreadable,
    });
    this.#collections.set(kind, collection);
    return collection;
  }

  readonly members: Store['members'] = {
    add: async (incidentId, pods) => {
      const names = memberNames(pods);
      const before = this.#membersOf(incidentId, 'pod').size;
      for (const kind of MEMBER_KINDS) {
        const known = this.#membersOf(incidentId, kind);
        for (const name of names[kind]) known.add(name);
      }
      return this.#membersOf(incidentId, 'pod').size - before;
    },
    addNames: async (incidentId, kind, names) => {
      const known = this.#membersOf(incidentId, kind);
      for (const name of names) known.add(name);
    },
    removeNames: async (incidentId, kind, names) => {
      const known = this.#membersOf(incidentId, kind);
      for (const name of names) known.delete(name);
    },
    count: async (incidentId) => memberCounts((kind) => this.#membersOf(incidentId, kind).size),
    list: async (incidentId, { kind, limit, cursor }) => {
      const rest = [...this.#membersOf(incidentId, kind)].sort().filter((name) => cursor === undefined || name > cursor);
      const names = rest.slice(0, limit);
      const last = names.at(-1);
      return { names, ...(last !== undefined && rest.length > limit ? { next: last } : {}) };
    },
  };

  readonly posted: Store['posted'] = {
    read: async (incidentId) => this.#content.posted.get(incidentId) ?? {},
    write: async (incidentId, key, entry) => {
      const { posted } = this.#content;
      posted.set(incidentId, { ...posted.get(incidentId), [key]: entry });
    },
  };

  readonly figures: Store['figures'] = {
    read: async (cluster, node) => this.#content.figures.get(nameOf(cluster, node)) ?? [],
    write: async (cluster, node, written) => {
      const { figures } = this.#content;
      const name = nameOf(cluster, node);
      figures.delete(name);
      figures.set(name, written);
      for (const [oldest] of figures) if (figures.size > MOST) figures.delete(oldest);
    },
  };

  readonly heartbeats: Store['heartbeats'] = {
    write: async (heartbeat) => {
      this.#content.heartbeats.set(heartbeat.id, { heartbeat, endsAt: performance.now() + HEARTBEAT_KEPT_MS });
    },
    list: async () => this.#alive(),
    remove: async (id) => {
      this.#content.heartbeats.delete(id);
    },
  };

  async began(): Promise<Date> {
    return this.#content.began;
  }

  async exclusively<T>(
    name: string,
    work: () => Promise<T>,
  ): Promise<{ readonly status: 'done'; readonly value: T } | { readonly status: 'busy' }> {
    const { busy } = this.#content;
    if (busy.has(name)) return { status: 'busy' };
    busy.add(name);
    try {
      return { status: 'done', value: await work() };
    } finally {
      busy.delete(name);
    }
  }

  async claim(name: string, forMs: number): ReturnType<Store['claim']> {
    const { claims } = this.#content;
    const now = performance.now();
    for (const [other, end] of claims) if (end <= now) claims.delete(other);
    const end = claims.get(name);
    if (end !== undefined) return { status: 'refused', freeInMs: Math.max(1, Math.ceil(end - now)) };
    claims.set(name, now + forMs);
    return { status: 'taken' };
  }

  async hold(name: string, forMs: number): Promise<void> {
    this.#content.claims.set(name, performance.now() + forMs);
  }

  #membersOf(incidentId: string, kind: MemberKind): Set<string> {
    const { members } = this.#content;
    const key = `${kind} ${incidentId}`;
    const known = members.get(key) ?? new Set<string>();
    members.set(key, known);
    return known;
  }

  #alive(): readonly Heartbeat[] {
    const { heartbeats } = this.#content;
    const now = performance.now();
    for (const [id, { endsAt }] of heartbeats) if (endsAt <= now) heartbeats.delete(id);
    return [...heartbeats.values()].map(({ heartbeat }) => heartbeat);
  }
}

/** No name of a cluster or node holds a line break. */
function nameOf(cluster: string, node: string): string {
  return `${cluster}\n${node}`;
}
