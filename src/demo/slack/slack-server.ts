import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { actionsOf, type Clickable } from './clickable.ts';
import { ChannelLimit, Faults } from './faults.ts';
import { answerCall, type Call, shownTo } from './web-api.ts';
import { type StoredMessage, Workspace } from './workspace.ts';

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

/** What an app answered. */
export interface Ack {
  readonly payload: unknown;
}

/** A local stand-in for Slack: Web API and Socket Mode on loopback, as strict as Slack is. */
export interface SlackServer {
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly workspace: Workspace;
  readonly faults: Faults;
  readonly requests: readonly SlackRequest[];
  /** What was sent to response_urls. */
  readonly responses: readonly { readonly url: string; readonly body: unknown }[];
  readonly connected: () => number;
  command(given: { readonly user: string; readonly channel: string; readonly text: string }): Promise<Ack>;
  mention(given: { readonly user: string; readonly channel: string; readonly text: string; readonly thread?: string }): Promise<Ack>;
  /** Clicks the button, or the entry of a menu, with this label. */
  click(given: { readonly user: string; readonly message: Clickable; readonly label: string }): Promise<Ack>;
  shortcut(given: { readonly user: string; readonly message: StoredMessage; readonly callbackId: string }): Promise<Ack>;
  suggest(given: { readonly user: string; readonly view: number; readonly actionId: string; readonly typed: string }): Promise<Ack>;
  submit(given: { readonly user: string; readonly view: number; readonly blockId: string; readonly value: string }): Promise<Ack>;
  openHome(user: string): Promise<Ack>;
  /** The next delivery comes twice, as Slack's sometimes do. */
  deliverTwice(): void;
  /** Cuts all sockets, as Slack does when it refreshes them. */
  disconnectSockets(): void;
  stop(): Promise<void>;
}

const LIMIT_MS = 3_000;
const MAX_SOCKETS = 10;
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
  const { botToken = 'xoxb-demo', appToken = 'xapp-demo', scopes = ALL_SCOPES, burst = 4, everyMs = 1_000, limitMs = LIMIT_MS } = options;
  const workspace = new Workspace(Date.now);
  const faults = new Faults();
  const limit = new ChannelLimit(burst, everyMs);
  const requests: SlackRequest[] = [];
  const responses: { url: string; body: unknown }[] = [];
  const triggers = new Map<string, { readonly at: number; used: boolean }>();
  const sockets: WebSocket[] = [];
  const waiting = new Map<string, (payload: unknown) => void>();
  let next = 0;
  let twice = false;

  const http = createServer((request, response) => {
    handle(request, response).catch((cause: unknown) => {
      response.destroy(cause instanceof Error ? cause : undefined);
    });
  });
  const socketServer = new WebSocketServer({ server: http, path: '/socket' });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;

  socketServer.on('connection', (socket) => {
    if (sockets.length >= MAX_SOCKETS) return socket.close(1008, 'too_many_websockets');
    sockets.push(socket);
    socket.send(JSON.stringify({ type: 'hello', num_connections: sockets.length, connection_info: { app_id: 'A0' } }));
    socket.on('message', (data) => {
      const { envelope_id: id, payload } = JSON.parse(String(data)) as { envelope_id: string; payload?: unknown };
      waiting.get(id)?.(payload);
    });
    socket.on('close', () => sockets.splice(sockets.indexOf(socket), 1));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const url = new URL(request.url ?? '/', base);
    if (url.pathname.startsWith('/response/')) {
      responses.push({ url: url.pathname, body: JSON.parse(body) });
      return send(response, 200, { ok: true });
    }
    if (!url.pathname.startsWith('/api/')) return send(response, 404, { ok: false });
    const method = url.pathname.slice('/api/'.length);
    requests.push({ method, body, at: Date.now() });
    await answer(response, { method, arguments: argumentsOf(request, body), token: tokenOf(request, body) });
  }

  async function answer(response: ServerResponse, call: Call): Promise<void> {
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
    const given = answerCall(call, {
      workspace,
      botToken,
      appToken,
      scopes,
      useTrigger,
      socketUrl: () => options.socketUrl ?? `ws://127.0.0.1:${port}/socket`,
    });
    if (fault?.kind === 'cut-after') return void response.destroy();
    const headers = { 'x-oauth-scopes': scopes.join(',') };
    send(response, 200, given.ok ? { ok: true, ...given.body } : { ok: false, error: given.error, ...given.more }, headers);
  }

  function useTrigger(id: string): 'fine' | 'trigger_expired' | 'trigger_exchanged' | 'invalid_trigger_id' {
    const trigger = triggers.get(id);
    if (!trigger) return 'invalid_trigger_id';
    if (trigger.used) return 'trigger_exchanged';
    if (Date.now() - trigger.at > limitMs) return 'trigger_expired';
    trigger.used = true;
    return 'fine';
  }

  function newTrigger(): string {
    const id = `${triggers.size + 1}.${randomUUID()}`;
    triggers.set(id, { at: Date.now(), used: false });
    return id;
  }

  /** Sends an envelope to one of the sockets and waits for its ack. */
  async function deliver(type: 'slash_commands' | 'interactive' | 'events_api', payload: object): Promise<Ack> {
    const id = randomUUID();
    const copies = twice ? 2 : 1;
    twice = false;
    const acked = Promise.race([
      new Promise<unknown>((resolve) => waiting.set(id, resolve)),
      new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error(`no ack of ${type} within ${limitMs} ms`)), limitMs).unref();
      }),
    ]);
    for (let copy = 0; copy < copies; copy++) {
      const socket = sockets[next++ % Math.max(1, sockets.length)];
      if (!socket) throw new Error('no app is connected');
      const retry = type === 'events_api' ? { retry_attempt: copy, retry_reason: copy > 0 ? 'timeout' : '' } : {};
      socket.send(JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: true, ...retry }));
    }
    const payloadOfAck = await acked;
    waiting.delete(id);
    return { payload: payloadOfAck };
  }

  const about = (user: string) => ({ team: { id: 'T0' }, user: { id: user, team_id: 'T0' }, api_app_id: 'A0', token: 'verification' });
  const responseUrl = () => `${base}/response/${randomUUID()}`;
  const event = (inner: object) =>
    deliver('events_api', {
      type: 'event_callback',
      team_id: 'T0',
      api_app_id: 'A0',
      event_id: `Ev${randomUUID()}`,
      event_time: Math.trunc(Date.now() / 1000),
      event: inner,
    });

  return {
    apiUrl: `${base}/api/`,
    botToken,
    appToken,
    workspace,
    faults,
    requests,
    responses,
    connected: () => sockets.length,
    command: ({ user, channel, text }) =>
      deliver('slash_commands', {
        command: '/imagepull',
        text,
        user_id: user,
        user_name: user.toLowerCase(),
        channel_id: channel,
        channel_name: channel.toLowerCase(),
        team_id: 'T0',
        team_domain: 'demo',
        api_app_id: 'A0',
        token: 'verification',
        response_url: responseUrl(),
        trigger_id: newTrigger(),
      }),
    mention({ user, channel, text, thread }) {
      const { ts } = workspace.post({ channel, user, text, threadTs: thread });
      return event({ type: 'app_mention', user, channel, text, ts, event_ts: ts, ...(thread === undefined ? {} : { thread_ts: thread }) });
    },
    click({ user, message, label }) {
      const action = actionsOf(message.blocks).find((candidate) => candidate.label === label);
      if (!action) throw new Error(`the message has nothing called ${label}`);
      const { channel, ts = workspace.nextTs(), threadTs } = message;
      return deliver('interactive', {
        type: 'block_actions',
        ...about(user),
        trigger_id: newTrigger(),
        response_url: responseUrl(),
        channel: { id: channel, name: 'channel' },
        container: { type: 'message', message_ts: ts, channel_id: channel, ...(threadTs === undefined ? {} : { thread_ts: threadTs }) },
        message: { type: 'message', ts, blocks: message.blocks },
        actions: [{ ...action.payload, block_id: 'b', action_ts: workspace.nextTs() }],
      });
    },
    shortcut: ({ user, message, callbackId }) =>
      deliver('interactive', {
        type: 'message_action',
        ...about(user),
        callback_id: callbackId,
        trigger_id: newTrigger(),
        response_url: responseUrl(),
        action_ts: workspace.nextTs(),
        message_ts: message.ts,
        channel: { id: message.channel, name: 'channel' },
        message: shownTo(message, false),
      }),
    suggest: ({ user, view, actionId, typed }) =>
      deliver('interactive', {
        type: 'block_suggestion',
        ...about(user),
        action_id: actionId,
        block_id: actionId,
        value: typed,
        view: viewAt(view),
        container: { type: 'view' },
      }),
    submit({ user, view, blockId, value }) {
      const choice = { type: 'external_select', selected_option: { text: { type: 'plain_text', text: value }, value } };
      const state = { values: { [blockId]: { [blockId]: choice } } };
      return deliver('interactive', {
        type: 'view_submission',
        ...about(user),
        trigger_id: newTrigger(),
        view: { ...viewAt(view), state },
        response_urls: [],
      });
    },
    openHome: (user) => event({ type: 'app_home_opened', user, channel: 'D0', tab: 'home', event_ts: workspace.nextTs() }),
    deliverTwice() {
      twice = true;
    },
    disconnectSockets() {
      for (const socket of sockets) {
        socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: {} }));
        socket.close();
      }
    },
    async stop() {
      for (const socket of socketServer.clients) socket.terminate();
      socketServer.close();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };

  function viewAt(at: number): object {
    const found = workspace.views[at];
    if (!found) throw new Error(`no window ${at} was opened`);
    return { id: found.id, hash: `${found.id}.1`, team_id: 'T0', type: 'modal', ...Object(found.view) };
  }
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
