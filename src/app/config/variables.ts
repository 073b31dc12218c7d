import type { FileConfig } from './schema.ts';

/** An environment variable that the service reads. */
interface Variable {
  readonly name: string;
  /** `url`: an address that may hold a password. Secrets and addresses may come from a file that `NAME_FILE` names. */
  readonly kind: 'secret' | 'url' | 'plain';
  /** For whoever sets it; Markdown. */
  readonly means: string;
}

/** The way to registries and to Slack. */
export const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'] as const;

/** Every variable whose name no configuration chooses, as docs/configuration.md lists them. */
export const VARIABLES: readonly Variable[] = [
  { name: 'SLACK_BOT_TOKEN', kind: 'secret', means: 'Bot User OAuth Token, `xoxb-…`; see [slack.md](slack.md)' },
  { name: 'SLACK_APP_TOKEN', kind: 'secret', means: 'app-level token with `connections:write`, `xapp-…`; for Socket Mode' },
  { name: 'SLACK_SIGNING_SECRET', kind: 'secret', means: 'for `slack.mode: http`, in place of the app token' },
  {
    name: 'REDIS_URL',
    kind: 'url',
    means:
      '`redis://HOST:6379` or `rediss://USER:PASSWORD@HOST:6379`. Without it everything is kept in memory: one replica, and a restart forgets.',
  },
  { name: 'REDIS_PASSWORD', kind: 'secret', means: 'the password of Redis, where it is not in the address; written as it is' },
  { name: 'HTTPS_PROXY', kind: 'url', means: 'the proxy for `https://` addresses; [below](#behind-a-proxy)' },
  { name: 'HTTP_PROXY', kind: 'url', means: 'the proxy for `http://` addresses' },
  { name: 'ALL_PROXY', kind: 'url', means: 'the proxy where those are not set' },
  {
    name: 'NO_PROXY',
    kind: 'plain',
    means: 'what is reached without a proxy: a list of names, `.suffixes`, addresses and CIDR ranges, or `*`',
  },
  {
    name: 'NODE_EXTRA_CA_CERTS',
    kind: 'plain',
    means:
      'a file of certificates (PEM) that are trusted besides the usual ones: those of a private authority, or of a proxy that opens TLS',
  },
  { name: 'KUBECONFIG', kind: 'plain', means: 'where kubeconfigs are, for clusters of which the configuration names none' },
];

/** Names of the variables in which a configuration's alert sources have their secrets, each once. */
export function sourceSecrets({ alerts }: Pick<FileConfig, 'alerts'>): readonly string[] {
  return [...new Set(alerts.sources.flatMap(({ authentication }) => authentication.secret))];
}

/** Names of the variables that a gateway needs for Slack. */
export function slackSecrets({ slack }: Pick<FileConfig, 'slack'>): readonly string[] {
  return ['SLACK_BOT_TOKEN', slack.mode === 'socket' ? 'SLACK_APP_TOKEN' : 'SLACK_SIGNING_SECRET'];
}
