import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Exchange, HttpRequest } from './exchange.ts';

/** More bytes of headers are refused. */
export const MAX_HEADER_BYTES = 64 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

/** A kept connection that failed before anything came back. */
export class StaleConnection extends Error {}

/** A connection that did not come about in time. */
export class NoConnection extends Error {
  override readonly name = 'TimeoutError';
}

/** Sends a request and waits for the head of its response. Rejects with node's errors, StaleConnection or NoConnection. */
export function openResponse(
  sent: HttpRequest,
  how: RequestOptions & { readonly signal: AbortSignal; readonly ca?: string; readonly connectMs: number },
  request: typeof httpRequest = sent.url.protocol === 'https:' ? httpsRequest : httpRequest,
): Promise<IncomingMessage> {
  const { url, method, headers, body } = sent;
  const { connectMs, ...options } = how;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sending: ClientRequest = request(url, {
      ...options,
      method,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: { 'user-agent': 'imagepull', ...headers, ...length },
    });
    sending.on('response', resolve);
    sending.on('socket', (socket) => {
      if (sending.reusedSocket) return;
      const timer = setTimeout(() => sending.destroy(new NoConnection('no connection in time')), connectMs);
      const clear = () => clearTimeout(timer);
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', clear);
      sending.once('close', clear);
    });
    sending.on('error', (error) => reject(sending.reusedSocket ? new StaleConnection('', { cause: error }) : error));
    // Node treats a switch of protocols as no response at all.
    sending.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error('the server switches protocols'));
    });
    sending.on('close', () => reject(new Error('the connection was closed without an answer')));
    options.signal.addEventListener('abort', () => reject(options.signal.reason), { once: true });
    sending.end(body);
  });
}

/** Reads at most so much of a body: more is refused, the text of an error is cut, and a body that breaks off throws. */
export async function readResponse(response: IncomingMessage, request: HttpRequest): Promise<Exchange> {
  const status = response.statusCode ?? 0;
  const most = status >= 400 ? Math.min(MAX_ERROR_BYTES, request.maxBytes) : request.maxBytes;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= most) continue;
    response.destroy();
    if (status >= 400) break;
    return { kind: 'unusable', because: `${request.url.host} answers with more than ${Math.round(most / 1024)} KiB` };
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat().join(', ')]])),
  );
  return { kind: 'response', status, headers, body: Buffer.concat(chunks).subarray(0, most).toString('utf8') };
}
