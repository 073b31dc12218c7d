import { resourceOfKind } from '../cluster/resources.ts';
import { deleteObject } from '../cluster/writes/delete-object.ts';
import { Owned } from './owned.ts';
import type { ControllerParts } from './reconciler.ts';

/** What of each kind is owned. */
const OWNED: Readonly<Record<string, string>> = { Deployment: 'ReplicaSet', ReplicaSet: 'Pod', Pod: 'Secret' };
/** How long it takes to notice, ms. */
const SEEN_MS = 100;

/** Deletes what belonged to an object that has gone. Orphans and foreground deletions are not looked after. */
export function runGarbageCollector({ store, clock }: ControllerParts): () => void {
  const ends = Object.entries(OWNED).flatMap(([owner, kind]) => {
    const resource = resourceOfKind(kind);
    const owned = new Owned(store, resource);
    const end = store.watch(resourceOfKind(owner), ({ before, after }) => {
      if (after !== undefined || before === undefined) return;
      const { uid } = before.metadata;
      clock.after(SEEN_MS, () => {
        for (const { metadata } of owned.of(uid)) deleteObject(store, resource, `${metadata.namespace}/${metadata.name}`);
      });
    });
    return [end, owned.end];
  });
  return () => {
    for (const end of ends) end();
  };
}
