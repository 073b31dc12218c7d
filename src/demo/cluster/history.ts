import type { StoredObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** A change of one object; versions rise by one from change to change. */
export interface Change {
  readonly version: number;
  readonly resource: Resource;
  readonly key: string;
  readonly before: StoredObject | undefined;
  /** Absent where it was removed. */
  readonly after: StoredObject | undefined;
  /** As it was last, with the version at which it went. */
  readonly gone?: StoredObject;
}

/** As many changes are kept, where nobody compacts. */
const MOST = 200_000;

/** The changes since a version, as etcd keeps them until they are compacted. */
export class History {
  #changes: Change[] = [];
  #compacted: number;

  constructor(version: number) {
    this.#compacted = version;
  }

  /** The oldest version that can be asked for. */
  get compacted(): number {
    return this.#compacted;
  }

  add(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length > MOST) this.compact(change.version - MOST / 2);
  }

  /** Forgets what led to `version`. */
  compact(version: number): void {
    if (version <= this.#compacted) return;
    this.#changes = this.#changes.slice(version - this.#compacted);
    this.#compacted = version;
  }

  /** Changes of a kind after a version, the oldest first; undefined where they are not kept any more. */
  since(resource: Resource, version: number): readonly Change[] | undefined {
    if (version < this.#compacted) return undefined;
    return this.#changes.slice(version - this.#compacted).filter((change) => change.resource === resource);
  }

  /** What of a kind was otherwise at a version that is kept, by key; undefined for what was not there. */
  stateAt(resource: Resource, version: number): ReadonlyMap<string, StoredObject | undefined> {
    const past = new Map<string, StoredObject | undefined>();
    for (const { key, before } of this.since(resource, version) ?? []) if (!past.has(key)) past.set(key, before);
    return past;
  }
}
