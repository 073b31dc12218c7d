import type { z } from 'zod';
import { CodedError } from '../errors.ts';
import type { SlackUse } from '../slack/manifest.ts';
import { readPolicy } from './approvals.ts';
import { type ConfigFile, readYaml, refused } from './config/file.ts';
import { guess, inWords, problemsOf } from './config/problem.ts';
import { relationProblems } from './config/relations.ts';
import { FileConfig, LeaseConfig } from './config/schema.ts';
import { type Environment, withSecretFiles } from './config/secret-files.ts';
import { slackSecrets } from './config/variables.ts';

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

/** Reads the configuration. Throws `config/…` with what is wrong, where, and what to do. */
export function readConfig(given: {
  readonly file: ConfigFile | undefined;
  readonly environment: Environment;
  /** `gateway,worker`; absent means both. */
  readonly roles: string | undefined;
  /** `prod,staging`; absent means all. */
  readonly clusters: string | undefined;
}): Config {
  const settings = readSettings(given.file);
  const names = settings.clusters.map(({ name }) => name);
  const roles = chosen(given.roles, ROLES, '--roles');
  const redisUrl = redisUrlOf(given.environment);
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
    slackTokens: roles.includes('gateway')
      ? tokensOf(withSecretFiles(given.environment, slackSecrets(settings)), settings.slack.mode)
      : undefined,
  };
}

/** Reads the file alone, without what the environment says. Throws `config/…`, naming line and setting of everything that is wrong. */
export function readSettings(file: ConfigFile | undefined): FileConfig {
  if (!file) return FileConfig.parse({});
  const yaml = readYaml(file);
  const read = FileConfig.safeParse(yaml.value, { error: inWords });
  if (!read.success) throw refused(file, yaml, 'config/file', problemsOf(read.error.issues, FileConfig));
  const [first, ...others] = relationProblems(read.data);
  if (first) throw refused(file, yaml, first.code, [first, ...others]);
  return read.data;
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
  { remedies }: FileConfig,
  { roles, redisUrl }: { readonly roles: readonly Role[]; readonly redisUrl: string | undefined },
): void {
  if (remedies.policy === undefined) return;
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

/** Those of a list that an option names; all without it. Throws `config/option`. */
export function chosen<T extends string>(text: string | undefined, known: readonly T[], option: string): readonly T[] {
  if (text === undefined) return known;
  const wanted = text.split(',').map((part) => part.trim());
  const unknown = wanted.find((part) => !known.some((name) => name === part));
  if (unknown !== undefined) throw new CodedError('config/option', `${option} does not know "${unknown}".${guess(unknown, known)}`);
  return known.filter((name) => wanted.includes(name));
}

/** Before every key of the service. What earlier releases keep under the bare prefix throws on foreign records, so nothing is shared with them. */
export function keyPrefix({ redis }: Pick<FileConfig, 'redis'>): string {
  return `${redis.prefix}:v2:`;
}

/** The address of Redis with its password; undefined where there is none. Throws `config/redis`, and what withSecretFiles throws. */
export function redisUrlOf(environment: Environment): string | undefined {
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

function tokensOf(environment: Environment, mode: 'socket' | 'http'): SlackTokens {
  const bot = token(environment, 'SLACK_BOT_TOKEN', 'xoxb-', 'the Bot User OAuth Token (OAuth & Permissions)');
  const app =
    mode === 'socket'
      ? token(environment, 'SLACK_APP_TOKEN', 'xapp-', 'an app-level token with connections:write (Basic Information)')
      : undefined;
  const signingSecret =
    mode === 'http' ? token(environment, 'SLACK_SIGNING_SECRET', '', 'the Signing Secret (Basic Information)') : undefined;
  return { bot, app, signingSecret };
}

function token(environment: Environment, name: string, prefix: string, what: string): string {
  const value = environment[name]?.trim() ?? '';
  if (value === '')
    throw new CodedError('config/slack', `${name} is not set. It is ${what} of the Slack app; docs/slack.md shows how to make one.`);
  if (!value.startsWith(prefix))
    throw new CodedError('config/slack', `${name} does not start with ${prefix}. It should be ${what} of the Slack app.`);
  return value;
}
