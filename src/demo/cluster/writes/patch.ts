import { type Answer, badRequest, invalid, notFound, notProcessable, serverError, unsupportedMediaType } from '../answers.ts';
import { parsedJson } from '../json.ts';
import { keyOf, WrittenObject } from '../objects.ts';
import type { OneObject } from '../resources.ts';
import { shown } from '../watch.ts';
import { readDryRun } from './dry-run.ts';
import { jsonPatched, Operations } from './patches/json-patch.ts';
import { type Fields, isFields, mergePatched } from './patches/merge-patch.ts';
import { StrategicPatchError, strategicallyMerged } from './patches/strategic-merge.ts';
import { replaceObject } from './replace.ts';
import type { Write } from './write.ts';
import { inNamespace, refused } from './written-object.ts';

/** What becomes of an object as it is shown; undefined where that cannot be done with it. */
type Patch = (document: Fields) => unknown;

/** What a body asks for, by its content type; undefined where it is broken. */
const PATCHES: Readonly<Record<string, (body: unknown) => Patch | undefined>> = {
  'application/json-patch+json'(body) {
    const operations = Operations.safeParse(body);
    return operations.success ? (document) => jsonPatched(document, operations.data) : undefined;
  },
  'application/merge-patch+json': (body) => (isFields(body) ? (document) => mergePatched(document, body) : undefined),
  'application/strategic-merge-patch+json'(body) {
    if (!isFields(body)) return undefined;
    // Kinds are not looked at in this form.
    const { kind: _kind, apiVersion: _apiVersion, ...patch } = body;
    return (document) => strategicallyMerged(document, patch);
  },
};

/** PATCH: changes what is there, as of the version that the patch names, if it does. */
export function answerPatch(write: Write<OneObject>): Answer {
  const { store, place, query } = write;
  const { resource, namespace, name } = place;
  const read = PATCHES[write.contentType];
  if (!read) return unsupportedMediaType();
  const dryRun = readDryRun('Patch', query.getAll('dryRun'));
  if (typeof dryRun === 'object') return dryRun;
  if (query.has('force')) {
    const because = 'Forbidden: may not be specified for non-apply patch';
    return invalid({ called: 'PatchOptions.meta.k8s.io', name: '', field: 'force', because });
  }
  const before = store.get(resource, keyOf(namespace, name));
  if (!before) return notFound(resource, name);
  const patch = read(parsedJson(write.body));
  if (!patch) return badRequest('error decoding patch: it is none of that content type');
  const object = patchedObject(place, patch, { ...shown(resource, before) });
  return refused(object) ? object : replaceObject(write, { before, object, dryRun });
}

/** What a patch makes of an object as it is shown, where that is still the same object. */
function patchedObject(place: OneObject, patch: Patch, document: Fields): WrittenObject | Answer {
  let patched: unknown;
  try {
    patched = patch(document);
  } catch (cause) {
    if (cause instanceof StrategicPatchError) return serverError(cause.message);
    throw cause;
  }
  if (patched === undefined) return notProcessable();
  const object = WrittenObject.safeParse(patched);
  if (!object.success || object.data.kind !== place.resource.kind) {
    const because = `Invalid value: ${JSON.stringify(JSON.stringify(patched))}: it is no ${place.resource.kind}`;
    return invalid({ called: '', name: '', field: 'patch', because });
  }
  const { name } = object.data.metadata;
  if (!name) return badRequest(`the name of the object (${place.name} based on URL) was undeterminable: name must be provided`);
  if (name !== place.name) return badRequest(`the name of the object (${name}) does not match the name on the URL (${place.name})`);
  return inNamespace(place, object.data);
}
