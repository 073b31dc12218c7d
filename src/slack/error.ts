import { z } from 'zod';
import { CodedError, type ErrorCode } from '../errors.ts';
import { networkReason } from './connection/network.ts';

/** What Slack's WebClient throws (node_modules/@slack/web-api errors.ts), as far as it is told apart. */
const Thrown = z.object({
  code: z.string().optional(),
  message: z.string().default('unknown'),
  /** Seconds. */
  retryAfter: z.number().optional(),
  statusCode: z.number().optional(),
  data: z
    .object({
      error: z.string(),
      needed: z.string().optional(),
      provided: z.string().optional(),
      response_metadata: z.object({ messages: z.array(z.string()).optional() }).optional(),
    })
    .optional(),
});

interface Row {
  readonly code: ErrorCode;
  readonly says: string;
}

const BAD_TOKEN: Row = {
  code: 'chat/bad-token',
  says: 'Slack does not accept the bot token. Copy SLACK_BOT_TOKEN anew from OAuth & Permissions of the Slack app.',
};
const GONE: Row = { code: 'chat/channel-gone', says: 'Slack knows no such channel, or the bot may not see it.' };
const MESSAGE_GONE: Row = { code: 'chat/message-gone', says: 'The message is gone or may not be edited any more.' };
const BUSY: Row = { code: 'chat/busy', says: 'Slack has had too many messages.' };
const UNAVAILABLE: Row = { code: 'chat/unavailable', says: 'Slack does not answer as it should.' };

/** Slack's own words for what went wrong. */
const ERRORS: Readonly<Record<string, Row>> = {
  invalid_auth: BAD_TOKEN,
  not_authed: BAD_TOKEN,
  account_inactive: BAD_TOKEN,
  token_revoked: BAD_TOKEN,
  token_expired: BAD_TOKEN,
  channel_not_found: GONE,
  is_archived: { code: 'chat/channel-gone', says: 'The channel is archived.' },
  not_in_channel: { code: 'chat/not-in-channel', says: 'The bot is not in the channel. Write /invite @imagepull there.' },
  user_not_in_channel: { code: 'chat/user-not-there', says: 'The person is not in the channel.' },
  messages_tab_disabled: {
    code: 'chat/no-conversation',
    says: 'The bot cannot write to people: turn on the Messages Tab under App Home, as "imagepull slack manifest" has it.',
  },
  message_not_found: MESSAGE_GONE,
  cant_update_message: MESSAGE_GONE,
  edit_window_closed: MESSAGE_GONE,
  ratelimited: BUSY,
  rate_limited: BUSY,
  message_limit_exceeded: BUSY,
  service_unavailable: UNAVAILABLE,
  internal_error: UNAVAILABLE,
  fatal_error: UNAVAILABLE,
  request_timeout: UNAVAILABLE,
};

/**
 * What Slack's client threw, as `chat/…`. Busy and unavailable may pass; the rest lasts until a person does something. No
 * request is kept as cause: it carries the token.
 */
export function chatError(thrown: unknown): CodedError {
  const error = Thrown.safeParse(thrown instanceof Error ? Object.assign({ message: thrown.message }, thrown) : thrown).data;
  const word = error?.data?.error;
  if (error?.code === 'slack_webapi_rate_limited_error' || error?.retryAfter !== undefined)
    return new CodedError(BUSY.code, BUSY.says, { retryable: true, retryAfterMs: (error.retryAfter ?? 1) * 1000 });
  if (word === 'missing_scope') {
    const needed = error?.data?.needed ?? 'unknown';
    return new CodedError(
      'chat/missing-scope',
      `The Slack app lacks the scope ${needed}. Add it under OAuth & Permissions and install the app again; "imagepull slack manifest" prints all that it needs.`,
    );
  }
  const row = word === undefined ? undefined : ERRORS[word];
  if (row) return new CodedError(row.code, `${row.says} (${word})`, { retryable: row === BUSY || row === UNAVAILABLE });
  if (word !== undefined) {
    const details = error?.data?.response_metadata?.messages?.slice(0, 3).join('; ') ?? '';
    return new CodedError('chat/refused', `Slack refused: ${word}${details === '' ? '' : ` (${details.slice(0, 500)})`}`);
  }
  const status = error?.statusCode === undefined ? (networkReason(thrown) ?? 'no answer') : `HTTP ${error.statusCode}`;
  return new CodedError(UNAVAILABLE.code, `${UNAVAILABLE.says} (${status})`, { retryable: true });
}
