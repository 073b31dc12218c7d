import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CallFaults, ChannelLimit, createCallFaults } from './faults.ts';
import { createPeople, type People } from './people.ts';
import { ResponseUrls } from './response-urls.ts';
import { Sockets } from './sockets.ts';
import { Triggers } from './triggers.ts';
import { answerCall, type Call } from './web-api.ts';
import { Workspace } from './workspace.ts';

/** Everything has a default; the limits are Slack's. */
export interface SlackServerOptions {
  readonly botToken?: string;
  readonly appToken?: string;
  readonly scopes?: readonly string[];
  /** Messages and edits that a channel takes at once, and how often one more, ms. */
  readonly burst?: number;
  /** What apps are told to open WebSockets at, in place of the stand-in's own address. */
  readonly socketUrl?: string;
  readonly everyMs?: number;
  /** How long an app may take to acknowledge, and to use a trigger, ms; 3 s at Slack. */
  readonly limitMs?: number;
}

/** A request as it came, for those who look for secrets in it. */
export interface SlackRequest {
  readonly method: string;
  readonly body: string;
  readonly at: number;
}

/** A local stand-in for Slack: Web API and Socket Mode on loopback, as strict as Slack is. */
export interface SlackServer extends People {
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly workspace: Workspace;
  readonly faults: CallFaults;
  readonly requests: readonly SlackRequest[];
  /** What was sent to response_urls. */
  readonly responses: readonly { readonly url: string; readonly body: unknown }[];
  readonly connected: () => number;
  /** The next delivery comes twice, as Slack's sometimes do. */
  deliverTwice(): void;
  /** Cuts all sockets, as Slack does when it refreshes them. */
  disconnectSockets(): void;
  stop(): Promise<void>;
}

const LIMIT_MS = 3_000;
const ALL_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'groups:history',
  'groups:read',
  'usergroups:read',
  'users:read',
];
const MAX_BODY = 1_000_000;

/** Starts the stand-in on a free loopback port. */
export async function startSlack(options: SlackServerOptions = {}): Promise<SlackServer> {
  const { botToken = 'xoxb-demo', appToken = 'xapp-demo', scopes = ALL_SCOPES, limitMs = LIMIT_MS } = options;
  const workspace = new Workspace(Date.now);
  const faults = createCallFaults();
  const triggers = new Triggers(limitMs);
  const requests: SlackRequest[] = [];
  const responses: { url: string; body: unknown }[] = [];
  const http = createServer((request, response) => {
    handle(request, response).catch((cause: unknown) => response.destroy(cause instanceof Error ? cause : undefined));
  });
  const sockets = new Sockets(http, limitMs);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  const responseUrls = new ResponseUrls(base, workspace);
  const answer = createAnswers({
    faults,
    limit: new ChannelLimit(options.burst ?? 4, options.everyMs ?? 1_000),
    scopes,
    asked: {
      workspace,
      botToken,
      appToken,
      scopes,
      spendTrigger: (id) => triggers.spend(id),
      socketUrl: () => options.socketUrl ?? `ws://127.0.0.1:${port}/socket`,
    },
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const url = new URL(request.url ?? '/', base);
    if (url.pathname.startsWith('/response/')) {
      const said: unknown = JSON.parse(body);
      responses.push({ url: url.pathname, body: said });
      const answered = responseUrls.answer(url.pathname, said);
      return send(response, answered.ok ? 200 : 400, answered.ok ? { ok: true } : { ok: false, error: answered.error });
    }
    if (!url.pathname.startsWith('/api/')) return send(response, 404, { ok: false });
    const method = url.pathname.slice('/api/'.length);
    requests.push({ method, body, at: Date.now() });
    answer(response, { method, arguments: argumentsOf(request, body), token: tokenOf(request, body) });
  }

  return {
    apiUrl: `${base}/api/`,
    botToken,
    appToken,
    workspace,
    faults,
    requests,
    responses,
    connected: () => sockets.connected,
    ...createPeople({ workspace, triggers, responseUrls, deliver: (type, payload) => sockets.deliver(type, payload) }),
    deliverTwice: () => sockets.deliverTwice(),
    disconnectSockets: () => sockets.disconnect(),
    async stop() {
      sockets.stop();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

/** Answers calls of the Web API, with the faults that were asked for and the limits of Slack. */
function createAnswers(given: {
  readonly faults: CallFaults;
  readonly limit: ChannelLimit;
  readonly scopes: readonly string[];
  readonly asked: Parameters<typeof answerCall>[1];
}): (response: ServerResponse, call: Call) => void {
  const { faults, limit, scopes, asked } = given;
  return (response, call) => {
    const fault = faults.take(call.method);
    if (fault?.kind === 'cut-before') return void response.destroy();
    if (fault?.kind === 'server-error') return send(response, 503, 'upstream connect error');
    const says = /^chat\.(?:postMessage|update)$/.test(call.method);
    const wait =
      fault?.kind === 'rate-limited'
        ? (fault.retryAfterS ?? 1)
        : says
          ? limit.take(String(call.arguments['channel']), Date.now())
          : undefined;
    if (wait !== undefined) return send(response, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(wait) });
    const answer = answerCall(call, asked);
    if (fault?.kind === 'cut-after') return void response.destroy();
    const headers = { 'x-oauth-scopes': scopes.join(',') };
    send(response, 200, answer.ok ? { ok: true, ...answer.body } : { ok: false, error: answer.error, ...answer.more }, headers);
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The client sends forms, with JSON where a value is no text, or JSON alone. */
function argumentsOf(request: IncomingMessage, body: string): Record<string, unknown> {
  if (request.headers['content-type']?.includes('json')) return JSON.parse(body) as Record<string, unknown>;
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([name, value]) => [
      name,
      ['blocks', 'metadata', 'view'].includes(name) ? JSON.parse(value) : value,
    ]),
  );
}

function tokenOf(request: IncomingMessage, body: string): string {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? new URLSearchParams(body).get('token') ?? '';
}

function send(response: ServerResponse, status: number, body: object | string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
