import { resourceOfKind } from '../cluster/resources.ts';
import { deleteObject } from '../cluster/writes/delete-object.ts';
import { type ControllerParts, objectsIn } from './reconciler.ts';
import { isControlledBy } from './shapes.ts';

/** What of each kind is owned. */
const OWNED: Readonly<Record<string, string>> = { Deployment: 'ReplicaSet', ReplicaSet: 'Pod' };
/** How long it takes to notice, ms. */
const SEEN_MS = 100;

/** Deletes what belonged to an object that has gone. Orphans and foreground deletions are not looked after. */
export function runGarbageCollector({ store, clock }: ControllerParts): () => void {
  const ends = Object.entries(OWNED).map(([owner, kind]) =>
    store.watch(resourceOfKind(owner), ({ before, after }) => {
      const { namespace, uid } = before?.metadata ?? {};
      if (after !== undefined || namespace === undefined || uid === undefined) return;
      clock.after(SEEN_MS, () => {
        const resource = resourceOfKind(kind);
        const left = objectsIn(store, resource, namespace).filter((object) => isControlledBy(object, uid));
        for (const { metadata } of left) deleteObject(store, resource, `${namespace}/${metadata.name}`);
      });
    }),
  );
  return () => {
    for (const end of ends) end();
  };
}
