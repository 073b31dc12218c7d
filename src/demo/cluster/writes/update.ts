import { type Answer, badRequest, conflict, notFound } from '../answers.ts';
import { keyOf } from '../objects.ts';
import type { OneObject } from '../resources.ts';
import { created } from './create.ts';
import { readDryRun } from './dry-run.ts';
import { replaceObject } from './replace.ts';
import type { Write } from './write.ts';
import { readObject, refused } from './written-object.ts';

/** PUT: replaces an object, where it is still the version that the request names. */
export function answerUpdate(write: Write<OneObject>, body: unknown): Answer {
  const { store, place } = write;
  const { resource, name } = place;
  const dryRun = readDryRun('Update', write.query.getAll('dryRun'));
  if (typeof dryRun === 'object') return dryRun;
  const object = readObject(place, body);
  if (refused(object)) return object;
  const { metadata } = object;
  if (metadata.name !== name) return badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  const before = store.get(resource, keyOf(place.namespace, name));
  if (!before) return resource.upsert ? created(store, resource, { object, dryRun }) : notFound(resource, name);
  const { uid } = metadata;
  if (uid !== undefined && uid !== before.metadata.uid)
    return conflict(resource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`);
  return replaceObject(write, { before, object, dryRun });
}
