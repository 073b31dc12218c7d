import type { HttpRoute } from '../../http/handler.ts';
import { createListener, type Listener } from '../../http/listener.ts';
import { type PrivateParts, privateRoutes } from '../../http/private-routes.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Config } from '../config.ts';

/** What a process listens on. */
export interface Listeners {
  /** Adds a path for people outside; the public port is opened only if there is one. */
  readonly addRoute: (route: HttpRoute) => void;
  /** Opens the public port, says on the private one that this process serves, and answers with the former. Throws `config/http`. */
  serve(): Promise<number | undefined>;
  /** Says that it serves no more, and closes the public port once what is being answered is. */
  stopServing(): Promise<void>;
  /** Closes the private port: health and figures can be seen until the end. */
  stop(): Promise<void>;
}

/** Opens the private port at once, so that health and figures can be seen while the rest starts. Throws `config/http`. */
export async function openListeners(
  { http }: Pick<Config, 'http'>,
  { log, ...given }: Omit<PrivateParts, 'isServing'> & { readonly log: Log },
): Promise<Listeners> {
  let isServing = false;
  let outside: Listener | undefined;
  const inside = createListener({ name: 'private', log });
  for (const route of privateRoutes({ ...given, isServing: () => isServing })) inside.route(route);
  const { port } = await inside.listen({ host: http.host, port: http.privatePort });
  log.info('listening for health checks and figures', { port });
  return {
    addRoute(route) {
      outside ??= createListener({ name: 'public', log });
      outside.route(route);
    },
    async serve() {
      const opened = await outside?.listen({ host: http.host, port: http.port });
      if (opened) log.info('listening for requests', opened);
      isServing = true;
      return opened?.port;
    },
    async stopServing() {
      isServing = false;
      await outside?.stop();
    },
    stop: () => inside.stop(),
  };
}
