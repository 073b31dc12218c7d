import { type Account, objection, type Verb, verbOf } from './access.ts';
import { type Answer, methodNotAllowed, noResource, notFound } from './answers.ts';
import { answerList } from './list.ts';
import type { ObjectStore } from './object-store.ts';
import { keyOf } from './objects.ts';
import { type Place, parsePath } from './resources.ts';
import { openWatch, shown, type Watch } from './watch.ts';
import { answerWrite } from './writes/write.ts';

/** A request as it came, once it is known whose it is. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  /** Without its parameters; empty where none is named. */
  readonly contentType: string;
  readonly body: string;
  readonly account: Account;
}

const VERSION = { major: '1', minor: '36', gitVersion: 'v1.36.2', platform: 'linux/amd64' };

/** Answers a request as the API server does: path, verb, rights, then the deed. */
export function answerRequest(store: ObjectStore, { method, url, account, ...given }: ApiRequest): Answer | Watch {
  if (url.pathname === '/version') return { status: 200, body: VERSION };
  const place = parsePath(url.pathname);
  if (place === 'no-path') return { status: 404, body: '404 page not found\n' };
  if (place === 'no-resource') return noResource();
  const verb = verbOf(method, place, /^(?:1|true)$/.test(url.searchParams.get('watch') ?? ''));
  if (!verb || (verb === 'create' && place.resource.namespaced && place.namespace === undefined)) return methodNotAllowed();
  return objection(account, verb, place) ?? perform(store, verb, place, { ...given, query: url.searchParams });
}

interface Given {
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: string;
}

function perform(store: ObjectStore, verb: Verb, place: Place, given: Given): Answer | Watch {
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
    default:
      return answerWrite(verb, { ...given, store, place });
  }
}
