import { isDeepStrictEqual } from 'node:util';
import { type Answer, conflict, invalid, serverError } from '../answers.ts';
import { keyOf, type StoredObject, type WrittenObject } from '../objects.ts';
import { type OneObject, qualified, type Resource } from '../resources.ts';
import { shown } from '../watch.ts';
import { updateObjection } from './validation.ts';
import type { Write } from './write.ts';
import { refused } from './written-object.ts';

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** Puts what a PUT or a PATCH wants in the place of what is there: the order of apiserver/pkg/registry/generic/registry/store.go. */
export function replaceObject(
  { store, admission, person, place }: Write<OneObject>,
  { before, object, dryRun }: { readonly before: StoredObject; readonly object: WrittenObject; readonly dryRun: boolean },
): Answer {
  const { resource } = place;
  const asked = { place, person, dryRun };
  const wanted = admission.mutated(asked, { before, object });
  if (refused(wanted)) return wanted;
  const outdated = versionObjection(resource, before, wanted.metadata.resourceVersion);
  if (outdated) return outdated;
  const after = prepared(resource, before, wanted);
  const objection = updateObjection(resource, before, after) ?? admission.objection(asked, { before, object: after });
  if (objection) return objection;
  const done = { status: 200, body: shown(resource, after) };
  if (dryRun) return done;
  if (isLetGo(before, after)) {
    store.remove(resource, keyOf(place.namespace, place.name));
    return done;
  }
  // What is written as it is makes no version.
  return { status: 200, body: shown(resource, isDeepStrictEqual(after, before) ? before : store.write(resource, after)) };
}

function versionObjection(resource: Resource, { metadata }: StoredObject, version: string | null | undefined): Answer | undefined {
  const { name, resourceVersion } = metadata;
  if (!version) {
    if (!resource.upsert) return undefined;
    const because = 'Invalid value: 0: must be specified for an update';
    return invalid({ called: qualified(resource), name, field: 'metadata.resourceVersion', because });
  }
  if (!/^\d+$/.test(version)) return serverError(`strconv.ParseUint: parsing "${version}": invalid syntax`);
  return version === resourceVersion ? undefined : conflict(resource, name, MODIFIED);
}

/** What is wanted, with what nobody changes by a PUT or a PATCH as it was. */
function prepared(
  resource: Resource,
  before: StoredObject,
  { kind: _kind, apiVersion: _apiVersion, ...wanted }: WrittenObject,
): StoredObject {
  const { name, uid, resourceVersion, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds } = before.metadata;
  const { generation: _generation, deletionTimestamp: _until, deletionGracePeriodSeconds: _grace, ...given } = wanted.metadata;
  const { status: _status, ...parts } = wanted;
  const after = { ...(resource.status ? parts : wanted), ...(resource.status && 'status' in before ? { status: before['status'] } : {}) };
  return {
    ...after,
    metadata: {
      ...given,
      name,
      uid: given.uid || uid,
      resourceVersion,
      creationTimestamp,
      ...(generation == null ? {} : { generation: generation + (counts(resource, before, wanted) ? 1 : 0) }),
      ...(deletionTimestamp == null ? {} : { deletionTimestamp }),
      ...(deletionGracePeriodSeconds == null ? {} : { deletionGracePeriodSeconds }),
    },
  };
}

/** Whether a change is one of those that generations count: of a Deployment, annotations as well. */
function counts(resource: Resource, before: StoredObject, after: WrittenObject): boolean {
  if (!isDeepStrictEqual(before['spec'], after['spec'])) return true;
  return resource.kind === 'Deployment' && !isDeepStrictEqual(before.metadata['annotations'], after.metadata['annotations']);
}

/** Whether an object that was deleted has lost the last finalizer that held it. */
function isLetGo(before: StoredObject, after: StoredObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = before.metadata;
  return deletionTimestamp != null && !deletionGracePeriodSeconds && (after.metadata.finalizers ?? []).length === 0;
}
