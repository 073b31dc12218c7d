import { isDeepStrictEqual } from 'node:util';
import type { ObjectStore } from '../object-store.ts';
import type { Resource } from '../resources.ts';
import { deletionOf } from './deletion.ts';

/** Deletes an object as a controller does, by what the object itself says of its end; nothing where it is gone, or on its way. */
export function deleteObject(store: ObjectStore, resource: Resource, key: string, graceS?: number): void {
  const before = store.get(resource, key);
  if (before === undefined) return;
  const options = { dryRun: false, preconditions: {}, ...(graceS === undefined ? {} : { graceS }) };
  const deletion = deletionOf(resource, before, { options, timeAfter: (seconds) => store.timeAfter(seconds) });
  if (deletion.how === 'pending') return;
  if (deletion.how === 'marked' && !isDeepStrictEqual(deletion.marked, before)) store.write(resource, deletion.marked);
  if (deletion.how === 'at-once' || !deletion.stays) store.remove(resource, key);
}
