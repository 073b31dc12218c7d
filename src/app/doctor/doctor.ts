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

/** Examines what a process with this configuration rests on, as far as it has the roles for it. `read` reads the configuration and throws what is wrong with it. Changes nothing. */
export async function examine(
  read: () => Config,
  { now, environment, signal }: { readonly now: () => Date; readonly environment: Environment; readonly signal?: AbortSignal },
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
        look: async () => ({ status: 'broken', says: message, hint: 'docs/configuration.md has every setting.' }),
      },
    ]);
  }
  const redis = config.redisUrl === undefined ? undefined : await redisChecks(config, config.redisUrl, now);
  try {
    return await makeChecks(
      [
        { category: 'configuration', id: 'configuration', needs: [], look: async () => configurationSeen(config, environment) },
        ...(config.slackTokens === undefined ? [] : await slackChecks(config, config.slackTokens)),
        ...(redis?.checks ?? [IN_MEMORY]),
        ...config.clusters.filter(({ name }) => config.workFor.includes(name)).flatMap((cluster) => clusterChecks(cluster, config, now)),
      ],
      signal === undefined ? {} : { signal },
    );
  } finally {
    await redis?.close();
  }
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
