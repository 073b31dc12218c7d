import { existsSync } from 'node:fs';
import type { Check, Checked, Seen } from '../../doctor/check.ts';
import { makeChecks } from '../../doctor/make-checks.ts';
import { asCodedError } from '../../errors.ts';
import { list } from '../../text/wording.ts';
import { createAuthenticator } from '../../webhooks/authentication.ts';
import { checkNamed } from '../config/check.ts';
import type { Environment } from '../config/secret-files.ts';
import type { Config } from '../config.ts';
import { alertSecrets } from '../service/alerts.ts';
import { clusterChecks } from './cluster-checks.ts';
import { redisChecks } from './redis-checks.ts';
import { slackChecks } from './slack-checks.ts';

interface ExamineOptions {
  readonly now: () => Date;
  readonly environment: Environment;
  /** Ends it; what was not answered by then is left out. */
  readonly signal?: AbortSignal;
  /** Ids of checks that are not made. */
  readonly leaveOut?: readonly string[];
}

/** Examines what a process with this configuration rests on, as far as it has the roles for it. `read` reads the configuration and throws what is wrong with it. Changes nothing. */
export async function examine(
  read: () => Config,
  { now, environment, signal, leaveOut = [] }: ExamineOptions,
): Promise<readonly Checked[]> {
  let config: Config;
  try {
    config = read();
  } catch (cause) {
    const { fault, message } = asCodedError(cause);
    if (fault === 'bug') throw cause;
    return makeChecks([
      {
        category: 'configuration',
        id: 'configuration',
        needs: [],
        look: async () => ({
          status: 'broken',
          says: message,
          hint: 'Mend it and look again: imagepull config check FILE shows all that is wrong with a file.',
        }),
      },
    ]);
  }
  const redis = config.redisUrl === undefined ? undefined : await redisChecks(config, config.redisUrl, now);
  try {
    const checks: readonly Check[] = [
      { category: 'configuration', id: 'configuration', needs: [], look: async () => configurationSeen(config, environment) },
      ...(config.slackTokens === undefined ? [] : await slackChecks(config, config.slackTokens)),
      ...(redis?.checks ?? [IN_MEMORY]),
      ...clustersOf(config).flatMap((cluster) => clusterChecks(cluster, config, now)),
    ];
    return await makeChecks(
      checks.filter(({ id }) => !leaveOut.includes(id)),
      signal === undefined ? {} : { signal },
    );
  } finally {
    await redis?.close();
  }
}

/** A gateway asks no cluster for anything. */
function clustersOf({ roles, clusters, workFor }: Config): Config['clusters'] {
  return roles.some((role) => role !== 'gateway') ? clusters.filter(({ name }) => workFor.includes(name)) : [];
}

const IN_MEMORY: Check = {
  category: 'redis',
  id: 'redis-reachable',
  needs: [],
  look: async () => ({
    status: 'skipped',
    says: 'REDIS_URL is not set: everything is kept in memory, so run one replica; a restart forgets what was under way.',
  }),
};

/** Throws `config/alerts` for what keeps a gateway from starting. */
function configurationSeen(config: Config, environment: Environment): Seen {
  if (config.roles.includes('gateway')) {
    const withSecrets = alertSecrets(config, environment);
    for (const { name, authentication } of config.alerts.sources)
      createAuthenticator(authentication, { source: name, environment: withSecrets });
  }
  const { absent } = checkNamed(config, existsSync);
  if (absent.length > 0)
    return {
      status: 'broken',
      says: `Not here: ${list(absent.map(({ setting, file }) => `${file} (${setting})`))}.`,
      hint: 'Put the files there, or name others.',
    };
  const clusters = config.workFor.length === 0 ? 'for no cluster' : `for ${list(config.workFor)}`;
  return { status: 'ok', says: `It is read: ${list(config.roles)}, ${clusters}.` };
}
