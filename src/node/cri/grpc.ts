import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { CodedError } from '../../errors.ts';
import { deadline } from '../../timing/deadline.ts';
import type { Call } from './messages.ts';
import type { Message } from './wire.ts';

/** What a server answered: the message, or a status that is not OK with its words. */
export type Answer<T> =
  | { readonly status: 'ok'; readonly value: T }
  | { readonly status: 'refused'; readonly code: number; readonly message: string };

/** Statuses of gRPC that are told apart, https://grpc.io/docs/guides/status-codes. */
export const STATUS = { ok: 0, unknown: 2, deadlineExceeded: 4, notFound: 5, unimplemented: 12, unavailable: 14 } as const;

/** A gRPC server behind a unix socket. */
export interface Channel {
  /** One call with one answer. Throws `node/unreachable`, `node/forbidden`, `node/timeout` and `node/bad-answer`. */
  call<Q, A>(
    call: Call<Message<Q>, Message<A>>,
    question: Partial<Q>,
    how: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Answer<A>>;
  close(): void;
}

/** Nodes with thousands of images and containers need more than the usual 4 MiB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const PREFIX_BYTES = 5;
const MAX_CALLS_AT_ONCE = 64;

/** Opens no connection before the first call; one that broke is opened again by the next. */
export function createChannel(socket: string, maxAnswerBytes = MAX_ANSWER_BYTES): Channel {
  let session: ClientHttp2Session | undefined;

  function current(): ClientHttp2Session {
    if (session && !session.closed && !session.destroyed) return session;
    session = connect('http://localhost', { createConnection: () => connectSocket(socket), settings: { initialWindowSize: 1024 * 1024 } });
    // Every call on it hears of the error by itself, and some go on side by side.
    session.setMaxListeners(MAX_CALLS_AT_ONCE);
    session.on('error', () => undefined);
    return session;
  }

  return {
    async call(call, question, { timeoutMs, signal }) {
      const late = () =>
        new CodedError('node/timeout', `The container runtime gave no answer to ${nameOf(call.path)} within ${timeoutMs} ms.`);
      const bytes = await deadline({ ms: timeoutMs, signal, error: late }, (limit) =>
        exchange(current(), { path: call.path, body: framed(call.question.encode(question)), socket, maxAnswerBytes, timeoutMs }, limit),
      );
      if (bytes.status !== 'ok') return bytes;
      try {
        return { status: 'ok', value: call.answer.decode(bytes.value) };
      } catch (cause) {
        throw new CodedError('node/bad-answer', `${socket} answers ${nameOf(call.path)} with something that is no message of CRI.`, {
          cause,
        });
      }
    },
    close() {
      session?.destroy();
    },
  };
}

interface Sent {
  readonly path: string;
  readonly body: Uint8Array;
  readonly socket: string;
  readonly maxAnswerBytes: number;
  readonly timeoutMs: number;
}

function exchange(session: ClientHttp2Session, sent: Sent, signal: AbortSignal): Promise<Answer<Uint8Array>> {
  return new Promise((resolve, reject) => {
    const broken = (cause: unknown) => reject(unreachable(sent.socket, cause));
    session.once('error', broken);
    const stream = session.request({
      ':method': 'POST',
      ':path': sent.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'imagepull',
      'grpc-timeout': `${Math.max(1, Math.min(sent.timeoutMs, 99_999_999))}m`,
    });
    const cancel = () => stream.close(constants.NGHTTP2_CANCEL);
    signal.addEventListener('abort', cancel, { once: true });
    stream.once('error', broken);
    stream.once('close', () => {
      session.off('error', broken);
      signal.removeEventListener('abort', cancel);
      // Settled already, unless the connection went away without a word.
      broken(undefined);
    });
    collect(stream, sent, { resolve, reject });
    stream.end(sent.body);
  });
}

function collect(
  stream: ClientHttp2Stream,
  { socket, path, maxAnswerBytes }: Sent,
  settle: { readonly resolve: (answer: Answer<Uint8Array>) => void; readonly reject: (error: Error) => void },
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let last: IncomingHttpHeaders = {};
  stream.on('response', (headers) => {
    last = headers;
  });
  stream.on('trailers', (trailers) => {
    last = { ...last, ...trailers };
  });
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= maxAnswerBytes + PREFIX_BYTES) return;
    settle.reject(
      new CodedError(
        'node/bad-answer',
        `${socket} answers ${nameOf(path)} with more than ${Math.round(maxAnswerBytes / 1024 / 1024)} MiB.`,
      ),
    );
    stream.close(constants.NGHTTP2_CANCEL);
  });
  stream.on('end', () => {
    const code = Number(last['grpc-status'] ?? Number.NaN);
    if (Number.isNaN(code)) {
      // Without a status the stream was cut (close tells), or this is no gRPC.
      const http = last[':status'];
      if (http !== undefined) settle.reject(noGrpc(socket, path));
      return;
    }
    if (code !== STATUS.ok) return settle.resolve({ status: 'refused', code, message: decoded(String(last['grpc-message'] ?? '')) });
    const body = Buffer.concat(chunks);
    const whole = body.length >= PREFIX_BYTES && body[0] === 0 && body.readUInt32BE(1) === body.length - PREFIX_BYTES;
    if (whole) settle.resolve({ status: 'ok', value: body.subarray(PREFIX_BYTES) });
    else settle.reject(noGrpc(socket, path));
  });
}

function noGrpc(socket: string, path: string): CodedError {
  return new CodedError('node/bad-answer', `${socket} answers ${nameOf(path)} with something that is not gRPC.`);
}

/** One message, not compressed, with its length before it. */
function framed(bytes: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(PREFIX_BYTES + bytes.length);
  frame.writeUInt32BE(bytes.length, 1);
  frame.set(bytes, PREFIX_BYTES);
  return frame;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Words come percent-encoded, as UTF-8. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A server that does not encode may write a lone %.
    return text;
  }
}

function unreachable(socket: string, cause: unknown): CodedError {
  const code = systemCode(cause);
  if (code === 'EACCES' || code === 'EPERM')
    return new CodedError('node/forbidden', `${socket} may not be opened: permission denied. Its owner is root.`, { cause });
  if (code === 'ENOENT') return new CodedError('node/unreachable', `${socket} does not exist.`, { cause });
  if (code === 'ECONNREFUSED') return new CodedError('node/unreachable', `Nobody listens on ${socket}.`, { cause });
  return new CodedError('node/unreachable', `The connection to ${socket} was cut.`, { cause });
}

/** A stream that was cancelled with its connection has the connection's error behind its own. */
function systemCode(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined;
  return cause.cause instanceof Error ? systemCode(cause.cause) : 'code' in cause ? cause.code : undefined;
}
