import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
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
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const socket: Socket = proxy.tls
    ? connectTls({ host: proxy.host, port: proxy.port, servername: proxy.host })
    : connectTcp({ host: proxy.host, port: proxy.port });
  return new Promise<Socket>((resolve, reject) => {
    let answer = '';
    const fail = (reason: unknown) => {
      limit.removeEventListener('abort', stop);
      socket.destroy();
      reject(reason);
    };
    const stop = () => fail(limit.reason);
    if (limit.aborted) return stop();
    limit.addEventListener('abort', stop, { once: true });
    const read = (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (answer.length > MAX_ANSWER_BYTES) return fail(new TunnelError('the proxy answers with too much'));
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const status = /^HTTP\/1\.[01] ([0-9]{3})\b/.exec(answer)?.[1];
      if (!status?.startsWith('2')) return fail(new TunnelError(refusal(status)));
      socket.off('data', read);
      socket.off('error', fail);
      limit.removeEventListener('abort', stop);
      resolve(socket);
    };
    socket.once('error', fail);
    socket.once('close', () => fail(new TunnelError('the proxy closes the connection')));
    socket.on('data', read);
    socket.once(proxy.tls ? 'secureConnect' : 'connect', () => {
      const name = target.host.includes(':') ? `[${target.host}]` : target.host;
      const login = proxy.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization.reveal()}\r\n`;
      socket.write(`CONNECT ${name}:${target.port} HTTP/1.1\r\nHost: ${name}:${target.port}\r\n${login}\r\n`);
    });
  });
}

function refusal(status: string | undefined): string {
  if (status === undefined) return 'the proxy answers with something that is not HTTP';
  return status === '407' ? 'the proxy requires authentication (407)' : `the proxy refuses (${status})`;
}
