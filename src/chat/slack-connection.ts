import { App, type Logger, LogLevel, type ReceiverEvent } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { asCodedError, CodedError } from '../errors.ts';
import { type Log, SILENT } from '../log.ts';
import { chatError } from './slack-error.ts';

/** How Slack is reached. */
export type SlackAccess = {
  readonly botToken: string;
  readonly apiUrl: string;
} & (
  | { readonly mode: 'socket'; readonly appToken: string }
  | { readonly mode: 'http'; readonly signingSecret: string; readonly port: number }
);

/** Scopes that slack-manifest.yaml asks for and that are checked at start. */
export const SCOPES = ['app_mentions:read', 'channels:history', 'chat:write', 'commands', 'groups:history'];
const Mention = z.looseObject({ event: z.looseObject({ type: z.literal('app_mention') }) });

/** Bolt acknowledges an event before anybody has seen it; here a mention is acknowledged by who takes it, once it cannot be lost. */
export class SlackApp extends App {
  readonly #acks = new WeakMap<object, () => Promise<void>>();

  override async processEvent(event: ReceiverEvent): Promise<void> {
    if (!Mention.safeParse(event.body).success) return super.processEvent(event);
    let acked: Promise<void> | undefined;
    const ack = () => {
      acked ??= event.ack();
      return acked;
    };
    this.#acks.set(event.body, ack);
    await super.processEvent({ ...event, ack: async () => undefined });
    await ack(); // where nobody took it
  }

  /** The acknowledgement of a mention, by its body. */
  async acknowledge(body: object): Promise<void> {
    await this.#acks.get(body)?.();
  }
}

/** What people wait for is tried once more. */
const RETRIES = 1;

function clientOptions(apiUrl: string, retries: number) {
  return { slackApiUrl: apiUrl, retryConfig: { retries }, rejectRateLimitedCalls: true, timeout: 10_000 };
}

/** A client that throws what it cannot do, and logs nothing: whoever asked tells that. */
export function createSlackClient({ botToken, apiUrl }: Pick<SlackAccess, 'botToken' | 'apiUrl'>, retries: number): WebClient {
  return new WebClient(botToken, { ...clientOptions(apiUrl, retries), logger: connectionLogger(SILENT) });
}

/** An app that is not connected yet. Throws `config/slack` for a token or scopes that do not do. */
export async function createApp(access: SlackAccess, log: Log): Promise<SlackApp> {
  const bot = await identityOf(createSlackClient(access, RETRIES));
  const common = {
    token: access.botToken,
    // Without these Bolt asks Slack who it is before each delivery.
    ...bot,
    clientOptions: clientOptions(access.apiUrl, RETRIES),
    logger: connectionLogger(log),
    convoStore: false,
    tokenVerificationEnabled: false,
  } as const;
  return access.mode === 'socket'
    ? new SlackApp({ ...common, socketMode: true, appToken: access.appToken })
    : new SlackApp({ ...common, signingSecret: access.signingSecret, port: access.port });
}

async function identityOf(client: WebClient): Promise<{ readonly botId: string; readonly botUserId: string }> {
  const answer = await client.auth.test().catch((cause: unknown) => {
    const { code, message } = chatError(cause);
    throw code === 'chat/unavailable'
      ? new CodedError('config/slack', `Slack cannot be reached: ${message}`)
      : new CodedError('config/slack', message);
  });
  const granted = answer.response_metadata?.scopes;
  const missing = SCOPES.filter((scope) => granted !== undefined && !granted.includes(scope));
  if (missing.length > 0)
    throw new CodedError(
      'config/slack',
      `The Slack app lacks the scopes ${missing.join(', ')}. Update it with slack-manifest.yaml and install it again.`,
    );
  const { bot_id: botId, user_id: botUserId } = answer;
  if (botId === undefined || botUserId === undefined)
    throw new CodedError(
      'config/slack',
      'SLACK_BOT_TOKEN is not the token of a bot. Copy the Bot User OAuth Token from OAuth & Permissions.',
    );
  return { botId, botUserId };
}

/** Connects. Throws `config/slack`. */
export async function startApp(app: App, access: SlackAccess): Promise<void> {
  try {
    await app.start();
  } catch (cause) {
    const what =
      access.mode === 'socket'
        ? 'Socket Mode does not start; check SLACK_APP_TOKEN and its scope connections:write'
        : `Port ${access.port} cannot be listened on`;
    throw new CodedError('config/slack', `${what}: ${access.mode === 'socket' ? chatError(cause).message : asCodedError(cause).message}`);
  }
}

/** Slack's libraries say more than anybody wants to know, and some of it holds request bodies. */
function connectionLogger(log: Log): Logger {
  const quiet = () => undefined;
  return {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (...parts) =>
      log.warn('Slack connection', {
        because: parts
          .map((part) => (part instanceof Error ? part.message : String(part)))
          .join(' ')
          .slice(0, 300),
      }),
    setLevel: quiet,
    getLevel: () => LogLevel.ERROR,
    setName: quiet,
  };
}
