import { type Answer, badRequest } from '../answers.ts';
import { WrittenObject } from '../objects.ts';
import type { Place } from '../resources.ts';

/** An object in a request that may be one: of the kind and the namespace of its path. */
export function readObject(place: Place, body: unknown): WrittenObject | Answer {
  const { resource } = place;
  const read = WrittenObject.safeParse(body);
  if (!read.success) return badRequest(`the object provided is unrecognized (must be of type ${resource.kind})`);
  const { kind } = read.data;
  if (kind !== undefined && kind !== resource.kind)
    return badRequest(`${kind} in version "v1" cannot be handled as a ${resource.kind}: unknown conversion`);
  return inNamespace(place, resource.kind === 'Secret' ? withData(read.data) : read.data);
}

/** `stringData` of a Secret is for writing alone: it is kept as data, over what is there. */
function withData({ stringData, ...secret }: WrittenObject): WrittenObject {
  if (typeof stringData !== 'object' || stringData === null) return secret;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
  return { ...secret, data: { ...Object(secret['data']), ...Object.fromEntries(encoded) } };
}

/** An object in the namespace of its path; the refusal where it says another one. */
export function inNamespace({ namespace }: Place, object: WrittenObject): WrittenObject | Answer {
  const { metadata } = object;
  if (metadata.namespace !== undefined && metadata.namespace !== namespace)
    return badRequest('the namespace of the provided object does not match the namespace sent on the request');
  return { ...object, metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) } };
}

/** Whether a refusal was read in place of an object. */
export function refused(read: WrittenObject | Answer): read is Answer {
  return !('metadata' in read);
}
