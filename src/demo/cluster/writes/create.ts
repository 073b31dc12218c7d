import { type Answer, alreadyExists, invalid, notFound, serverError } from '../answers.ts';
import type { ObjectStore } from '../object-store.ts';
import { keyOf, type WrittenObject } from '../objects.ts';
import { type Resource, resourceOfKind } from '../resources.ts';
import { shown } from '../watch.ts';
import { readDryRun } from './dry-run.ts';
import { eventObjection } from './event-validation.ts';
import type { Write } from './write.ts';
import { readObject, refused } from './written-object.ts';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** POST: makes an object that is not there. */
export function answerCreate({ store, admission, person, place, query }: Write, body: unknown): Answer {
  const { resource, namespace } = place;
  const dryRun = readDryRun('Create', query.getAll('dryRun'));
  if (typeof dryRun === 'object') return dryRun;
  const asked = { place, person, dryRun };
  const read = readObject(place, body);
  if (refused(read)) return read;
  const namespaces = resourceOfKind('Namespace');
  if (namespace !== undefined && !store.get(namespaces, namespace)) return notFound(namespaces, namespace);
  const object = admission.mutated(asked, { object: read });
  if (refused(object)) return object;
  const made = fresh(store, resource, object);
  if (!('object' in made)) return made;
  const objection = admission.objection(asked, made);
  if (objection) return objection;
  const { name } = made;
  return store.get(resource, keyOf(namespace, name)) ? alreadyExists(resource, name) : created(store, resource, { ...made, dryRun });
}

/** An object as it is made, with a name; the answer where it cannot be. */
function fresh(
  store: ObjectStore,
  resource: Resource,
  object: WrittenObject,
): { readonly name: string; readonly object: WrittenObject } | Answer {
  const { metadata } = object;
  const name = metadata.name ?? (metadata.generateName === undefined ? '' : `${metadata.generateName}${(store.version + 1).toString(36)}`);
  const field = { called: resource.kind, name, field: 'metadata.name' };
  if (name === '') return invalid({ ...field, because: 'Required value: name or generateName is required' });
  if (!NAME.test(name)) return invalid({ ...field, because: `Invalid value: "${name}": a lowercase RFC 1123 subdomain must be given` });
  if (metadata.resourceVersion !== undefined) return serverError('resourceVersion should not be set on objects to be created');
  const wrong = resource.kind === 'Event' ? eventObjection(object) : undefined;
  if (wrong) return invalid({ called: resource.kind, name, ...wrong });
  // Who makes an object says neither who it is, nor since or until when.
  const { uid: _uid, creationTimestamp: _since, deletionTimestamp: _until, deletionGracePeriodSeconds: _grace, ...given } = metadata;
  const status = resource.kind === 'Pod' ? { status: { phase: 'Pending' } } : resource.status ? { status: {} } : {};
  const generation = resource.generation ? { generation: 1 } : {};
  return { name, object: { ...object, ...status, metadata: { ...given, name, ...generation } } };
}

/** Makes an object, or shows what it would be like: what is not kept has no version. */
export function created(store: ObjectStore, resource: Resource, of: { readonly object: WrittenObject; readonly dryRun: boolean }): Answer {
  if (!of.dryRun) return { status: 201, body: shown(resource, store.write(resource, of.object)) };
  const draft = store.draft(resource, of.object);
  const { resourceVersion: _, ...metadata } = draft.metadata;
  return { status: 201, body: { ...shown(resource, draft), metadata } };
}
