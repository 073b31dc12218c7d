import { type Answer, alreadyExists, invalid, notFound, serverError } from '../answers.ts';
import type { ObjectStore } from '../object-store.ts';
import { keyOf, type WrittenObject } from '../objects.ts';
import { type Resource, resourceOfKind } from '../resources.ts';
import { shown } from '../watch.ts';
import { readDryRun } from './dry-run.ts';
import type { Write } from './write.ts';
import { readObject, refused } from './written-object.ts';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** POST: makes an object that is not there. */
export function answerCreate({ store, place, query }: Write, body: unknown): Answer {
  const { resource, namespace } = place;
  const dryRun = readDryRun('Create', query.getAll('dryRun'));
  if (typeof dryRun === 'object') return dryRun;
  const object = readObject(place, body);
  if (refused(object)) return object;
  const { metadata } = object;
  const name = metadata.name ?? (metadata.generateName === undefined ? '' : `${metadata.generateName}${(store.version + 1).toString(36)}`);
  const field = { called: resource.kind, name, field: 'metadata.name' };
  if (name === '') return invalid({ ...field, because: 'Required value: name or generateName is required' });
  if (!NAME.test(name)) return invalid({ ...field, because: `Invalid value: "${name}": a lowercase RFC 1123 subdomain must be given` });
  if (metadata.resourceVersion !== undefined) return serverError('resourceVersion should not be set on objects to be created');
  const namespaces = resourceOfKind('Namespace');
  if (namespace !== undefined && !store.get(namespaces, namespace)) return notFound(namespaces, namespace);
  if (store.get(resource, keyOf(namespace, name))) return alreadyExists(resource, name);
  // Who makes an object says neither who it is, nor since or until when.
  const { uid: _uid, creationTimestamp: _since, deletionTimestamp: _until, deletionGracePeriodSeconds: _grace, ...given } = metadata;
  const status = resource.kind === 'Pod' ? { status: { phase: 'Pending' } } : resource.status ? { status: {} } : {};
  const generation = resource.generation ? { generation: 1 } : {};
  return created(store, resource, { object: { ...object, ...status, metadata: { ...given, name, ...generation } }, dryRun });
}

/** Makes an object, or shows what it would be like: what is not kept has no version. */
export function created(store: ObjectStore, resource: Resource, of: { readonly object: WrittenObject; readonly dryRun: boolean }): Answer {
  if (!of.dryRun) return { status: 201, body: shown(resource, store.write(resource, of.object)) };
  const draft = store.draft(resource, of.object);
  const { resourceVersion: _, ...metadata } = draft.metadata;
  return { status: 201, body: { ...shown(resource, draft), metadata } };
}
