import { isDeepStrictEqual } from 'node:util';
import { type Answer, conflict, notFound } from '../answers.ts';
import { atVersion, keyOf, type StoredObject } from '../objects.ts';
import type { OneObject, Resource } from '../resources.ts';
import { isAnswer } from '../selection.ts';
import { shown } from '../watch.ts';
import { type DeleteOptions, readDeleteOptions } from './delete-options.ts';
import { deletionOf } from './deletion.ts';
import type { Write } from './write.ts';

/**
 * DELETE: removes an object where it is the one that was meant, or marks it where a kubelet or a finalizer has to let go of it first. The
 * API server has nobody who does: src/demo/kubelet does, or who runs the stand-in alone deletes with a grace of nought, or takes finalizers away.
 */
export function answerDelete({ store, admission, person, place, query }: Write<OneObject>, body: { readonly given?: unknown }): Answer {
  const { resource, name } = place;
  const options = readDeleteOptions(query, body);
  if (isAnswer(options)) return options;
  const key = keyOf(place.namespace, name);
  const before = store.get(resource, key);
  if (!before) return notFound(resource, name);
  const unmet = unmetPrecondition(before, options.preconditions);
  if (unmet !== undefined) return conflict(resource, name, unmet);
  const deletion = deletionOf(resource, before, { options, timeAfter: (seconds) => store.timeAfter(seconds) });
  const { how } = deletion;
  if (how === 'pending') return gone(resource, before);
  const objection = admission.objection({ place, person, dryRun: options.dryRun }, { before });
  if (objection) return objection;
  const marked = how === 'marked' ? deletion.marked : before;
  if (!options.dryRun && !isDeepStrictEqual(marked, before)) store.write(resource, marked);
  if (how === 'marked' && deletion.stays)
    return { status: 200, body: shown(resource, options.dryRun ? marked : (store.get(resource, key) ?? marked)) };
  if (options.dryRun) return gone(resource, marked);
  store.remove(resource, key);
  return gone(resource, atVersion(marked, store.version));
}

/** Kinds of which a DELETE shows the object; of others it only says that it went. */
const SHOWN = ['Pod', 'ServiceAccount'];

function gone(resource: Resource, object: StoredObject): Answer {
  if (SHOWN.includes(resource.kind)) return { status: 200, body: shown(resource, object) };
  const { name, uid } = object.metadata;
  const details = { name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.name, uid };
  return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

/** In the words of apiserver/pkg/registry/generic/registry/store.go. */
function unmetPrecondition({ metadata }: StoredObject, wanted: DeleteOptions['preconditions']): string | undefined {
  const said = (what: string, given: string, there: string) =>
    `the ${what} in the precondition (${given}) does not match the ${what} in record (${there}). The object might have been `;
  const { uid, resourceVersion } = wanted;
  if (uid != null && uid !== metadata.uid) return `${said('UID', uid, metadata.uid)}deleted and then recreated`;
  if (resourceVersion == null || resourceVersion === metadata.resourceVersion) return undefined;
  return `${said('ResourceVersion', resourceVersion, metadata.resourceVersion)}modified`;
}
