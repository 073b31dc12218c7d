import type { Later } from '../clock.ts';
import type { ObjectStore } from '../cluster/object-store.ts';
import type { StoredObject } from '../cluster/objects.ts';
import { resourceOfKind } from '../cluster/resources.ts';

/** What controllers are clients of. */
export interface ControllerParts {
  readonly store: ObjectStore;
  readonly clock: Later;
  /** From nought to one, as Math.random. */
  readonly random: () => number;
}

/** How long a controller takes to see a change, ms. */
const SEEN_MS = 50;

/**
 * Brings what is about an object to what the object wants, again whenever it or something of a kind that it owns changes, a moment later and
 * once for many changes. Ends when what it returns is called.
 */
export function reconcileEach(
  { store, clock }: ControllerParts,
  given: { readonly kind: string; readonly owned: readonly string[]; readonly reconcile: (key: string) => void },
): () => void {
  const waiting = new Set<string>();
  let ended = false;
  function want(key: string): void {
    if (waiting.has(key)) return;
    waiting.add(key);
    clock.after(SEEN_MS, () => {
      waiting.delete(key);
      if (!ended) given.reconcile(key);
    });
  }
  const resource = resourceOfKind(given.kind);
  for (const [key] of store.range(resource, { prefix: '', from: '' })) want(key);
  const ends = [
    store.watch(resource, ({ key }) => want(key)),
    ...given.owned.map((kind) =>
      store.watch(resourceOfKind(kind), ({ before, after }) => {
        for (const key of ownersOf(after ?? before, given.kind)) want(key);
      }),
    ),
  ];
  return () => {
    ended = true;
    for (const end of ends) end();
  };
}

/** Keys of the owners of a kind that an object names. */
function ownersOf(object: StoredObject | undefined, kind: string): readonly string[] {
  const owners: unknown = object?.metadata['ownerReferences'];
  if (!Array.isArray(owners)) return [];
  return owners.flatMap((owner: { readonly kind?: unknown; readonly name?: unknown }) =>
    owner.kind === kind ? [`${object?.metadata.namespace}/${String(owner.name)}`] : [],
  );
}
