import { configFile } from '../../app/config/file.ts';
import { secretsInFiles } from '../../app/config/secret-files.ts';
import { PROXIES } from '../../app/config/variables.ts';
import { readConfig } from '../../app/config.ts';
import { openService } from '../../app/service/service.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { endsWithin } from '../../timing/deadline.ts';

export interface ServeOptions {
  readonly config?: string;
  readonly roles?: string;
  readonly clusters?: string;
}

/** Kubernetes kills after 30 s; what is not closed by then is left to the next process. */
const STOP_LIMIT_MS = 28_000;

/**
 * Serves until SIGTERM or SIGINT, then ends what it is at within 25 s and hands the rest back; while it still opens, it ends at once.
 * Throws `config/…` before it serves.
 */
export async function serveCommand(options: ServeOptions): Promise<void> {
  const log = createLogger(process.stdout);
  // Whatever connects reads the proxies there, programs that a kubeconfig calls among them.
  Object.assign(process.env, secretsInFiles(process.env, PROXIES));
  const config = readConfig({
    file: configFile(options.config),
    environment: process.env,
    roles: options.roles,
    clusters: options.clusters,
  });
  // Heard from the start: who reads "serving" may ask to stop at once.
  const asked = new Promise<string>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
  const service = await Promise.race([openService(config, log), asked.then(() => undefined)]);
  const signal = await asked;
  log.info('stopping', { signal });
  log.info((await endsWithin(STOP_LIMIT_MS, service?.stop() ?? Promise.resolve())) ? 'stopped' : 'stopped before everything was closed');
  // A connection that is still being made would keep the process alive.
  process.exit();
}
