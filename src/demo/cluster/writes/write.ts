import type { Person } from '../access/account.ts';
import type { Verb } from '../access/attempt.ts';
import { type Answer, badRequest } from '../answers.ts';
import { parsedJson } from '../json.ts';
import type { ObjectStore } from '../object-store.ts';
import type { OneObject, Place } from '../resources.ts';
import type { Admission } from './admission.ts';
import { answerCreate } from './create.ts';
import { answerDelete } from './delete.ts';
import { answerPatch } from './patch.ts';
import { answerUpdate } from './update.ts';

/** A write that somebody may do. */
export interface Write<At extends Place = Place> {
  readonly store: ObjectStore;
  readonly admission: Admission;
  /** Whose write it is. */
  readonly person: Person;
  readonly place: At;
  readonly query: URLSearchParams;
  /** Without its parameters. */
  readonly contentType: string;
  readonly body: string;
}

/** The verbs that change something. */
export type WriteVerb = Exclude<Verb, 'get' | 'list' | 'watch'>;

/** Performs a write, or says what it would lead to. */
export function answerWrite(verb: WriteVerb, write: Write): Answer {
  const { place, body } = write;
  const one: Write<OneObject> = { ...write, place: { ...place, name: place.name ?? '' } };
  if (verb === 'patch') return answerPatch(one);
  // Whoever deletes needs to say nothing more.
  if (verb === 'delete') return answerDelete(one, body === '' ? {} : { given: parsedJson(body) });
  const object = parsedJson(body);
  if (object === undefined) return badRequest(`the object provided is unrecognized (must be of type ${place.resource.kind})`);
  return verb === 'create' ? answerCreate(write, object) : answerUpdate(one, object);
}
