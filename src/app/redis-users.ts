import { planIdStart } from '../approval/plan-id.ts';
import { CodedError } from '../errors.ts';
import { queueName, queuePrefix } from '../queue/queue-keys.ts';
import { sha256 } from '../signing/ed25519.ts';
import { chainOf, FIRST, KINDS, OPEN, plansOf } from '../store/kinds.ts';
import { ALL } from '../store/record-kind.ts';
import { aclRules, literally, type RedisRights } from '../store/redis/acl-user.ts';
import type { ConfigFile } from './config/file.ts';
import { chosen, keyPrefix, ROLES, readSettings } from './config.ts';

/** Who has users of Redis: the roles of the service, and whoever runs `imagepull audit` and `imagepull corrections`. */
const WHO = [...ROLES, 'operator'] as const;
type Who = (typeof WHO)[number];

/** A user of Redis to be made. */
export interface RedisUser {
  readonly name: string;
  /** As ACL SETUSER and an ACL file take them, without a password. */
  readonly rules: readonly string[];
}

/**
 * The users that the processes of a configuration need: one for gateways, one a cluster for workers and for executors, one for operators. With
 * `user` a single one of that name, for a process that does all that is chosen. Throws `config/…`.
 */
export function redisUsersFor(given: {
  readonly file: ConfigFile | undefined;
  /** `gateway,worker`; absent means all. */
  readonly roles: string | undefined;
  /** `prod,staging`; absent means all. */
  readonly clusters: string | undefined;
  readonly user: string | undefined;
}): readonly RedisUser[] {
  const { user } = given;
  const settings = readSettings(given.file);
  const names = settings.clusters.map(({ name }) => name);
  const wanted = chosen(given.clusters, names, '--clusters');
  const withExecutor = settings.clusters.flatMap(({ name, executor }) => (executor !== undefined && wanted.includes(name) ? [name] : []));
  const clustersOf: Readonly<Record<Who, readonly (string | undefined)[]>> = {
    gateway: [undefined],
    worker: wanted,
    executor: withExecutor,
    operator: [undefined],
  };
  const all = chosen(given.roles, WHO, '--roles').flatMap((who) => clustersOf[who].map((cluster) => ({ who, cluster })));
  if (all.length === 0)
    throw new CodedError('config/option', 'There is no user to print: no cluster that is chosen has an executor (clusters[].executor).');
  const rightsOf = ({ who, cluster = '' }: (typeof all)[number]) => RIGHTS[who](cluster);
  const rules = (rights: readonly RedisRights[]) => aclRules(prefixed(rights, literally(keyPrefix(settings))));
  if (user === undefined)
    return all.map((one) => ({ name: userName(settings.redis.prefix, one.who, one.cluster), rules: rules([rightsOf(one)]) }));
  if (!/^[\p{L}\p{N}._:@%-]+$/u.test(user))
    throw new CodedError('config/option', `--user ${user} is not the name of a user. Take letters, digits, dots and dashes.`);
  return [{ name: user, rules: rules(all.map(rightsOf)) }];
}

/** Of characters that need no escaping in REDIS_URL; what had others is told apart by its hash. */
function userName(...parts: readonly (string | undefined)[]): string {
  const named = parts.flatMap((part) => {
    if (part === undefined) return [];
    const plain = part.replaceAll(/[^A-Za-z0-9._-]/g, '_');
    return plain === part ? [part] : [plain, sha256(part).slice(0, 6)];
  });
  return named.join('-');
}

/** All keys of a kind of record: the records, lists, and what is held by one at a time. */
const kindOf = ({ name }: { readonly name: string }): string => `${name}[.:]*`;
const lists = ({ name }: { readonly name: string }, indexes: readonly string[]): readonly string[] =>
  indexes.map((index) => `${name}.list:${literally(index)}`);
const queueOf = (name: string): string => `${queuePrefix('')}:${literally(name)}`;
/** All that is done with a queue by who takes tasks from it, and answers. */
const taking = (name: string): readonly string[] => [`${queueOf(name)}:*`, `answer:${literally(name)}:*`];

/** Signs of life, which choose the version that records are written in, lines, by which cards are told, and since when there is a store. */
const OF_ALL = ['heartbeats', 'heartbeat:*', 'line:*', 'began'];
const { runs, incidents, requests, deliveries, silences, corrections, plans, passes, auditEntries, auditDisclosures } = KINDS;
const OUTBOX = queueName('outbox');

/** What each role does with which keys, in the names of docs/decisions/0031. */
const RIGHTS: Readonly<Record<Who, (cluster: string) => RedisRights>> = {
  gateway: () => ({
    full: [
      ...OF_ALL,
      ...[runs, incidents, requests, deliveries, silences, corrections, plans, passes, auditDisclosures].map(kindOf),
      `${auditEntries.name}.list:*`,
      ...['members:*', 'posted:*', 'lease:resume', 'lease:speak.*'],
      ...['run', 'delivery', 'pace', 'asked', 'asks', 'window', 'refusal', 'probed'].map((what) => `claim:${what}.*`),
      `${queueOf(OUTBOX)}:*`,
    ],
    read: ['answer:*'],
    append: [`${auditEntries.name}:*`],
    add: [`${queuePrefix('')}:imagepull-cluster-*`, `${queuePrefix('')}:imagepull-executor-*`],
  }),
  worker: (cluster) => ({
    full: [
      ...OF_ALL,
      ...[runs, incidents, requests, deliveries, corrections].map(kindOf),
      ...['members:*', 'claim:run.*', `claim:opens.${literally(cluster)}/*`, `lease:recovery.${literally(cluster)}`],
      `figures:${literally(cluster)}:*`,
      ...taking(queueName({ work: cluster })),
    ],
    read: [],
    append: [],
    add: [queueOf(OUTBOX)],
  }),
  executor: (cluster) => ({
    full: [
      ...OF_ALL,
      kindOf(runs),
      ...[`${plans.name}:${planIdStart(cluster, sha256)}*`, ...lists(plans, [ALL, OPEN, plansOf(cluster)])],
      ...lists(auditEntries, [ALL, FIRST, chainOf(cluster)]),
      kindOf(auditDisclosures),
      ...[`lease:plan.${planIdStart(cluster, sha256)}*`, 'lease:object.*', 'claim:grant.*'],
      ...taking(queueName({ execute: cluster })),
    ],
    // Who grows a list looks whether others in it are still there.
    read: [kindOf(incidents), `${plans.name}:*`, `${auditEntries.name}:*`],
    append: [`${auditEntries.name}:${literally(cluster)}.[0-9]*`],
    add: [queueOf(OUTBOX)],
  }),
  operator: () => ({
    full: [...[corrections, auditEntries, auditDisclosures].map(({ name }) => `${name}.list:*`), `${auditDisclosures.name}:*`],
    read: ['*'],
    append: [],
    add: [],
  }),
};

/** Several together, below a prefix. */
function prefixed(all: readonly RedisRights[], prefix: string): RedisRights {
  const below = (part: keyof RedisRights) => [...new Set(all.flatMap((rights) => rights[part].map((pattern) => `${prefix}${pattern}`)))];
  return { full: below('full'), read: below('read'), append: below('append'), add: below('add') };
}
