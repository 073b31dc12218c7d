import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { z } from 'zod';
import { asCodedError, CodedError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';

/** How requests are taken. Every limit has a default. */
export interface HttpReceiverOptions {
  readonly signingSecret: string;
  readonly log: Log;
  /** A request has to be there whole within this, ms. */
  readonly requestMs?: number;
  /** How long a stop waits for requests that are being answered, ms. */
  readonly stopMs?: number;
}

const PATH = '/slack/events';
/** Slack's largest are messages with their blocks, well below this. */
const MAX_BYTES = 1024 * 1024;
const REQUEST_MS = 10_000;
const STOP_MS = 3_000;
/** Slack waits for three seconds; an answer after that is for nobody. */
const ANSWER_MS = 3_000;
/** Older requests may be replayed ones: docs.slack.dev/authentication/verifying-requests-from-slack. */
const MAX_AGE_S = 300;
/** Half-sent requests are looked for this often, ms. */
const CHECK_MS = 1_000;

/** An object: everything that Slack sends, whatever is in it. */
const Body = z.record(z.string(), z.unknown());

/** What a request is answered with. */
interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** Takes Slack's signed requests over HTTP. What is no request of Slack's is refused before any of it is read as more than bytes. */
export class HttpReceiver implements Receiver {
  readonly #options: Required<HttpReceiverOptions>;
  readonly #server: Server;
  #app: App | undefined;
  #stopping = false;

  constructor(options: HttpReceiverOptions) {
    this.#options = { requestMs: REQUEST_MS, stopMs: STOP_MS, ...options };
    const { requestMs, log } = this.#options;
    const limits = { requestTimeout: requestMs, headersTimeout: requestMs, connectionsCheckingInterval: Math.min(CHECK_MS, requestMs) };
    this.#server = createServer(limits, (request, response) => {
      this.#handle(request).then(
        (answer) => send(response, answer),
        (cause: unknown) => {
          log.warn('a Slack request failed', { because: asCodedError(cause).message.slice(0, 300) });
          send(response, { status: 500 });
        },
      );
    });
    // A request that no one can answer any more, such as one that is cut off.
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  init(app: App): void {
    this.#app = app;
  }

  /** Bolt's way to start; `listen` says on which port. */
  async start(port: number): Promise<Server> {
    this.#server.listen(port);
    await once(this.#server, 'listening');
    return this.#server;
  }

  /** Throws `config/slack` where the port cannot be listened on. */
  async listen(port: number): Promise<{ stop(): Promise<void> }> {
    try {
      await this.start(port);
    } catch (cause) {
      throw new CodedError('config/slack', `Port ${port} cannot be listened on: ${asCodedError(cause).message}`);
    }
    return { stop: () => this.stop() };
  }

  /** Takes no new request, lets those end that are being answered, and then cuts every connection, half-sent requests too. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), this.#options.stopMs);
    await closed;
    clearTimeout(timer);
  }

  async #handle(request: IncomingMessage): Promise<Answer> {
    if (this.#stopping) return { status: 503 };
    if (request.method !== 'POST' || request.url?.split('?', 1)[0] !== PATH) return { status: 404 };
    const raw = await bytesOf(request);
    if (raw === undefined) return { status: 413 };
    if (!isSigned(request, raw, this.#options.signingSecret)) return { status: 401 };
    const body = parsed(raw.toString('utf8'), request.headers['content-type'] ?? '');
    if (body === undefined) return { status: 400 };
    if (body['ssl_check'] === '1') return { status: 200 };
    if (body['type'] === 'url_verification') return { status: 200, body: { challenge: body['challenge'] } };
    return this.#process(body, request);
  }

  /** The answer is the acknowledgement, whenever that comes; the work may go on after it. */
  async #process(body: Record<string, unknown>, { headers }: IncomingMessage): Promise<Answer> {
    const acknowledged = Promise.withResolvers<Answer>();
    const event: ReceiverEvent = {
      body,
      ack: async (response) => acknowledged.resolve({ status: 200, body: response }),
      ...(headers['x-slack-retry-num'] === undefined ? {} : { retryNum: Number(headers['x-slack-retry-num']) }),
      ...(typeof headers['x-slack-retry-reason'] === 'string' ? { retryReason: headers['x-slack-retry-reason'] } : {}),
    };
    const timer = setTimeout(() => acknowledged.resolve({ status: 504 }), ANSWER_MS);
    this.#app?.processEvent(event).catch((cause: unknown) => acknowledged.reject(cause));
    try {
      return await acknowledged.promise;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The body, or undefined where it is too long. Throws where the request is cut off. */
async function bytesOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isSigned({ headers }: IncomingMessage, raw: Buffer, secret: string): boolean {
  const { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp } = headers;
  if (typeof signature !== 'string' || typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > MAX_AGE_S) return false;
  const expected = Buffer.from(`v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(raw).digest('hex')}`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A form, a form with JSON in its field `payload`, or JSON; undefined for what is no object. */
function parsed(text: string, contentType: string): Record<string, unknown> | undefined {
  if (!contentType.startsWith('application/x-www-form-urlencoded')) return json(text);
  const form = Object.fromEntries(new URLSearchParams(text));
  return form['payload'] === undefined ? form : json(form['payload']);
}

function json(text: string): Record<string, unknown> | undefined {
  try {
    return Body.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON: refused with 400 like everything else that is no object.
    return undefined;
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const isJson = typeof body === 'object' && body !== null;
  response.writeHead(status, {
    ...(isJson ? { 'content-type': 'application/json' } : {}),
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(isJson ? JSON.stringify(body) : typeof body === 'string' ? body : '');
}
