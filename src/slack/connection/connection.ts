import { App, type Logger, LogLevel, type ReceiverEvent, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { CodedError } from '../../errors.ts';
import type { HttpRoute } from '../../http/handler.ts';
import { type Log, SILENT } from '../../telemetry/log.ts';
import { chatError } from '../error.ts';
import { type SlackUse, scopesFor } from '../manifest.ts';
import { HttpReceiver } from './http-receiver.ts';
import type { SlackNetwork } from './network.ts';
import { keepConnected } from './socket-mode.ts';

/** How Slack is reached. */
export type SlackAccess = {
  readonly botToken: string;
  readonly apiUrl: string;
  readonly network: SlackNetwork;
  readonly use: SlackUse;
} & (
  | { readonly mode: 'socket'; readonly appToken: string }
  /** `addRoute` takes the path at which Slack's requests come in, before the listener is open. */
  | { readonly mode: 'http'; readonly signingSecret: string; readonly addRoute: (route: HttpRoute) => void }
);

/** Events that must not be lost. */
const Kept = z.looseObject({ event: z.looseObject({ type: z.enum(['app_mention', 'message']) }) });

/** Bolt acknowledges an event before anybody has seen it; here a mention or a message is acknowledged by who takes it, once it cannot be lost. */
export class SlackApp extends App {
  readonly #acks = new WeakMap<object, () => Promise<void>>();

  override async processEvent(event: ReceiverEvent): Promise<void> {
    if (!Kept.safeParse(event.body).success) return super.processEvent(event);
    let acked: Promise<void> | undefined;
    const ack = () => {
      acked ??= event.ack();
      return acked;
    };
    this.#acks.set(event.body, ack);
    await super.processEvent({ ...event, ack: async () => undefined });
    await ack(); // where nobody took it
  }

  /** The acknowledgement of a mention or a message, by its body. */
  async acknowledge(body: object): Promise<void> {
    await this.#acks.get(body)?.();
  }
}

/** What people wait for is tried once more. */
const RETRIES = 1;

type Access = Pick<SlackAccess, 'botToken' | 'apiUrl' | 'network'>;

function clientOptions({ apiUrl, network }: Access, retries: number) {
  return { slackApiUrl: apiUrl, retryConfig: { retries }, rejectRateLimitedCalls: true, timeout: 10_000, fetch: network.fetch };
}

/** A client that throws what it cannot do, and logs nothing: whoever asked tells that. */
export function createSlackClient(access: Access, retries: number): WebClient {
  return new WebClient(access.botToken, { ...clientOptions(access, retries), logger: connectionLogger(SILENT) });
}

/** The way on which Slack's requests come in. */
export interface Connection {
  /** False while it is away and made anew. */
  isConnected(): boolean;
  stop(): Promise<unknown>;
}

/** An app that is not connected yet, and what connects it. */
export interface UnconnectedApp {
  readonly app: SlackApp;
  /** `https://example.slack.com/` */
  readonly workspaceUrl: string;
  /** Connects. Throws `config/slack`, and `chat/unavailable` where Slack cannot be reached. */
  connect(): Promise<Connection>;
}

/** Throws `config/slack` for a token or scopes that do not do, `chat/unavailable` where Slack cannot be reached. */
export async function createApp(access: SlackAccess, log: Log): Promise<UnconnectedApp> {
  const { workspaceUrl, ...bot } = await identityOf(createSlackClient(access, RETRIES), access);
  const logger = connectionLogger(log);
  const common = {
    token: access.botToken,
    // Without these Bolt asks Slack who it is before each delivery.
    ...bot,
    clientOptions: clientOptions(access, RETRIES),
    logger,
    convoStore: false,
    tokenVerificationEnabled: false,
  } as const;
  if (access.mode === 'http') {
    const receiver = new HttpReceiver(access.signingSecret);
    access.addRoute(receiver.route);
    return { app: new SlackApp({ ...common, receiver }), workspaceUrl, connect: async () => receiver };
  }
  const receiver = new SocketModeReceiver({
    appToken: access.appToken,
    dispatcher: access.network.dispatcher,
    logger,
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: clientOptions(access, RETRIES) },
  });
  const app = new SlackApp({ ...common, receiver });
  return { app, workspaceUrl, connect: () => keepConnected(receiver.client, access.network, () => app.start(), log) };
}

async function identityOf(
  client: WebClient,
  { network, use }: SlackAccess,
): Promise<{ readonly botId: string; readonly botUserId: string; readonly workspaceUrl: string }> {
  const answer = await client.auth.test().catch((cause: unknown) => {
    const { code, message } = chatError(cause);
    const failure = network.failure();
    throw code === 'chat/unavailable'
      ? new CodedError(code, failure === undefined ? message : `Slack cannot be reached: ${failure}.`, { retryable: true })
      : new CodedError('config/slack', message);
  });
  const granted = answer.response_metadata?.scopes;
  const missing = scopesFor(use).filter(({ name }) => granted !== undefined && !granted.includes(name));
  if (missing.length > 0) {
    const names = missing.map(({ name, why }) => `${name} (${why})`).join(', ');
    throw new CodedError(
      'config/slack',
      `The Slack app lacks the scopes ${names}. Add them under OAuth & Permissions and install the app again.`,
    );
  }
  const { bot_id: botId, user_id: botUserId, url: workspaceUrl = 'https://slack.com/' } = answer;
  if (botId === undefined || botUserId === undefined)
    throw new CodedError(
      'config/slack',
      'SLACK_BOT_TOKEN is not the token of a bot. Copy the Bot User OAuth Token from OAuth & Permissions.',
    );
  return { botId, botUserId, workspaceUrl };
}

/** Slack's libraries say more than anybody wants to know, and some of it holds request bodies. */
function connectionLogger(log: Log): Logger {
  const quiet = () => undefined;
  return {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (...parts) => {
      const because = parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
      // Who keeps the connection tells these, and why.
      if (!/^(?:WebSocket error|Failed to retrieve a new WSS URL)/.test(because))
        log.warn('Slack connection', { because: because.slice(0, 300) });
    },
    setLevel: quiet,
    getLevel: () => LogLevel.ERROR,
    setName: quiet,
  };
}
