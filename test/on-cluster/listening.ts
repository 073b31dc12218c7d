import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** Listens on a port of loopback, 0 for any; answers which. */
export async function listening(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
