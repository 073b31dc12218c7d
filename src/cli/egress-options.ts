import type { TokenServers } from '../app/app.ts';
import { CodedError } from '../errors.ts';
import { isListEntry } from '../network/host-list.ts';
import type { LookOptions } from './options.ts';

/** Which servers may be asked, by the options. Throws `usage/allow-private` and `usage/token-server`. */
export function egressFrom({ allowLoopback = false, allowPrivate = [], tokenServer = [] }: Partial<LookOptions>) {
  const wrong = allowPrivate.find((entry) => !isListEntry(entry));
  if (wrong !== undefined)
    throw new CodedError(
      'usage/allow-private',
      `--allow-private takes a host, host:port or network, such as minio.corp.example:9000 or 10.0.0.0/8, and not ${wrong}.`,
    );
  return { allowLoopback, allowPrivate, tokenServers: tokenServersFrom(tokenServer) };
}

/** Reads `registry.corp.example=auth.corp.example`. */
function tokenServersFrom(pairs: readonly string[]): TokenServers {
  const read = pairs.map((pair) => {
    const [registry = '', server = '', ...more] = pair.split('=');
    if (more.length > 0 || ![registry, server].every((part) => isListEntry(part) && !/[/*]/.test(part)))
      throw new CodedError(
        'usage/token-server',
        `--token-server takes REGISTRY=HOST, such as registry.corp.example=auth.corp.example, and not ${pair}.`,
      );
    return { registry, server };
  });
  const byRegistry = Map.groupBy(read, ({ registry }) => registry);
  return Object.fromEntries([...byRegistry].map(([registry, servers]) => [registry, servers.map(({ server }) => server)]));
}
