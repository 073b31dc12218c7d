import type { Person } from './access/account.ts';
import { type Attempt, attemptAt, type Verb, verbOf } from './access/attempt.ts';
import type { Impersonation, Wanted } from './access/impersonation.ts';
import { answerReview, type Review, reviewAt } from './access/reviews.ts';
import type { Rights } from './access/rights.ts';
import { type Answer, forbidden, methodNotAllowed, noResource, notFound } from './answers.ts';
import { parsedJson } from './json.ts';
import { answerList } from './list.ts';
import type { ObjectStore } from './object-store.ts';
import { keyOf } from './objects.ts';
import { type Place, parsePath } from './resources.ts';
import { isAnswer } from './selection.ts';
import { openWatch, shown, type Watch } from './watch.ts';
import type { Admission } from './writes/admission.ts';
import { answerWrite } from './writes/write.ts';

/** A request as it came, once it is known whose it is. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  /** Without its parameters; empty where none is named. */
  readonly contentType: string;
  readonly body: string;
  readonly caller: Person;
  /** Who it is to be judged as, if not as the caller. */
  readonly wanted: Wanted | undefined;
}

/** What requests are answered from. */
export interface ApiParts {
  readonly store: ObjectStore;
  readonly rights: Rights;
  readonly impersonation: Impersonation;
  readonly admission: Admission;
  /** What pods have printed, by their uids. */
  readonly logs: ReadonlyMap<string, string>;
}

const VERSION = { major: '1', minor: '36', gitVersion: 'v1.36.2', platform: 'linux/amd64' };

/** Answers a request as the API server does: path, verb, whose it is, rights, then the deed. */
export function answerRequest(parts: ApiParts, request: ApiRequest): Answer | Watch {
  const { method, url } = request;
  if (url.pathname === '/version') return { status: 200, body: VERSION };
  const review = reviewAt(url.pathname);
  if (review) return method === 'POST' ? answerQuestion(parts, request, review) : methodNotAllowed();
  const place = parsePath(url.pathname);
  if (place === 'no-path') return { status: 404, body: '404 page not found\n' };
  if (place === 'no-resource') return noResource();
  const verb = verbOf(method, place, /^(?:1|true)$/.test(url.searchParams.get('watch') ?? ''));
  if (!verb || (verb === 'create' && place.resource.namespaced && place.namespace === undefined)) return methodNotAllowed();
  const person = admitted(parts, request, attemptAt(verb, place));
  return isAnswer(person) ? person : perform(parts, { verb, place, person }, request);
}

function answerQuestion(parts: ApiParts, request: ApiRequest, review: Review): Answer {
  const person = admitted(parts, request, { verb: 'create', group: review.group, resource: review.resource });
  return isAnswer(person) ? person : answerReview(parts.rights, review, { caller: person, body: parsedJson(request.body) });
}

/** Who a request is judged as; the answer where they may not. */
function admitted({ rights, impersonation }: ApiParts, { caller, wanted }: ApiRequest, attempt: Attempt): Person | Answer {
  const person = wanted ? impersonation.actingAs(caller, wanted, attempt) : caller;
  if (isAnswer(person)) return person;
  return rights.allows(person, attempt) ? person : forbidden(person.user, attempt);
}

function perform(
  { store, admission, logs }: ApiParts,
  { verb, place, person }: { readonly verb: Verb; readonly place: Place; readonly person: Person },
  { url, contentType, body }: ApiRequest,
): Answer | Watch {
  const { resource, namespace, name = '' } = place;
  const query = url.searchParams;
  switch (verb) {
    case 'get': {
      const object = store.get(resource, keyOf(namespace, name));
      if (object && place.subresource === 'log') return { status: 200, body: logs.get(object.metadata.uid) ?? '' };
      return object ? { status: 200, body: shown(resource, object) } : notFound(resource, name);
    }
    case 'list':
      return answerList(store, place, query);
    case 'watch':
      return openWatch(store, place, query);
    default:
      return answerWrite(verb, { store, admission, person, place, query, contentType, body });
  }
}
