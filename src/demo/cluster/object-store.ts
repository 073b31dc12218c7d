import { type Change, History } from './history.ts';
import { atVersion, keyOf, type StoredObject, type WrittenObject } from './objects.ts';
import { type Resource, resourceOfKind } from './resources.ts';
import { SortedKeys } from './sorted-keys.ts';

/** What the store is given of the world. */
export interface StoreParts {
  readonly now: () => Date;
  readonly newUid: () => string;
}

/** Which objects a list takes, from which key on, and as of when. */
export interface Range {
  /** Begins the keys that are wanted: a namespace with a slash, or nothing for all. */
  readonly prefix: string;
  /** The first key, or what comes after it. */
  readonly from: string;
  /** A version that is still kept; absent for now. */
  readonly version?: number;
}

interface Kept {
  readonly keys: SortedKeys;
  readonly objects: Map<string, StoredObject>;
}

/** Where versions begin: a cluster has made some before anybody looks. */
const FIRST_VERSION = 1_000;

/** The objects of a cluster, each change with a version of its own, and the changes until they are compacted. */
export class ObjectStore {
  readonly #parts: StoreParts;
  readonly #kinds = new Map<Resource, Kept>();
  readonly #history = new History(FIRST_VERSION);
  readonly #watchers = new Map<Resource, Set<(change: Change) => void>>();
  #version = FIRST_VERSION;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** The version of the last change. */
  get version(): number {
    return this.#version;
  }

  /** The oldest version that can be gone on from. */
  get compacted(): number {
    return this.#history.compacted;
  }

  get(resource: Resource, key: string): StoredObject | undefined {
    return this.#kept(resource).objects.get(key);
  }

  /** Writes an object of the kind it says it is, whatever is there. What it shares with others is not copied. */
  put(object: WrittenObject & { readonly kind: string }): StoredObject {
    return this.write(resourceOfKind(object.kind), object);
  }

  /** Writes an object. Throws where it has no name. */
  write(resource: Resource, object: WrittenObject): StoredObject {
    const after = this.draft(resource, object);
    const key = keyOf(resource.namespaced ? after.metadata.namespace : undefined, after.metadata.name);
    const kept = this.#kept(resource);
    const before = kept.objects.get(key);
    if (!before) kept.keys.add(key);
    kept.objects.set(key, after);
    this.#changed({ resource, key, before, after });
    return after;
  }

  /** What would be written. Throws where it has no name. */
  draft(resource: Resource, { kind: _kind, apiVersion: _apiVersion, metadata, ...parts }: WrittenObject): StoredObject {
    const { name } = metadata;
    if (name === undefined) throw new Error(`a ${resource.kind} without a name`);
    const namespace = resource.namespaced ? (metadata.namespace ?? 'default') : undefined;
    const before = this.get(resource, keyOf(namespace, name));
    return {
      metadata: {
        ...metadata,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        uid: before?.metadata.uid ?? metadata.uid ?? this.#parts.newUid(),
        creationTimestamp: before?.metadata.creationTimestamp ?? metadata.creationTimestamp ?? this.timeAfter(0),
        resourceVersion: String(this.#version + 1),
      },
      ...parts,
    };
  }

  /** Removes an object, and says which one it was. */
  remove(resource: Resource, key: string): StoredObject | undefined {
    const kept = this.#kept(resource);
    const before = kept.objects.get(key);
    if (!before) return undefined;
    kept.objects.delete(key);
    kept.keys.remove(key);
    this.#changed({ resource, key, before, after: undefined, gone: atVersion(before, this.#version + 1) });
    return before;
  }

  /** A time as objects have it, without fractions, so many seconds from now. */
  timeAfter(seconds: number): string {
    return new Date(this.#parts.now().getTime() + seconds * 1_000).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  /** Forgets all changes up to now, as etcd does every few minutes. */
  compact(): void {
    this.#history.compact(this.#version);
  }

  /** Changes of a kind after a version; undefined where they are not kept any more. */
  changes(resource: Resource, version: number): readonly Change[] | undefined {
    return this.#history.since(resource, version);
  }

  /** Tells of changes of a kind, until what it returns is called. */
  watch(resource: Resource, tell: (change: Change) => void): () => void {
    const watchers = this.#watchers.get(resource) ?? new Set();
    this.#watchers.set(resource, watchers.add(tell));
    return () => watchers.delete(tell);
  }

  /** Objects with their keys in order, as they were at the version; without one, nothing is copied. */
  *range(resource: Resource, { prefix, from, version = this.#version }: Range): Generator<readonly [key: string, object: StoredObject]> {
    const { keys, objects } = this.#kept(resource);
    const past = this.#history.stateAt(resource, version);
    const removed = [...past.keys()].filter((key) => !objects.has(key)).sort();
    for (const key of keys.range({ prefix, from }, removed)) {
      const object = past.has(key) ? past.get(key) : objects.get(key);
      if (object) yield [key, object];
    }
  }

  /** How many objects of a prefix come after a key now; the API server only estimates as well. */
  countAfter(resource: Resource, prefix: string, key: string): number {
    const { keys } = this.#kept(resource);
    // What follows a slash is a nought.
    const end = prefix === '' ? keys.size : keys.indexOf(`${prefix.slice(0, -1)}0`);
    return Math.max(1, end - keys.indexOf(`${key}\u0000`));
  }

  #changed(change: Omit<Change, 'version'>): void {
    this.#version += 1;
    const whole = { ...change, version: this.#version };
    this.#history.add(whole);
    for (const tell of this.#watchers.get(change.resource) ?? []) tell(whole);
  }

  #kept(resource: Resource): Kept {
    const known = this.#kinds.get(resource);
    if (known) return known;
    const made: Kept = { keys: new SortedKeys(), objects: new Map() };
    this.#kinds.set(resource, made);
    return made;
  }
}
