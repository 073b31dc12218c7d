import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Answer, alreadyExists, badRequest, conflict, invalid, notFound, serverError } from './answers.ts';
import type { ObjectStore } from './object-store.ts';
import { keyOf, type StoredObject, WrittenObject } from './objects.ts';
import { type Place, qualified, type Resource, resourceOfKind } from './resources.ts';
import { shown } from './watch.ts';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** An object in a request that may be one: of the kind and the namespace of its path. */
function readObject({ resource, namespace }: Place, body: unknown): WrittenObject | Answer {
  const read = WrittenObject.safeParse(body);
  if (!read.success) return badRequest(`the object provided is unrecognized (must be of type ${resource.kind})`);
  const { kind, metadata } = read.data;
  if (kind !== undefined && kind !== resource.kind)
    return badRequest(`${kind} in version "v1" cannot be handled as a ${resource.kind}: unknown conversion`);
  if (metadata.namespace !== undefined && metadata.namespace !== namespace)
    return badRequest('the namespace of the provided object does not match the namespace sent on the request');
  return { ...read.data, metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) } };
}

function refused(read: WrittenObject | Answer): read is Answer {
  return !('metadata' in read);
}

/** POST: makes an object that is not there. */
export function answerCreate(store: ObjectStore, place: Place, body: unknown): Answer {
  const { resource, namespace } = place;
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
  // Who makes an object says neither who it is nor since when.
  const { uid: _uid, creationTimestamp: _since, ...given } = metadata;
  const status = resource.kind === 'Pod' ? { status: { phase: 'Pending' } } : resource.status ? { status: {} } : {};
  return { status: 201, body: shown(resource, store.write(resource, { ...object, ...status, metadata: { ...given, name } })) };
}

/** PUT: replaces an object, where it is still the version that the request names. */
export function answerUpdate(store: ObjectStore, place: Place & { readonly name: string }, body: unknown): Answer {
  const { resource, name } = place;
  const object = readObject(place, body);
  if (refused(object)) return object;
  const { metadata } = object;
  if (metadata.name !== name) return badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  const before = store.get(resource, keyOf(place.namespace, name));
  if (!before) return resource.upsert ? { status: 201, body: shown(resource, store.write(resource, object)) } : notFound(resource, name);
  const objection = updateObjection(resource, before, metadata);
  if (objection) return objection;
  const wanted = { ...object, ...(resource.status ? { status: before['status'] } : {}) };
  const after = changesNothing(before, wanted) ? before : store.write(resource, wanted);
  return { status: 200, body: shown(resource, after) };
}

function updateObjection(
  resource: Resource,
  before: StoredObject,
  { resourceVersion, uid }: WrittenObject['metadata'],
): Answer | undefined {
  const { name } = before.metadata;
  if (uid !== undefined && uid !== before.metadata.uid)
    return conflict(resource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`);
  if (!resourceVersion && resource.upsert) {
    const because = 'Invalid value: 0: must be specified for an update';
    return invalid({ called: qualified(resource), name, field: 'metadata.resourceVersion', because });
  }
  return !resourceVersion || resourceVersion === before.metadata.resourceVersion ? undefined : conflict(resource, name, MODIFIED);
}

/** What is written as it is makes no version. */
function changesNothing(before: StoredObject, { kind: _kind, apiVersion: _apiVersion, ...object }: WrittenObject): boolean {
  const { uid, resourceVersion, creationTimestamp } = before.metadata;
  return isDeepStrictEqual({ ...object, metadata: { ...object.metadata, uid, resourceVersion, creationTimestamp } }, before);
}

const DeleteOptions = z.looseObject({
  preconditions: z.looseObject({ uid: z.string().optional(), resourceVersion: z.string().optional() }).optional(),
});

/** DELETE: removes an object where it is the one that was meant, at once and with nothing that hangs on it. */
export function answerDelete(store: ObjectStore, place: Place & { readonly name: string }, body: unknown): Answer {
  const { resource, name } = place;
  const options = DeleteOptions.safeParse(body ?? {});
  if (!options.success) return badRequest('the object provided is unrecognized (must be of type DeleteOptions)');
  const key = keyOf(place.namespace, name);
  const gone = store.get(resource, key);
  if (!gone) return notFound(resource, name);
  const unmet = unmetPrecondition(gone, options.data.preconditions ?? {});
  if (unmet !== undefined) return conflict(resource, name, unmet);
  store.remove(resource, key);
  if (resource.kind === 'Pod') return { status: 200, body: shown(resource, gone) };
  const details = { name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.name, uid: gone.metadata.uid };
  return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

/** In the words of apiserver/pkg/registry/generic/registry/store.go. */
function unmetPrecondition(
  { metadata }: StoredObject,
  wanted: { uid?: string | undefined; resourceVersion?: string | undefined },
): string | undefined {
  const said = (what: string, given: string, there: string) =>
    `the ${what} in the precondition (${given}) does not match the ${what} in record (${there}). The object might have been `;
  if (wanted.uid !== undefined && wanted.uid !== metadata.uid) return `${said('UID', wanted.uid, metadata.uid)}deleted and then recreated`;
  const { resourceVersion } = wanted;
  if (resourceVersion === undefined || resourceVersion === metadata.resourceVersion) return undefined;
  return `${said('ResourceVersion', resourceVersion, metadata.resourceVersion)}modified`;
}
