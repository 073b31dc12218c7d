import { parseDocument } from 'yaml';
import type { z } from 'zod';
import type { AlertSource } from '../alerts/source.ts';
import { CodedError } from '../errors.ts';
import type { SlackUse } from '../slack/manifest.ts';
import { matchesAny } from '../text/pattern.ts';
import { count } from '../text/wording.ts';
import { readPolicy } from './approvals.ts';
import { inWords, placeOf } from './config-problem.ts';
import { FileConfig, LeaseConfig } from './config-schema.ts';
import { withSecretFiles } from './secret-files.ts';
import { readTextFile } from './text-file.ts';

/** What a process of the service can be. */
export const ROLES = ['gateway', 'worker', 'executor'] as const;
export type Role = (typeof ROLES)[number];

/** What the service is told: the file, and from the environment what is secret. */
export interface Config extends FileConfig {
  readonly watch: FileConfig['watch'] & { readonly lease: 'off' | z.infer<typeof LeaseConfig> };
  readonly roles: readonly Role[];
  /** Names of the clusters whose tasks this process performs. */
  readonly workFor: readonly string[];
  readonly redisUrl: string | undefined;
  /** Absent without the role gateway: a worker talks to no Slack. */
  readonly slackTokens: SlackTokens | undefined;
}

export interface SlackTokens {
  readonly bot: string;
  readonly app: string | undefined;
  readonly signingSecret: string | undefined;
}

/** YAML, and the name of its file for error texts. */
export interface ConfigFile {
  readonly name: string;
  readonly text: string;
}

/** The file that somebody names, if they do. Throws `config/file`. */
export function configFile(name: string | undefined): ConfigFile | undefined {
  return name === undefined ? undefined : { name, text: readTextFile(name) };
}

/** Reads the configuration. Throws `config/…` with what is wrong, where, and what to do. */
export function readConfig(given: {
  readonly file: ConfigFile | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `gateway,worker`; absent means both. */
  readonly roles: string | undefined;
  /** `prod,staging`; absent means all. */
  readonly clusters: string | undefined;
}): Config {
  const environment = withSecretFiles(given.environment, ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET']);
  const settings = readSettings(given.file);
  const names = settings.clusters.map(({ name }) => name);
  const roles = chosen(given.roles, ROLES, '--roles');
  const redisUrl = redisUrlOf(environment);
  checkRemedies(settings, { roles, redisUrl });
  if (redisUrl === undefined && roles.length < ROLES.length)
    throw new CodedError(
      'config/roles',
      `--roles ${roles.join(',')} needs REDIS_URL, the address of the Redis that gateways and workers share. Set it, or leave --roles out to serve alone.`,
    );
  return {
    ...settings,
    watch: { ...settings.watch, lease: settings.watch.lease ?? (redisUrl === undefined ? 'off' : LeaseConfig.parse({})) },
    roles,
    workFor: chosen(given.clusters, names, '--clusters'),
    redisUrl,
    slackTokens: roles.includes('gateway') ? tokensOf(environment, settings.slack.mode) : undefined,
  };
}

/** Reads the file alone, without what the environment says. Throws `config/…`. */
export function readSettings(file: ConfigFile | undefined): FileConfig {
  const settings = readFile(file);
  const names = settings.clusters.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new CodedError('config/clusters', `Two clusters have the name ${twice}. Give each its own.`);
  checkPatterns('access', 'A rule of access', settings.access.rules ?? [], names);
  checkPatterns('channels', 'A route of channels', settings.channels.routes, names);
  checkSources(settings.alerts.sources, names);
  const strange = settings.slack.alertChannels.find(({ cluster }) => cluster !== undefined && !names.includes(cluster))?.cluster;
  if (strange !== undefined)
    throw new CodedError(
      'config/slack',
      `slack.alertChannels names the cluster ${strange}, which there is not. Known are: ${names.join(', ')}.`,
    );
  return settings;
}

/** What of it the rights of the Slack app depend on. */
export function slackUse({ access, slack, redisUrl, remedies }: Pick<Config, 'access' | 'slack' | 'redisUrl' | 'remedies'>): SlackUse {
  return {
    readsAlerts: slack.alertChannels.length > 0,
    outlivesProcess: redisUrl !== undefined,
    asksForGroups: (access.rules?.some(({ groups }) => groups !== undefined) ?? false) || namesGroups(remedies.policy),
    asksForEmail: remedies.policy !== undefined && remedies.identities.byEmail,
  };
}

/** Whether a policy goes by user groups. Throws what readPolicy throws. */
function namesGroups(policy: string | undefined): boolean {
  if (policy === undefined) return false;
  const { admins, rules } = readPolicy(policy, undefined);
  return [admins, ...rules.flatMap(({ approvers, escalation }) => [approvers, escalation])].some(({ groups }) => groups.length > 0);
}

/** With Redis somebody else could write what nobody signed with a key that lasts. */
function checkRemedies(
  { remedies, clusters }: FileConfig,
  { roles, redisUrl }: { readonly roles: readonly Role[]; readonly redisUrl: string | undefined },
): void {
  if (remedies.policy === undefined) {
    const eager = clusters.find(({ executor }) => executor !== undefined);
    if (eager)
      throw new CodedError(
        'config/remedies',
        `Cluster ${eager.name} has an executor, and remedies.policy names no approvals.yaml. Name one, or leave the executor out.`,
      );
    return;
  }
  const signs = roles.includes('gateway') || roles.includes('executor');
  if (redisUrl !== undefined && signs && remedies.signingKey === undefined)
    throw new CodedError(
      'config/remedies',
      'remedies.signingKey is not set. With Redis gateways and executors sign with a key of their own: openssl genpkey -algorithm ed25519 -out key.pem',
    );
  const lacks = !roles.includes('gateway') ? 'gatewayKeys' : !roles.includes('executor') ? 'executorKeys' : undefined;
  if (signs && lacks !== undefined && remedies[lacks] === undefined)
    throw new CodedError(
      'config/remedies',
      `remedies.${lacks} is not set: the public keys of the ${lacks === 'gatewayKeys' ? 'gateways' : 'executors'}, which run elsewhere.`,
    );
}

/** A pattern of clusters that fits none is a mistake: what it was meant for would not be done. */
function checkPatterns(
  section: 'access' | 'channels',
  who: string,
  entries: readonly { readonly clusters: readonly string[] }[],
  names: readonly string[],
): void {
  const unmatched = entries.flatMap(({ clusters }) => clusters).find((pattern) => !names.some((name) => matchesAny(name, [pattern])));
  if (unmatched !== undefined)
    throw new CodedError(`config/${section}`, `${who} names the cluster ${unmatched}, which there is not. Known are: ${names.join(', ')}.`);
}

function checkSources(sources: readonly AlertSource[], clusters: readonly string[]): void {
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new CodedError('config/alerts', `Two alert sources have the name ${twice}. Give each its own.`);
  for (const { name, cluster, clusters: others } of sources) {
    const unknown = [cluster, ...others].find((wanted) => !clusters.includes(wanted));
    if (unknown !== undefined)
      throw new CodedError(
        'config/alerts',
        `The alert source ${name} names the cluster ${unknown}, which there is not. Known are: ${clusters.join(', ')}.`,
      );
  }
}

function readFile(file: ConfigFile | undefined): FileConfig {
  if (!file) return FileConfig.parse({});
  const read = FileConfig.safeParse(yamlOf(file), { error: inWords });
  if (read.success) return read.data;
  const { issues } = read.error;
  const problems = issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => `  ${placeOf(path)}: ${message}`);
  if (issues.length > MAX_PROBLEMS) problems.push(`  and ${count(issues.length - MAX_PROBLEMS, 'problem')} more`);
  throw new CodedError(
    'config/file',
    `${file.name} is not a configuration of imagepull:\n${problems.join('\n')}\nSee docs/configuration.md.`,
  );
}

/** A tag that nobody knows is an error too: what it was meant to do would not be done. */
function yamlOf({ name, text }: ConfigFile): unknown {
  const document = parseDocument(text, { logLevel: 'silent' });
  const [problem] = [...document.errors, ...document.warnings];
  try {
    if (problem) throw problem;
    return document.toJS({ maxAliasCount: 20 }) ?? {};
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0]?.replace(/:$/, '') : String(cause);
    throw new CodedError('config/file', `${name} is not YAML that can be read: ${why}`, { cause });
  }
}

/** More problems than this are counted. */
const MAX_PROBLEMS = 5;

/** Those of a list that an option names; all without it. Throws `config/option`. */
export function chosen<T extends string>(text: string | undefined, known: readonly T[], option: string): readonly T[] {
  if (text === undefined) return known;
  const wanted = text.split(',').map((part) => part.trim());
  const unknown = wanted.find((part) => !known.some((name) => name === part));
  if (unknown !== undefined) throw new CodedError('config/option', `${option} does not know "${unknown}". It knows: ${known.join(', ')}.`);
  return known.filter((name) => wanted.includes(name));
}

/** Before every key of the service. What earlier releases keep under the bare prefix throws on foreign records, so nothing is shared with them. */
export function keyPrefix({ redis }: Pick<FileConfig, 'redis'>): string {
  return `${redis.prefix}:v2:`;
}

/** The address of Redis with its password; undefined where there is none. Throws `config/redis`, and what withSecretFiles throws. */
export function redisUrlOf(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { REDIS_URL: text = '', REDIS_PASSWORD: password = '' } = withSecretFiles(environment, ['REDIS_URL', 'REDIS_PASSWORD']);
  if (text === '') {
    if (password === '') return undefined;
    throw new CodedError(
      'config/redis',
      'REDIS_PASSWORD is set, and REDIS_URL is not. Set it to the address of Redis, or leave the password out.',
    );
  }
  // The address may hold a password, so it is never repeated.
  if (!URL.canParse(text) || !/^rediss?:$/.test(new URL(text).protocol))
    throw new CodedError(
      'config/redis',
      'REDIS_URL is not an address of Redis. Write redis://HOST:6379 or rediss://USER:PASSWORD@HOST:6379.',
    );
  return password === '' ? text : withPassword(text, password);
}

/** A password of its own need not be written as a part of an address is. */
function withPassword(text: string, password: string): string {
  const url = new URL(text);
  if (url.password !== '')
    throw new CodedError('config/redis', 'REDIS_URL and REDIS_PASSWORD both have a password of Redis. Leave one of them out.');
  url.password = encodeURIComponent(password);
  return url.href;
}

function tokensOf(environment: Readonly<Record<string, string | undefined>>, mode: 'socket' | 'http'): SlackTokens {
  const bot = token(environment, 'SLACK_BOT_TOKEN', 'xoxb-', 'the Bot User OAuth Token (OAuth & Permissions)');
  const app =
    mode === 'socket'
      ? token(environment, 'SLACK_APP_TOKEN', 'xapp-', 'an app-level token with connections:write (Basic Information)')
      : undefined;
  const signingSecret =
    mode === 'http' ? token(environment, 'SLACK_SIGNING_SECRET', '', 'the Signing Secret (Basic Information)') : undefined;
  return { bot, app, signingSecret };
}

function token(environment: Readonly<Record<string, string | undefined>>, name: string, prefix: string, what: string): string {
  const value = environment[name]?.trim() ?? '';
  if (value === '')
    throw new CodedError('config/slack', `${name} is not set. It is ${what} of the Slack app; docs/slack.md shows how to make one.`);
  if (!value.startsWith(prefix))
    throw new CodedError('config/slack', `${name} does not start with ${prefix}. It should be ${what} of the Slack app.`);
  return value;
}
