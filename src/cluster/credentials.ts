import { Agent, type RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { CodedError } from '../errors.ts';
import { deadline } from '../timing/deadline.ts';

/** Who the program is to an API server, asked for each request: tokens end, and files are replaced. */
export interface Credentials {
  /** Headers and TLS material for a request. Requests of one moment share one run of an exec plugin. Throws what the plugin fails with. */
  forRequest(): Promise<RequestOptions>;
  /** What to send instead of what the server refused with 401; undefined where there is nothing else. */
  insteadOf(refused: RequestOptions): Promise<RequestOptions | undefined>;
}

/** A plugin may wait for a person who logs in; after this nobody is there. */
const PLUGIN_MS = 60_000;
/** Longer than a diagnosis pauses, shorter than what lies in between forgets an idle connection. */
const IDLE_MS = 15_000;

/**
 * The credentials of a kubeconfig's current context. `reload` reads the kubeconfig again; without it nothing but its plugins
 * and files is asked anew. A plugin is waited for `pluginMs`.
 */
export function createCredentials(
  given: KubeConfig,
  reload: () => Promise<KubeConfig> = async () => copyOf(given),
  pluginMs: number = PLUGIN_MS,
): Credentials {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  let config = given;
  let preparing: Promise<RequestOptions> | undefined;
  let renewing: Promise<void> | undefined;
  let last: RequestOptions | undefined;

  async function prepare(): Promise<RequestOptions> {
    try {
      const options = await applied(config, pluginMs);
      const proxied = config.getCurrentCluster()?.proxyUrl !== undefined;
      // The client's agent for a proxy shows the certificate that it was made with for ever.
      if (proxied && last && !sameCertificate(options, last)) {
        config = copyOf(config);
        last = await applied(config, pluginMs);
      } else last = proxied ? options : { ...options, agent };
      return last;
    } catch (cause) {
      // The client keeps what a plugin printed even where it is of no use.
      config = copyOf(config);
      throw cause;
    }
  }

  function forRequest(): Promise<RequestOptions> {
    preparing ??= prepare().finally(() => {
      preparing = undefined;
    });
    return preparing;
  }

  /** A token of a login provider lives in memory only, so its kubeconfig is not read again. */
  async function renew(): Promise<void> {
    const copy = copyOf(config);
    config = config.getCurrentUser()?.authProvider ? copy : await reloaded(copy);
  }

  /** The kubeconfig as it is now, as long as the same context leads to the same server: a run never changes its cluster. */
  async function reloaded(before: KubeConfig): Promise<KubeConfig> {
    const again = await reload();
    again.setCurrentContext(before.getCurrentContext());
    return again.getCurrentCluster()?.server === before.getCurrentCluster()?.server ? again : before;
  }

  return {
    forRequest,
    async insteadOf(refused) {
      const current = await forRequest();
      if (!sameCredentials(current, refused)) return current;
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      await renewing;
      const renewed = await forRequest();
      return sameCredentials(renewed, refused) ? undefined : renewed;
    },
  };
}

/** A kubeconfig with the same content that remembers no answer of a plugin, no token file and no connection. */
function copyOf(config: KubeConfig): KubeConfig {
  const copy = new KubeConfig();
  copy.loadFromOptions({
    clusters: config.getClusters(),
    users: config.getUsers(),
    contexts: config.getContexts(),
    currentContext: config.getCurrentContext(),
  });
  return copy;
}

/** What the client makes of the current user, within a time limit: a plugin that hangs must not hang its caller. */
async function applied(config: KubeConfig, pluginMs: number): Promise<RequestOptions> {
  const plugin = config.getCurrentUser()?.exec?.command;
  const options: RequestOptions = {};
  const error = () => new CodedError('cluster/unauthenticated', `${pluginWords(plugin)} gave no credentials within ${pluginMs / 1000} s.`);
  try {
    await deadline({ ms: pluginMs, error }, () => config.applyToHTTPSOptions(options));
    const authorization = authorizationOf(options);
    // Editors end a token file with a line break, which no header may hold.
    return authorization === undefined ? options : { ...options, headers: { ...options.headers, Authorization: authorization.trim() } };
  } catch (cause) {
    throw plugin === undefined ? cause : pluginError(plugin, cause);
  }
}

function pluginWords(plugin: string | undefined): string {
  return plugin === undefined ? 'The kubeconfig' : `The credential plugin ${plugin}`;
}

function pluginError(plugin: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof CodedError) return cause;
  if ('code' in cause && cause.code === 'ENOENT') return new Error(`the credential plugin ${plugin} is not installed, or not in PATH`);
  // A plugin that prints something else is a surprise to the client.
  if (cause instanceof TypeError || cause instanceof SyntaxError)
    return new Error(`the credential plugin ${plugin} printed no credentials`);
  const said = cause.message
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '');
  return new Error(said ?? `the credential plugin ${plugin} failed and said nothing`, { cause });
}

function sameCredentials(one: RequestOptions, other: RequestOptions): boolean {
  return authorizationOf(one) === authorizationOf(other) && one.auth === other.auth && sameCertificate(one, other);
}

function authorizationOf({ headers }: RequestOptions): string | undefined {
  const value = headers && 'Authorization' in headers ? headers['Authorization'] : undefined;
  return value === undefined ? undefined : String(value);
}

function sameCertificate(one: RequestOptions, other: RequestOptions): boolean {
  return String(one.cert) === String(other.cert) && String(one.key) === String(other.key) && String(one.ca) === String(other.ca);
}
