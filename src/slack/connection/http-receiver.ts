import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { z } from 'zod';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../../http/handler.ts';

const PATH = '/slack/events';
/** Slack waits for three seconds; an answer after that is for nobody. */
const ANSWER_MS = 3_000;
/** Older requests may be replayed ones: docs.slack.dev/authentication/verifying-requests-from-slack. */
const MAX_AGE_S = 300;

/** An object: everything that Slack sends, whatever is in it. */
const Body = z.record(z.string(), z.unknown());

/** Takes Slack's signed requests over HTTP. What is no request of Slack's is refused before any of it is read as more than bytes. */
export class HttpReceiver implements Receiver {
  readonly #signingSecret: string;
  #app: App | undefined;

  constructor(signingSecret: string) {
    this.#signingSecret = signingSecret;
  }

  /** Where the requests come in. */
  get route(): HttpRoute {
    return { methods: ['POST'], path: PATH, handle: (request) => this.#handle(request) };
  }

  init(app: App): void {
    this.#app = app;
  }

  /** Bolt's way to start. The listener that has the route is opened by whoever made it. */
  start = async (): Promise<void> => undefined;

  stop = async (): Promise<void> => undefined;

  /** Slack opens a connection for each request. */
  isConnected = (): boolean => true;

  async #handle({ headers, body: raw }: HttpRequest): Promise<HttpAnswer> {
    if (!isSigned(headers, raw, this.#signingSecret)) return { status: 401 };
    const body = parsed(raw.toString('utf8'), headers['content-type'] ?? '');
    if (body === undefined) return { status: 400 };
    if (body['ssl_check'] === '1') return { status: 200 };
    if (body['type'] === 'url_verification') return { status: 200, body: { challenge: body['challenge'] } };
    return this.#process(body, headers);
  }

  /** The answer is the acknowledgement, whenever that comes; the work may go on after it. */
  async #process(body: Record<string, unknown>, headers: IncomingHttpHeaders): Promise<HttpAnswer> {
    const acknowledged = Promise.withResolvers<HttpAnswer>();
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

function isSigned(headers: IncomingHttpHeaders, raw: Buffer, secret: string): boolean {
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
