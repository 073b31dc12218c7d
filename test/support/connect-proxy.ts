import { connect, createServer, type Server } from 'node:net';

/** An HTTP proxy that opens tunnels, for a test. */
export interface ConnectProxy {
  readonly server: Server;
  /** The head of each request so far. */
  readonly heads: readonly string[];
}

/** `leadTo` says which loopback port the tunnel to a host ends at; a status line in its place is the proxy's refusal. */
export function connectProxy(leadTo: (host: string) => number | string): ConnectProxy {
  const heads: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (chunk) => {
      const head = chunk.toString('latin1');
      heads.push(head);
      const target = leadTo(/^CONNECT ([^: ]+):/.exec(head)?.[1] ?? '');
      if (typeof target === 'string') return void socket.end(`HTTP/1.1 ${target}\r\n\r\n`);
      const onward = connect(target, '127.0.0.1');
      onward.on('error', () => socket.destroy());
      socket.on('close', () => onward.destroy());
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
  });
  return { server, heads };
}
