import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { deadline } from '../timing/deadline.ts';
import type { HttpProxy } from './proxy-environment.ts';

const MAX_ANSWER_BYTES = 16 * 1024;

/** A proxy that did not open a tunnel; the message is a sentence part for people: `the proxy requires authentication (407)`. */
export class TunnelError extends Error {
  readonly code = 'ERR_PROXY_TUNNEL';
}

/** Opens a tunnel through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6). Fails when the proxy is not there, refuses, or answers something else. */
export function openTunnel(
  proxy: HttpProxy,
  target: { readonly host: string; readonly port: number },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  const socket: Socket = proxy.tls
    ? connectTls({ host: proxy.host, port: proxy.port, servername: proxy.host })
    : connectTcp({ host: proxy.host, port: proxy.port });
  const opened = () =>
    new Promise<Socket>((resolve, reject) => {
      let answer = '';
      const read = (chunk: Buffer) => {
        answer += chunk.toString('latin1');
        if (answer.length > MAX_ANSWER_BYTES) return reject(new TunnelError('the proxy answers with too much'));
        if (!answer.includes('\r\n\r\n')) return;
        const status = /^HTTP\/1\.[01] ([0-9]{3})\b/.exec(answer)?.[1];
        if (!status?.startsWith('2')) return reject(new TunnelError(refusal(status)));
        socket.off('data', read);
        socket.off('error', reject);
        resolve(socket);
      };
      socket.once('error', reject);
      socket.once('close', () => reject(new TunnelError('the proxy closes the connection')));
      socket.on('data', read);
      socket.once(proxy.tls ? 'secureConnect' : 'connect', () => {
        const name = target.host.includes(':') ? `[${target.host}]` : target.host;
        const login = proxy.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization.reveal()}\r\n`;
        socket.write(`CONNECT ${name}:${target.port} HTTP/1.1\r\nHost: ${name}:${target.port}\r\n${login}\r\n`);
      });
    });
  return deadline({ ms: timeoutMs, signal }, opened).catch((error: unknown) => {
    // An error that comes later is nobody's: the way is given up.
    socket.on('error', () => undefined).destroy();
    throw error;
  });
}

function refusal(status: string | undefined): string {
  if (status === undefined) return 'the proxy answers with something that is not HTTP';
  return status === '407' ? 'the proxy requires authentication (407)' : `the proxy refuses (${status})`;
}
