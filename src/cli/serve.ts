import { readFileSync, statSync } from 'node:fs';
import { readConfig } from '../app/config.ts';
import { openService } from '../app/service.ts';
import { CodedError, fileProblem } from '../errors.ts';
import { createLogger } from '../telemetry/logger.ts';
import { endsWithin } from '../timing/deadline.ts';

export interface ServeOptions {
  readonly config?: string;
  readonly roles?: string;
  readonly clusters?: string;
}

/** Kubernetes kills after 30 s; what is not closed by then is left to the next process. */
const STOP_LIMIT_MS = 28_000;

/** Serves until SIGTERM or SIGINT, then ends what it is at within 25 s and hands the rest back. Throws `config/…` before it serves. */
export async function serveCommand(options: ServeOptions): Promise<void> {
  const log = createLogger(process.stdout);
  const config = readConfig({
    file: options.config === undefined ? undefined : { name: options.config, text: textOf(options.config) },
    environment: process.env,
    roles: options.roles,
    clusters: options.clusters,
  });
  const service = await openService(config, log);
  const signal = await new Promise<string>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
  log.info('stopping', { signal });
  log.info((await endsWithin(STOP_LIMIT_MS, service.stop())) ? 'stopped' : 'stopped before everything was closed');
  // A connection that is still being made would keep the process alive.
  process.exit();
}

/** More than this is no configuration. */
const MAX_CONFIG_BYTES = 1024 * 1024;

function textOf(file: string): string {
  try {
    const found = statSync(file);
    if (!found.isFile()) throw new CodedError('config/file', `The configuration ${file} is no regular file.`);
    if (found.size > MAX_CONFIG_BYTES) throw new CodedError('config/file', `The configuration ${file} is larger than 1 MiB.`);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('config/file', `Cannot read the configuration ${file}: ${fileProblem(cause)}.`, { cause });
  }
}
