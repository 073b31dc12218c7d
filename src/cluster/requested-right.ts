/** The verbs that an API server authorizes requests for objects by. */
export type ApiVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** A right as an API server sees one: a verb on a resource, of one object, of a namespace, or of all. */
export interface ResourceRight {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly name?: string | undefined;
  /** Absent for all namespaces, and for what is in none. */
  readonly namespace?: string | undefined;
}

/** What a request needs: a right to objects, or to a path that is none, such as `/version`. */
export type RequestedRight =
  | ({ readonly kind: 'resource'; readonly verb: ApiVerb } & Omit<ResourceRight, 'verb'>)
  | { readonly kind: 'path'; readonly verb: ApiVerb; readonly path: string };

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The parameters of a query, in their order. */
export type Query = readonly (readonly [name: string, value: string])[];

const VERBS = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;
/** What follows a namespace's name and is a part of it, and no resource within it. */
const PARTS_OF_NAMESPACES: ReadonlySet<string> = new Set(['status', 'finalize']);

/**
 * The right by which an API server judges a request, as its RequestInfo reads method, path and query. `path` begins where the API server's own
 * paths begin, and is still encoded; what is encoded in it counts as what it stands for, a slash as well. The old forms `/api/v1/watch/…` and `/api/v1/proxy/…` are not read.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */
export function requestedRight(method: HttpMethod, path: string, query: Query = []): RequestedRight {
  const verb = VERBS[method];
  const [prefix, ...rest] = decodeURIComponent(path)
    .split('/')
    .filter((part) => part !== '');
  // The group that is called core has no name in paths.
  const isNamed = prefix === 'apis';
  const [group = '', , ...parts] = isNamed ? rest : ['', ...rest];
  if ((prefix !== 'api' && !isNamed) || parts.length === 0) return { kind: 'path', verb, path };
  const [first, namespace, third] = parts;
  const isWithin = first === 'namespaces' && third !== undefined && !PARTS_OF_NAMESPACES.has(third);
  const [resource = '', name, subresource] = isWithin ? parts.slice(2) : parts;
  return {
    kind: 'resource',
    verb: name === undefined ? ofCollection(verb, query) : verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(name === undefined ? {} : { name }),
    // A namespace is in itself.
    ...(first === 'namespaces' && namespace !== undefined ? { namespace } : {}),
  };
}

function ofCollection(verb: ApiVerb, query: Query): ApiVerb {
  if (verb === 'delete') return 'deletecollection';
  if (verb !== 'get') return verb;
  const [, watch] = query.find(([name]) => name === 'watch') ?? [];
  return watch === undefined || watch === '0' || watch.toLowerCase() === 'false' ? 'list' : 'watch';
}
