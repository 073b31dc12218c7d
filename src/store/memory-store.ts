import { CodedError } from '../errors.ts';
import type { PullFigures } from '../facts/pull-figures.ts';
import { type Incident, isOpen } from '../incident/incident.ts';
import type { Posted, PostedMessage } from '../incident/message.ts';
import type { Run } from '../runbook/run.ts';
import type { Change, Store } from './store.ts';

/** How many runs, as many incidents, and figures of as many nodes are remembered. */
const MOST = 1_000;

/** A store in the memory of one process, for the command line and for a service without Redis; it keeps the newest 1,000 runs and incidents. */
export class MemoryStore implements Store {
  readonly #runs = new Map<string, Run>();
  readonly #unsaid = new Set<string>();
  readonly #incidents = new Map<string, Incident>();
  readonly #posted = new Map<string, Posted>();
  readonly #busy = new Set<string>();
  /** Their age is told by what they hold, so that nothing has to be forgotten in time. */
  readonly #figures = new Map<string, readonly PullFigures[]>();
  /** When each claim ends, in ms of performance.now(). */
  readonly #claims = new Map<string, number>();

  async createRun(run: Run): Promise<void> {
    insert(this.#runs, 'run', run);
    this.#unsaid.add(run.id);
    for (const id of beyond(this.#runs)) {
      this.#runs.delete(id);
      this.#unsaid.delete(id);
    }
  }

  async readRun(id: string): Promise<Run> {
    return read(this.#runs, 'run', id);
  }

  async updateRun(id: string, change: (run: Run) => Run): Promise<Change<Run>> {
    return update(this.#runs, read(this.#runs, 'run', id), change);
  }

  async listUnsaidRuns(): Promise<readonly string[]> {
    return [...this.#unsaid];
  }

  async markSaid(runId: string): Promise<void> {
    this.#unsaid.delete(runId);
  }

  async createIncident(incident: Incident): Promise<void> {
    insert(this.#incidents, 'incident', incident);
    for (const id of beyond(this.#incidents)) {
      this.#incidents.delete(id);
      this.#posted.delete(id);
    }
  }

  async readIncident(id: string): Promise<Incident> {
    return read(this.#incidents, 'incident', id);
  }

  async updateIncident(id: string, change: (incident: Incident) => Incident): Promise<Change<Incident>> {
    return update(this.#incidents, read(this.#incidents, 'incident', id), change);
  }

  async listIncidents({ open = false, namespace, most }: Parameters<Store['listIncidents']>[0]): Promise<readonly Incident[]> {
    return [...this.#incidents.values()]
      .filter((incident) => (!open || isOpen(incident)) && (namespace === undefined || incident.namespace === namespace))
      .sort((a, b) => Date.parse(b.openedAt) - Date.parse(a.openedAt))
      .slice(0, most);
  }

  async exclusively<T>(
    name: string,
    work: () => Promise<T>,
  ): Promise<{ readonly status: 'done'; readonly value: T } | { readonly status: 'busy' }> {
    if (this.#busy.has(name)) return { status: 'busy' };
    this.#busy.add(name);
    try {
      return { status: 'done', value: await work() };
    } finally {
      this.#busy.delete(name);
    }
  }

  async claim(name: string, forMs: number): ReturnType<Store['claim']> {
    const now = performance.now();
    for (const [other, end] of this.#claims) if (end <= now) this.#claims.delete(other);
    const end = this.#claims.get(name);
    if (end !== undefined) return { status: 'refused', freeInMs: Math.max(1, Math.ceil(end - now)) };
    this.#claims.set(name, now + forMs);
    return { status: 'taken' };
  }

  async hold(name: string, forMs: number): Promise<void> {
    this.#claims.set(name, performance.now() + forMs);
  }

  async readFigures(cluster: string, node: string): Promise<readonly PullFigures[]> {
    return this.#figures.get(nameOf(cluster, node)) ?? [];
  }

  async writeFigures(cluster: string, node: string, figures: readonly PullFigures[]): Promise<void> {
    const name = nameOf(cluster, node);
    this.#figures.delete(name);
    this.#figures.set(name, figures);
    for (const [oldest] of this.#figures) if (this.#figures.size > MOST) this.#figures.delete(oldest);
  }

  async readPosted(incidentId: string): Promise<Posted> {
    return this.#posted.get(incidentId) ?? {};
  }

  async writePosted(incidentId: string, key: string, entry: PostedMessage): Promise<void> {
    this.#posted.set(incidentId, { ...this.#posted.get(incidentId), [key]: entry });
  }
}

/** No name of a cluster or node holds a line break. */
function nameOf(cluster: string, node: string): string {
  return `${cluster}\n${node}`;
}

interface Stored {
  readonly id: string;
  readonly revision: number;
}

function insert<T extends Stored>(shelf: Map<string, T>, name: string, value: T): void {
  if (shelf.has(value.id)) throw new CodedError('store/exists', `The ${name} ${value.id} is stored already.`);
  shelf.set(value.id, value);
}

function read<T extends Stored>(shelf: ReadonlyMap<string, T>, name: string, id: string): T {
  const found = shelf.get(id);
  if (!found) throw new CodedError('store/not-found', `There is no ${name} ${id}.`);
  return found;
}

/** Reads, changes and writes without a pause in between, so nobody can write meanwhile. */
function update<T extends Stored>(shelf: Map<string, T>, before: T, change: (value: T) => T): Change<T> {
  const changed = change(before);
  if (changed === before) return { before, after: before };
  const after = { ...changed, revision: before.revision + 1 };
  shelf.set(after.id, after);
  return { before, after };
}

/** The ids that were stored first, of those that are too many. */
function beyond(shelf: ReadonlyMap<string, Stored>): readonly string[] {
  return shelf.size > MOST ? [...shelf.keys()].slice(0, shelf.size - MOST) : [];
}
