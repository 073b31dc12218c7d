import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { CodedError } from '../../errors.ts';
import { deadline } from '../../timing/deadline.ts';

/** How one GET is sent and bounded. */
export interface GetOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly accept: string;
  readonly maxBytes: number;
  /** What to do with a longer answer: refuse it, or keep its end, as of a log. */
  readonly overflow?: 'refuse' | 'keep-end' | undefined;
}

/** One HTTP answer; only the headers that are used. */
export interface GetAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number;
}

/** Of a log this much is read at most to get to its end. */
const MAX_READ_BYTES = 512 * 1024 * 1024;

/**
 * Sends one GET and reads its answer within bounds. Throws node's errors, and `cluster/bad-answer` for an answer that is too
 * long. A connection that was kept open and turns out to be closed is opened again.
 */
export function sendGet(url: URL, base: RequestOptions, how: GetOptions): Promise<GetAnswer> {
  return deadline({ ms: how.timeoutMs, signal: how.signal }, async (signal) => {
    // Each turn uses up one connection that was kept, so it ends at a new one.
    for (;;) {
      const answer = await sendOnce(url, { ...base, signal }, how);
      if (answer !== 'stale connection') return answer;
    }
  });
}

function sendOnce(url: URL, base: RequestOptions, how: GetOptions): Promise<GetAnswer | 'stale connection'> {
  const options: RequestOptions = {
    ...base,
    method: 'GET',
    headers: { ...base.headers, accept: how.accept, 'user-agent': 'imagepull' },
  };
  const mib = Math.round(how.maxBytes / 1024 / 1024);
  const tooLong = () => new CodedError('cluster/bad-answer', `${url.host} answers ${url.pathname} with more than ${mib} MiB.`);
  return new Promise((resolve, reject) => {
    let answered = false;
    const request = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, options, (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      let kept = 0;
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        kept += chunk.length;
        read += chunk.length;
        if (kept > how.maxBytes && how.overflow !== 'keep-end') request.destroy(tooLong());
        if (read > MAX_READ_BYTES) request.destroy(tooLong());
        while (kept - (chunks[0]?.length ?? 0) > how.maxBytes) kept -= chunks.shift()?.length ?? 0;
      });
      response.on('error', reject);
      response.on('end', () => {
        const retryAfter = Number(response.headers['retry-after'] ?? Number.NaN);
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('utf8'),
          ...(Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
        });
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const cut = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      if (cut && request.reusedSocket && !answered) resolve('stale connection');
      else reject(error);
    });
    request.end();
  });
}
