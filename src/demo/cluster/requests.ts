import { type Account, objection, type Verb, verbOf } from './access.ts';
import { type Answer, badRequest, methodNotAllowed, noResource, notFound } from './answers.ts';
import { answerList } from './list.ts';
import type { ObjectStore } from './object-store.ts';
import { keyOf } from './objects.ts';
import { type Place, parsePath } from './resources.ts';
import { openWatch, shown, type Watch } from './watch.ts';
import { answerCreate, answerDelete, answerUpdate } from './write.ts';

/** A request as it came, once it is known whose it is. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly account: Account;
}

const VERSION = { major: '1', minor: '36', gitVersion: 'v1.36.2', platform: 'linux/amd64' };

/** Answers a request as the API server does: path, verb, rights, then the deed. */
export function answerRequest(store: ObjectStore, { method, url, body, account }: ApiRequest): Answer | Watch {
  if (url.pathname === '/version') return { status: 200, body: VERSION };
  const place = parsePath(url.pathname);
  if (place === 'no-path') return { status: 404, body: '404 page not found\n' };
  if (place === 'no-resource') return noResource();
  const verb = verbOf(method, place, /^(?:1|true)$/.test(url.searchParams.get('watch') ?? ''));
  if (!verb || (verb === 'create' && place.resource.namespaced && place.namespace === undefined)) return methodNotAllowed();
  return objection(account, verb, place) ?? perform(store, verb, place, { query: url.searchParams, body });
}

function perform(store: ObjectStore, verb: Verb, place: Place, given: { query: URLSearchParams; body: string }): Answer | Watch {
  const { resource, namespace, name = '' } = place;
  switch (verb) {
    case 'get': {
      const object = store.get(resource, keyOf(namespace, name));
      return object ? { status: 200, body: shown(resource, object) } : notFound(resource, name);
    }
    case 'list':
      return answerList(store, place, given.query);
    case 'watch':
      return openWatch(store, place, given.query);
    case 'delete':
    case 'create':
    case 'update': {
      // Whoever deletes needs to say nothing more.
      const object = verb === 'delete' && given.body === '' ? {} : parsed(given.body);
      if (object === undefined) return badRequest(`the object provided is unrecognized (must be of type ${resource.kind})`);
      if (verb === 'delete') return answerDelete(store, { ...place, name }, object);
      return verb === 'create' ? answerCreate(store, place, object) : answerUpdate(store, { ...place, name }, object);
    }
    default:
      return verb satisfies never;
  }
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
