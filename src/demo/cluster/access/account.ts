import { type Answer, unauthorized } from '../answers.ts';
import type { Attempt } from './attempt.ts';

/** Somebody, as authorization sees them. */
export interface Person {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** Who a bearer token stands for. */
export interface Account {
  readonly user: string;
  readonly uid?: string;
  /** Besides those that everybody has, and those of a service account. */
  readonly groups?: readonly string[];
  /** What they may where no rule is about them; everything where nothing is said. */
  readonly may?: (attempt: Attempt) => boolean;
}

/** Accounts by their tokens. Without any, everybody may everything, as behind `kubectl proxy`. */
export type Accounts = ReadonlyMap<string, Account>;

/** May everything, whatever rules say. */
export const MASTERS = 'system:masters';
/** Everybody whose token is known. */
export const AUTHENTICATED = 'system:authenticated';

const ANYBODY: Person = { user: 'system:admin', groups: [MASTERS, AUTHENTICATED] };

/** Who an `Authorization` header stands for; the answer where it is nobody. */
export function authenticate(accounts: Accounts | undefined, header: string | undefined): Person | Answer {
  if (!accounts) return ANYBODY;
  const account = accounts.get(/^Bearer (\S+)$/.exec(header ?? '')?.[1] ?? '');
  if (!account) return unauthorized();
  const { user, uid, groups = [] } = account;
  return { user, ...(uid === undefined ? {} : { uid }), groups: [...groups, ...serviceAccountGroups(user), AUTHENTICATED] };
}

/** The namespace and the name of a service account out of its user name. */
export function serviceAccountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

/** The groups that a service account is in; none for anybody else. */
export function serviceAccountGroups(user: string): readonly string[] {
  const account = serviceAccountOf(user);
  return account ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`] : [];
}
