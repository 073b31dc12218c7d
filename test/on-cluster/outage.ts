import { connect, createServer, type Socket } from 'node:net';
import { listening } from './listening.ts';

/** Passes connections on to an API server, until it is told to be away. */
export interface Outage {
  readonly port: number;
  /** Cuts every connection and takes none. */
  begin(): Promise<void>;
  end(): Promise<void>;
  stop(): Promise<void>;
}

/** Stands on loopback in front of `host:port`. */
export async function outageBefore(target: { readonly host: string; readonly port: number }): Promise<Outage> {
  const sockets = new Set<Socket>();
  const pass = (socket: Socket): void => {
    const other = connect(target.port, target.host);
    for (const one of [socket, other]) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        socket.destroy();
        other.destroy();
      });
    }
    socket.pipe(other).pipe(socket);
  };
  let server = createServer(pass);
  const port = await listening(server, 0);
  const begin = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port,
    begin,
    async end() {
      server = createServer(pass);
      await listening(server, port);
    },
    stop: begin,
  };
}
