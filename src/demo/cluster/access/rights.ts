import { type Accounts, AUTHENTICATED, MASTERS, type Person } from './account.ts';
import type { Attempt } from './attempt.ts';

/** What a role allows, as in RBAC: `*` stands for all. */
export interface Rule {
  readonly apiGroups: readonly string[];
  /** A resource with one beneath it has a slash: `userextras/reason`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Names that it is about; any where there are none. */
  readonly resourceNames?: readonly string[];
  /** The namespace in which the role is bound; absent for the whole cluster. */
  readonly namespace?: string;
}

/** Whom rules are about. */
export type Subject = { readonly user: string } | { readonly group: string };

/** What everybody may who is known: the role system:basic-user. */
const BASIC: readonly Rule[] = [
  { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'], verbs: ['create'] },
  { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
];

/** Who may do what: by rules where there are some for a user or one of their groups, and as their account says where there are none. */
export class Rights {
  readonly #accounts: Accounts;
  readonly #ofUsers = new Map<string, readonly Rule[]>();
  readonly #ofGroups = new Map<string, readonly Rule[]>([[AUTHENTICATED, BASIC]]);

  constructor(accounts: Accounts = new Map()) {
    this.#accounts = accounts;
  }

  /** Lets somebody do just that from now on, and nothing where the list is empty. */
  set(subject: Subject, rules: readonly Rule[]): void {
    if ('user' in subject) this.#ofUsers.set(subject.user, rules);
    else this.#ofGroups.set(subject.group, rules);
  }

  allows({ user, groups }: Person, attempt: Attempt): boolean {
    if (groups.includes(MASTERS)) return true;
    const rules = [this.#ofUsers.get(user) ?? [], ...groups.map((group) => this.#ofGroups.get(group) ?? [])].flat();
    if (rules.some((rule) => covers(rule, attempt))) return true;
    const ruled = this.#ofUsers.has(user) || groups.some((group) => group !== AUTHENTICATED && this.#ofGroups.has(group));
    const account = ruled ? undefined : [...this.#accounts.values()].find((known) => known.user === user);
    return account !== undefined && (account.may?.(attempt) ?? true);
  }
}

function covers(rule: Rule, { verb, group, resource, subresource, namespace, name = '' }: Attempt): boolean {
  const has = (wanted: readonly string[], value: string) => wanted.includes('*') || wanted.includes(value);
  const { resourceNames = [] } = rule;
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    has(rule.resources, subresource === undefined ? resource : `${resource}/${subresource}`) &&
    (resourceNames.length === 0 || resourceNames.includes(name)) &&
    (rule.namespace === undefined || rule.namespace === namespace)
  );
}
