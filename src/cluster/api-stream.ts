import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { HttpMethod } from './requested-right.ts';

/** An answer whose body is read as it comes. */
export interface StreamAnswer {
  readonly status: number;
  readonly retryAfterSeconds?: number;
  /** Its lines without those that are too long. Ends with the body; throws node's errors. */
  lines(): AsyncGenerator<string>;
  /** Lets go of the connection. */
  close(): void;
}

/** What is asked; `body` is an object to write. */
export interface StreamRequest {
  readonly signal: AbortSignal;
  readonly method?: HttpMethod;
  readonly body?: unknown;
  /** `application/json` unless told. */
  readonly contentType?: string | undefined;
  /** Longer lines are left out; 256 KiB unless told. */
  readonly maxLineBytes?: number;
}

/** An event is a few kB; what is longer is no event of a kubelet. */
const MAX_LINE_BYTES = 256 * 1024;
/** A connection whose other end is gone is found out by TCP after about a minute of silence. */
const KEEP_ALIVE_MS = 30_000;

/** Sends a GET, or a write of an object, and answers once the head is there. Throws node's errors, and what `signal` is aborted with. */
export function openStream(url: URL, base: RequestOptions, asked: StreamRequest): Promise<StreamAnswer> {
  const { signal, method = 'GET', body, contentType = 'application/json', maxLineBytes = MAX_LINE_BYTES } = asked;
  // Node.js sends the body of a DELETE without its length unless told, and a server takes it for the next request then.
  const written = body === undefined ? undefined : JSON.stringify(body);
  const options: RequestOptions = {
    ...base,
    signal,
    method,
    headers: {
      ...base.headers,
      accept: 'application/json',
      'user-agent': 'imagepull',
      ...(written === undefined ? {} : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(written)) }),
    },
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, options, (response) => {
      const retryAfter = Number(response.headers['retry-after'] ?? Number.NaN);
      resolve({
        status: response.statusCode ?? 0,
        ...(Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
        lines: () => linesOf(response, maxLineBytes),
        close: () => request.destroy(),
      });
    });
    request.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    request.on('error', reject);
    request.end(written);
  });
}

async function* linesOf(body: IncomingMessage, most: number): AsyncGenerator<string> {
  let kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      size += end;
      if (size <= most) {
        const line = Buffer.concat([...kept, rest.subarray(0, end)]).toString('utf8');
        if (line !== '') yield line;
      }
      kept = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
    size += rest.length;
    if (size <= most) kept.push(rest);
    else kept = [];
  }
  // Objects need no line break at their end.
  const last = Buffer.concat(kept).toString('utf8');
  if (last !== '') yield last;
}
