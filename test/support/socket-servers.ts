import type { Server, Socket } from 'node:net';
import { afterEach } from 'vitest';

/** Servers on loopback for the tests of one file; whatever they leave open is cut after each test. */
export interface SocketServers {
  readonly servers: readonly Server[];
  readonly sockets: ReadonlySet<Socket>;
  /** Listens on a free port and answers with it. */
  listen(server: Server): Promise<number>;
  /** Cuts this socket as well. */
  watch(socket: Socket): void;
}

/** Call it once at the top of a test file. */
export function socketServers(): SocketServers {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const watch = (socket: Socket): void => {
    sockets.add(socket);
    // What a client does to a connection is the test's affair, not the server's.
    socket.on('error', () => undefined);
  };
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });
  return {
    servers,
    sockets,
    watch,
    async listen(server) {
      servers.push(server);
      server.on('connection', watch);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      return typeof address === 'object' && address ? address.port : 0;
    },
  };
}
