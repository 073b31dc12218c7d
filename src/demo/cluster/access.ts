import { type Answer, forbidden, unauthorized } from './answers.ts';
import type { Place } from './resources.ts';

/** The verbs by which roles allow. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/** Who a bearer token stands for, and what they may; everything where nothing is said. */
export interface Account {
  readonly user: string;
  readonly may?: (verb: Verb, place: Place) => boolean;
}

/** Accounts by their tokens. Without any, everybody may everything, as behind `kubectl proxy`. */
export type Accounts = ReadonlyMap<string, Account>;

const ANYBODY: Account = { user: 'system:admin' };

/** The account of an `Authorization` header; the answer where it is nobody's. */
export function authenticate(accounts: Accounts | undefined, header: string | undefined): Account | Answer {
  if (!accounts) return ANYBODY;
  return accounts.get(/^Bearer (\S+)$/.exec(header ?? '')?.[1] ?? '') ?? unauthorized();
}

/** The answer to somebody who may not. */
export function objection({ user, may }: Account, verb: Verb, place: Place): Answer | undefined {
  return (may?.(verb, place) ?? true) ? undefined : forbidden(user, verb, place);
}

/** What is done to one object, by method. */
const WRITES: Readonly<Record<string, Verb>> = { PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** The verb of a request; undefined where there is none for it. */
export function verbOf(method: string, { name }: Place, watches: boolean): Verb | undefined {
  if (method === 'GET') return name !== undefined ? 'get' : watches ? 'watch' : 'list';
  if (method === 'POST') return name === undefined ? 'create' : undefined;
  if (name === undefined) return undefined;
  return WRITES[method];
}
