import type { IncomingMessage } from 'node:http';
import { type Answer, badRequest, forbidden } from '../answers.ts';
import { AUTHENTICATED, MASTERS, type Person, serviceAccountGroups, serviceAccountOf } from './account.ts';
import type { Attempt } from './attempt.ts';
import type { Rights } from './rights.ts';

/** Who the headers of a request say it is to be judged as. */
export interface Wanted extends Person {
  /** What is said of them besides, each key with a value. */
  readonly extras: readonly (readonly [key: string, value: string])[];
}

/** Reads the impersonation headers; undefined where there are none. */
export function readWanted(headers: IncomingMessage['headersDistinct']): Wanted | Answer | undefined {
  const user = headers['impersonate-user']?.[0] ?? '';
  const uid = headers['impersonate-uid']?.[0] ?? '';
  const groups = headers['impersonate-group'] ?? [];
  const extras = Object.entries(headers).flatMap(([name, values = []]) => {
    const key = /^impersonate-extra-(.*)$/.exec(name)?.[1];
    return key === undefined ? [] : values.map((value) => [decodeURIComponent(key), value] as const);
  });
  if (user !== '') return { user, groups, extras, ...(uid === '' ? {} : { uid }) };
  if (uid === '' && groups.length === 0 && extras.length === 0) return undefined;
  return badRequest(`requested ${JSON.stringify({ uid, groups, extras })} without impersonating a user name`);
}

const NODE = /^system:node:[a-z0-9][-.a-z0-9]*$/;
const AUTHENTICATION = 'authentication.k8s.io';

/**
 * A way to impersonate. The old one asks for no verb of the request, and has users and groups in the core group. Nodes have a way of their own on
 * a real API server; here they have only the old one.
 */
interface Mode {
  readonly name: 'serviceaccount' | 'user-info' | 'legacy';
  readonly takes: (wanted: Wanted) => boolean;
}

const onlyNamed = ({ uid, groups, extras }: Wanted) => uid === undefined && groups.length === 0 && extras.length === 0;
const isNode = ({ user }: Wanted) => NODE.test(user);
const isServiceAccount = ({ user }: Wanted) => serviceAccountOf(user) !== undefined;

/** In the order in which they are tried. */
const MODES: readonly Mode[] = [
  { name: 'serviceaccount', takes: (wanted) => onlyNamed(wanted) && isServiceAccount(wanted) },
  { name: 'user-info', takes: (wanted) => !isNode(wanted) && !isServiceAccount(wanted) },
  { name: 'legacy', takes: () => true },
];

/** Judges who may be judged as somebody else: apiserver/pkg/endpoints/filters/impersonation, constrained as of Kubernetes 1.36. */
export class Impersonation {
  readonly #rights: Rights;
  /** The way that last led somebody on, which is tried first; a refusal is in its words. */
  readonly #last = new Map<string, Mode>();

  constructor(rights: Rights) {
    this.#rights = rights;
  }

  /** Who a request is judged as; the refusal where the caller may not be them for it. */
  actingAs(caller: Person, wanted: Wanted, attempt: Attempt): Person | Answer {
    const last = this.#last.get(caller.user);
    const modes = [...(last ? [last] : []), ...MODES.filter((mode) => mode !== last)].filter((mode) => mode.takes(wanted));
    const refusals: Answer[] = [];
    for (const mode of modes) {
      const refusal = this.#refusal(mode, caller, { wanted, attempt });
      if (!refusal) {
        this.#last.set(caller.user, mode);
        return personOf(wanted);
      }
      refusals.push(refusal);
    }
    return refusals[0] ?? badRequest('all impersonation modes failed');
  }

  #refusal({ name }: Mode, caller: Person, { wanted, attempt }: { wanted: Wanted; attempt: Attempt }): Answer | undefined {
    const constrained = name !== 'legacy';
    const on = constrained ? [{ ...attempt, verb: `impersonate-on:${name}:${attempt.verb}` }] : [];
    const needed = [...on, ...neededFor(wanted, constrained ? `impersonate:${name}` : 'impersonate', constrained)];
    const missing = needed.find((one) => isMasters(one, constrained) || !this.#rights.allows(caller, one));
    if (!missing) return undefined;
    return forbidden(
      caller.user,
      missing,
      isMasters(missing, constrained) ? 'impersonating the system:masters group is not allowed' : undefined,
    );
  }
}

/** Nobody becomes one of them in a constrained way. */
function isMasters({ resource, name }: Attempt, constrained: boolean): boolean {
  return constrained && resource === 'groups' && name === MASTERS;
}

/** What of somebody each needs a right of its own, in the order in which it is looked at. */
function neededFor({ user, uid, groups, extras }: Wanted, verb: string, constrained: boolean): readonly Attempt[] {
  const core = { verb, group: constrained ? AUTHENTICATION : '' };
  const other = { verb, group: AUTHENTICATION };
  const account = serviceAccountOf(user);
  return [
    account ? { ...core, resource: 'serviceaccounts', ...account } : { ...core, resource: 'users', name: user },
    ...(uid === undefined ? [] : [{ ...other, resource: 'uids', name: uid }]),
    ...groups.map((name) => ({ ...core, resource: 'groups', name })),
    ...extras.map(([subresource, name]) => ({ ...other, resource: 'userextras', subresource, name })),
  ];
}

function personOf({ user, uid, groups }: Wanted): Person {
  const own = groups.length > 0 ? groups : serviceAccountGroups(user);
  return { user, ...(uid === undefined ? {} : { uid }), groups: [...new Set([...own, AUTHENTICATED])] };
}
