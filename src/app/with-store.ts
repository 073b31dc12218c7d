import { CodedError } from '../errors.ts';
import { SILENT } from '../telemetry/log.ts';
import type { ConfigFile } from './config/file.ts';
import type { Environment } from './config/secret-files.ts';
import { type Config, readConfig, redisUrlOf } from './config.ts';
import { type Backend, openBackend } from './service/backend.ts';

/** How a command finds what the service keeps. */
export interface StoredOptions {
  readonly file: ConfigFile | undefined;
  readonly environment: Environment;
}

/** Works with the store of a service, and closes it; `what` of it is wanted. Throws `config/…`, `store/unavailable`. */
export async function withStore<T>(
  { file, environment }: StoredOptions,
  what: string,
  work: (backend: Backend, config: Config) => Promise<T>,
): Promise<T> {
  if (redisUrlOf(environment) === undefined)
    throw new CodedError(
      'config/redis',
      `REDIS_URL is not set. It is the address of the Redis that the service uses, which keeps ${what}.`,
    );
  const config = readConfig({ file, environment, roles: 'worker', clusters: undefined });
  const backend = await openBackend(config, SILENT);
  try {
    return await work(backend, config);
  } finally {
    await backend.close();
  }
}
