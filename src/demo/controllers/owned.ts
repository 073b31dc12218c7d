import type { ObjectStore } from '../cluster/object-store.ts';
import type { StoredObject } from '../cluster/objects.ts';
import type { Resource } from '../cluster/resources.ts';
import { controllerOf } from './shapes.ts';

/** The objects of one kind by whose they are, as they come and go: with many of them nobody has to look through all for those of one owner. */
export class Owned {
  readonly #store: ObjectStore;
  readonly #resource: Resource;
  /** Keys by the uid of the controller; who that is never changes. */
  readonly #keys = new Map<string, Set<string>>();
  /** Ends it. */
  readonly end: () => void;

  constructor(store: ObjectStore, resource: Resource) {
    this.#store = store;
    this.#resource = resource;
    for (const [key, object] of store.range(resource, { prefix: '', from: '' })) this.#add(key, object);
    this.end = store.watch(resource, ({ key, before, after }) => {
      if (before === undefined && after !== undefined) this.#add(key, after);
      if (before !== undefined && after === undefined) this.#keys.get(controllerOf(before) ?? '')?.delete(key);
    });
  }

  /** Those that are controlled by the object with this uid, the first made first. */
  of(uid: string): readonly StoredObject[] {
    return [...(this.#keys.get(uid) ?? [])].flatMap((key) => this.#store.get(this.#resource, key) ?? []);
  }

  #add(key: string, object: StoredObject): void {
    const uid = controllerOf(object);
    if (uid === undefined) return;
    const keys = this.#keys.get(uid) ?? new Set();
    this.#keys.set(uid, keys.add(key));
  }
}
