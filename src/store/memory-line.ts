import type { Line, Waiting } from './line.ts';

interface Place {
  readonly rank: number;
  /** Orders those of a rank. */
  readonly since: number;
  readonly arrival: number;
}

/** Lines in the memory of one process. */
export class MemoryLine implements Line {
  readonly #lines = new Map<string, Map<string, Place>>();
  #arrivals = 0;

  async add(name: string, id: string, rank: number): Promise<boolean> {
    const arrival = ++this.#arrivals;
    const line = this.#lines.get(name) ?? new Map<string, Place>();
    const known = line.get(id);
    const better = known === undefined || rank < known.rank;
    line.set(id, better ? { rank, since: arrival, arrival } : { ...known, arrival });
    this.#lines.set(name, line);
    return known === undefined;
  }

  async next(name: string): Promise<Waiting | undefined> {
    let first: (Place & { readonly id: string }) | undefined;
    for (const [id, place] of this.#lines.get(name) ?? []) if (first === undefined || isBefore(place, first)) first = { ...place, id };
    return first && { id: first.id, arrival: first.arrival };
  }

  async drop(name: string, { id, arrival }: Waiting, rank?: number): Promise<Waiting | undefined> {
    const line = this.#lines.get(name);
    if (line?.get(id)?.arrival === arrival) {
      if (rank !== undefined) line.set(id, { rank, since: arrival, arrival });
      else line.delete(id);
      if (line.size === 0) this.#lines.delete(name);
    }
    return this.next(name);
  }
}

function isBefore(one: Place, other: Place): boolean {
  return one.rank === other.rank ? one.since < other.since : one.rank < other.rank;
}
