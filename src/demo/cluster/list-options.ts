import { type Answer, badRequest, expired, invalid, tooLarge } from './answers.ts';
import { readToken, writeToken } from './continue-token.ts';
import type { ObjectStore } from './object-store.ts';
import type { Resource } from './resources.ts';

const TOO_OLD_TO_GO_ON =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, ' +
  'or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an ' +
  'inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** What of a list is wanted: a page, or all, as of a version. */
export interface ListOptions {
  readonly version: number;
  readonly limit: number;
  /** The last key that was sent, within the namespace. */
  readonly after: string | undefined;
}

/** Reads which page a query wants; the answer where the API server would refuse it. */
export function readListOptions(store: ObjectStore, resource: Resource, query: URLSearchParams): ListOptions | Answer {
  const limitText = query.get('limit') ?? '';
  if (!/^(?:-?\d+)?$/.test(limitText)) return badRequest(`strconv.ParseInt: parsing "${limitText}": invalid syntax`);
  const limit = Number(limitText) > 0 ? Number(limitText) : Number.POSITIVE_INFINITY;
  const token = query.get('continue') ?? '';
  const version = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  if (match !== '' && version === '') {
    const because = 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided';
    return invalid({ called: 'ListOptions.meta.k8s.io', name: '', field: 'resourceVersionMatch', because });
  }
  if (token === '') return asOf(store, resource, { version, match, limit });
  return version === '' ? goneOn(store, token, limit) : badRequest('specifying resource version is not allowed when using continue');
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list */
function asOf(store: ObjectStore, resource: Resource, asked: { version: string; match: string; limit: number }): ListOptions | Answer {
  const { match, limit } = asked;
  const now: ListOptions = { version: store.version, limit, after: undefined };
  if (asked.version === '') return now;
  if (!/^\d+$/.test(asked.version)) return badRequest(badVersion(asked.version, 'invalid resource version: '));
  const version = Number(asked.version);
  // The cache knows no pages, where the oldest answer will do.
  if (version === 0) return resource.uncached ? now : { ...now, limit: Number.POSITIVE_INFINITY };
  if (version > store.version) return tooLarge(version, store.version);
  const exact = match === 'Exact' || (match === '' && limit !== Number.POSITIVE_INFINITY);
  if (!exact) return now;
  return version < store.compacted ? expired('The resourceVersion for the provided list is too old.') : { ...now, version };
}

/** What is wrong with a version that is no number. */
export function badVersion(text: string, before = ''): string {
  return `${before}resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`;
}

function goneOn(store: ObjectStore, token: string, limit: number): ListOptions | Answer {
  const read = readToken(token);
  if (typeof read === 'string') return badRequest(read);
  const { version, after } = read;
  if (version < 0) return { version: store.version, limit, after };
  if (version < store.compacted) return expired(TOO_OLD_TO_GO_ON, { continue: writeToken({ version: -1, after }) });
  return { version, limit, after };
}
