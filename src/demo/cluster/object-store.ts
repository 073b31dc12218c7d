import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Resource } from './resource.ts';
import { badRequest, conflict, exists, expired, notFound } from './status.ts';

/** An object as the API server keeps it. Only what is common to all is known of it. */
export interface StoredObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** A change of an object, in the order of versions. */
export interface ObjectChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly object: StoredObject;
  /** What it was before; absent of a new one. */
  readonly before?: StoredObject;
}

/** What a write may demand of the object that is there. */
export interface Preconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** What somebody sends to be stored. */
const Given = z.looseObject({
  metadata: z.looseObject({
    name: z.string().min(1).max(253).optional(),
    generateName: z.string().max(253).optional(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    creationTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).nullish(),
  }),
});

/** Which objects are listed. */
interface Range {
  readonly namespace?: string | undefined;
  readonly version?: number;
  /** The key of the last one of the page before. */
  readonly after?: string | undefined;
}

interface Kept {
  readonly objects: Map<string, StoredObject>;
  /** Keys in their order; undefined until somebody asks for a list. */
  sorted: string[] | undefined;
  changes: ObjectChange[];
  readonly listeners: Set<(change: ObjectChange) => void>;
}

/** Objects of all resources under one counter of versions, as etcd has one. Changes are remembered until they are compacted. */
export class ObjectStore {
  readonly #resources = new Map<string, Kept>();
  #version = 1_000;
  #compacted = 0;

  /** The newest version. */
  get version(): number {
    return this.#version;
  }

  /** Forgets how objects were before now: watches and pages of earlier versions have expired. */
  compact(): void {
    this.#compacted = this.#version;
    for (const kept of this.#resources.values()) kept.changes = [];
  }

  get(resource: Resource, namespace: string | undefined, name: string): StoredObject {
    const found = this.#kept(resource).objects.get(keyOf(namespace, name));
    if (!found) throw notFound(resource.name, name);
    return found;
  }

  has(resource: Resource, namespace: string | undefined, name: string): boolean {
    return this.#kept(resource).objects.has(keyOf(namespace, name));
  }

  /** Stores a new object. Throws `AlreadyExists`, and `BadRequest` for one without a name. */
  create(resource: Resource, namespace: string | undefined, given: unknown): StoredObject {
    const { metadata, ...rest } = objectOf(given);
    const name = metadata.name ?? `${metadata.generateName ?? ''}${randomUUID().slice(0, 5)}`;
    const key = keyOf(namespace, name);
    if (this.#kept(resource).objects.has(key)) throw exists(resource.name, name);
    const made = {
      uid: metadata.uid ?? randomUUID(),
      creationTimestamp: metadata.creationTimestamp ?? `${new Date().toISOString().slice(0, 19)}Z`,
    };
    return this.#write(resource, key, {
      ...rest,
      metadata: { ...metadata, name, ...(namespace === undefined ? {} : { namespace }), ...made },
    });
  }

  /** Replaces an object. A resourceVersion in it has to be the present one. Throws `NotFound`, `Conflict`. */
  replace(resource: Resource, namespace: string | undefined, name: string, given: unknown): StoredObject {
    const { metadata, ...rest } = objectOf(given);
    const before = this.get(resource, namespace, name);
    check(resource, before, metadata);
    const { uid, creationTimestamp } = before.metadata;
    const kept = { name, ...(namespace === undefined ? {} : { namespace }), uid, creationTimestamp };
    return this.#write(resource, keyOf(namespace, name), { ...rest, metadata: { ...metadata, ...kept } }, before);
  }

  /** Throws `NotFound`, `Conflict`. */
  remove(resource: Resource, namespace: string | undefined, name: string, demanded: Preconditions = {}): StoredObject {
    const before = this.get(resource, namespace, name);
    check(resource, before, demanded);
    const kept = this.#kept(resource);
    const key = keyOf(namespace, name);
    kept.objects.delete(key);
    kept.sorted?.splice(firstAfter(kept.sorted, key) - 1, 1);
    const object = withVersion(before, ++this.#version);
    tell(kept, { type: 'DELETED', version: this.#version, object, before });
    return before;
  }

  /** Objects in the order of namespace and name, as they were at a version, after a key. Throws `Expired` for a version that is compacted. */
  *list(resource: Resource, wanted: Range): Generator<[key: string, object: StoredObject]> {
    const { objects } = this.#kept(resource);
    const { keys, past, from, to } = this.#range(resource, wanted);
    for (let index = from; index < to; index++) {
      const key = keys[index] ?? '';
      const object = past.has(key) ? past.get(key) : objects.get(key);
      if (object) yield [key, object];
    }
  }

  /** About how many objects that would list. */
  count(resource: Resource, wanted: Range): number {
    const { from, to } = this.#range(resource, wanted);
    return to - from;
  }

  /** Changes after a version so far, and whatever comes until `stop` is called. Throws `Expired` for a version that is compacted. */
  watch(resource: Resource, version: number, onChange: (change: ObjectChange) => void): () => void {
    if (version < this.#compacted) throw expired('The resourceVersion for the provided watch is too old.');
    const kept = this.#kept(resource);
    for (const change of kept.changes) if (change.version > version) onChange(change);
    kept.listeners.add(onChange);
    return () => kept.listeners.delete(onChange);
  }

  #range(resource: Resource, { namespace, version = this.#version, after }: Range) {
    if (version < this.#compacted) throw expired('The provided continue parameter is too old to display a consistent list result.');
    const kept = this.#kept(resource);
    kept.sorted ??= [...kept.objects.keys()].sort();
    const past = pastOf(kept.changes, version);
    const gone = [...past.keys()].filter((key) => !kept.objects.has(key));
    const keys = gone.length === 0 ? kept.sorted : [...kept.sorted, ...gone].sort();
    const begin = namespace === undefined ? 0 : firstAfter(keys, `${namespace}/`);
    // `0` is the character after the slash.
    const to = namespace === undefined ? keys.length : firstAfter(keys, `${namespace}0`);
    return { keys, past, from: after === undefined ? begin : Math.max(begin, firstAfter(keys, after)), to };
  }

  #kept({ root, name }: Resource): Kept {
    const known = this.#resources.get(root + name);
    if (known) return known;
    const kept: Kept = { objects: new Map(), sorted: undefined, changes: [], listeners: new Set() };
    this.#resources.set(root + name, kept);
    return kept;
  }

  #write(
    resource: Resource,
    key: string,
    given: Omit<StoredObject, 'metadata'> & { metadata: object },
    before?: StoredObject,
  ): StoredObject {
    const kept = this.#kept(resource);
    const object = withVersion(given as StoredObject, ++this.#version);
    if (!before) kept.sorted?.splice(firstAfter(kept.sorted, key), 0, key);
    kept.objects.set(key, object);
    tell(kept, { type: before ? 'MODIFIED' : 'ADDED', version: this.#version, object, ...(before ? { before } : {}) });
    return object;
  }
}

/** Namespaces come first in the order of lists, as in etcd. */
function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function objectOf(given: unknown): z.infer<typeof Given> {
  const read = Given.safeParse(given);
  if (!read.success) throw badRequest(`the object provided is unrecognized: ${read.error.issues[0]?.message ?? ''}`);
  if (!read.data.metadata.name && !read.data.metadata.generateName) throw badRequest('name or generateName is required');
  return read.data;
}

function check({ name: plural }: Resource, { metadata }: StoredObject, { uid, resourceVersion }: Preconditions): void {
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(plural, metadata.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`);
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(plural, metadata.name, 'the object has been modified; please apply your changes to the latest version and try again');
}

function withVersion(object: StoredObject, version: number): StoredObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

function tell(kept: Kept, change: ObjectChange): void {
  kept.changes.push(change);
  for (const listener of kept.listeners) listener(change);
}

/** Objects that were otherwise at a version, by key; undefined for those that were not there. */
function pastOf(changes: readonly ObjectChange[], version: number): ReadonlyMap<string, StoredObject | undefined> {
  const past = new Map<string, StoredObject | undefined>();
  for (const { version: at, object, before } of changes) {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    if (at > version && !past.has(key)) past.set(key, before);
  }
  return past;
}

/** Where the first key after another one stands. */
function firstAfter(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
