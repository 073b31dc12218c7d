import type { Place } from '../resources.ts';

/** The verbs of requests by which roles allow. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/** What somebody wants to do, as roles allow it. */
export interface Attempt {
  /** One of a request, or any other word of a role. */
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Absent for all namespaces, and for what is in none. */
  readonly namespace?: string;
  readonly name?: string;
}

/** What a request attempts. */
export function attemptAt(verb: Verb, { resource, subresource, namespace, name }: Place): Attempt {
  return {
    verb,
    group: resource.group,
    resource: resource.name,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

/** What is done to one object, by method. */
const TO_ONE: Readonly<Record<string, Verb>> = { PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** The verb of a request; undefined where there is none for it. */
export function verbOf(method: string, { name, subresource }: Place, watches: boolean): Verb | undefined {
  if (subresource !== undefined && method !== 'GET') return undefined;
  if (method === 'GET') return name !== undefined ? 'get' : watches ? 'watch' : 'list';
  if (method === 'POST') return name === undefined ? 'create' : undefined;
  return name === undefined ? undefined : TO_ONE[method];
}
