import { z } from 'zod';
import type { Chat, Posting } from '../chat/chat.ts';
import { asCodedError, CodedError } from '../errors.ts';
import { type Checkable, healthOf } from '../health.ts';
import type { Message } from '../incident/message.ts';
import { type Metrics, UNCOUNTED } from '../telemetry/metrics.ts';
import { type SlackBlock, slackMessage } from './blocks.ts';
import { chatError } from './error.ts';
import { messageUrl } from './links.ts';

/** The part of Slack's WebClient that is needed. */
export interface SlackClient {
  apiCall(method: string, options: Record<string, unknown>): Promise<unknown>;
}

const EVENT_TYPE = 'imagepull_message';
/** The key of an incident's card. */
const CARD = 'card';
/** Clocks differ, and Slack's is the one that dates messages. */
const CLOCK_SLACK_S = 60;
/** Messages of a channel that are looked through, at most. */
const MAX_LOOKED_AT = 200;

const Posted = z.object({ ts: z.string() });
const Identity = z.object({ user: z.string(), team: z.string(), url: z.url() });
const History = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      metadata: z
        .object({
          event_type: z.string(),
          event_payload: z.looseObject({ incident: z.string().optional(), key: z.string().optional(), subject: z.string().optional() }),
        })
        .optional(),
    }),
  ),
});

/** Tells incidents in Slack. The client must not retry by itself: what waits, waits in the queue. */
export function createSlackChat(client: SlackClient, metrics: Metrics = UNCOUNTED): Chat & Checkable {
  async function call<T>(method: string, options: Record<string, unknown>, schema: z.ZodType<T>): Promise<T> {
    let answer: unknown;
    try {
      answer = await client.apiCall(method, options);
      metrics.count('imagepull_slack_requests_total', { method, outcome: 'done' });
    } catch (cause) {
      const error = chatError(cause);
      const outcome = error.code === 'chat/busy' ? 'rate_limited' : error.retryable ? 'unavailable' : 'refused';
      metrics.count('imagepull_slack_requests_total', { method, outcome });
      throw error;
    }
    const read = schema.safeParse(answer);
    if (read.success) return read.data;
    throw new CodedError('chat/unavailable', `Slack answered ${method} with something else than expected.`, { retryable: true });
  }

  let workspaceUrl: string | undefined;

  /** Of a thread, or else of the channel. */
  async function messagesSince(
    { channel, thread }: { readonly channel: string; readonly thread?: string | undefined },
    since: Date,
  ): Promise<z.infer<typeof History>['messages']> {
    const oldest = String(Math.max(0, Math.floor(since.getTime() / 1000) - CLOCK_SLACK_S));
    const where = { channel, oldest, limit: MAX_LOOKED_AT, include_all_metadata: true };
    const { messages } = await unlessForbidden(
      thread === undefined
        ? call('conversations.history', where, History)
        : call('conversations.replies', { ...where, ts: thread }, History),
    );
    return messages;
  }

  return {
    async post(about, message) {
      const thread = threadOf(about, message);
      const { ts } = await call(
        'chat.postMessage',
        {
          ...bodyOf(about, message),
          ...(thread === undefined ? {} : { thread_ts: thread }),
          metadata: metadataOf(about, message),
          unfurl_links: false,
          unfurl_media: false,
        },
        Posted,
      );
      return { ts };
    },
    check: () =>
      healthOf(async () => {
        const { user, team } = await call('auth.test', {}, Identity);
        return `Slack knows the bot as ${user} in ${team}.`;
      }),
    async update(about, ts, message) {
      // What a card is found by ends with its incident.
      await call('chat.update', { ...bodyOf(about, message), metadata: metadataOf(about, message), ts }, z.unknown());
    },
    async find(about, key, since) {
      const thread = about.place.thread ?? (key === CARD ? undefined : about.root);
      const messages = await messagesSince({ ...about.place, thread }, since);
      const found = messages.find(
        ({ metadata }) =>
          metadata?.event_type === EVENT_TYPE && metadata.event_payload.incident === about.incidentId && metadata.event_payload.key === key,
      );
      return found && { ts: found.ts };
    },
    async findForgotten(about, wanted, since) {
      const { place, root, subject, incidentId } = about;
      // In somebody else's thread replies of several incidents stand side by side.
      if (wanted !== CARD && (root === undefined || place.thread !== undefined)) return undefined;
      const thread = place.thread ?? (wanted === CARD ? undefined : root);
      const fitting = (await messagesSince({ ...place, thread }, since)).flatMap(({ ts, metadata }) => {
        const { incident, key = '', subject: its } = metadata?.event_type === EVENT_TYPE ? metadata.event_payload : {};
        if (incident === undefined || kindOf(key) !== kindOf(wanted)) return [];
        return (wanted === CARD ? its === subject : incident !== incidentId) ? [{ ts, incidentId: incident }] : [];
      });
      // Channels come with the newest first, threads with the oldest.
      return fitting.sort((a, b) => Number(b.ts) - Number(a.ts))[0];
    },
    async link(place, ts) {
      workspaceUrl ??= (await call('auth.test', {}, Identity)).url;
      return messageUrl(workspaceUrl, place, ts);
    },
    async notify({ user, place }, message) {
      const content = slackMessage(message);
      const thread = place.thread === undefined ? {} : { thread_ts: place.thread };
      try {
        await call('chat.postEphemeral', { channel: place.channel, user, ...thread, ...content }, z.unknown());
      } catch (cause) {
        if (!UNREACHABLE_THERE.has(asCodedError(cause).code)) throw cause;
        // To a user's id means: in the conversation of bot and user.
        await call('chat.postMessage', { channel: user, ...content, unfurl_links: false, unfurl_media: false }, z.unknown());
      }
    },
  };
}

/** Where a person cannot be shown something in the channel they asked in, though the bot may write to them. */
const UNREACHABLE_THERE = new Set(['chat/channel-gone', 'chat/not-in-channel', 'chat/user-not-there']);

/** Without the scopes, which a service without Redis does not need, a message whose answer was lost is posted again. */
async function unlessForbidden(asked: Promise<z.infer<typeof History>>): Promise<z.infer<typeof History>> {
  try {
    return await asked;
  } catch (cause) {
    if (asCodedError(cause).code === 'chat/missing-scope') return { messages: [] };
    throw cause;
  }
}

/** Of the key of a reply: what it holds, without the run that it is of. */
function kindOf(key: string): string | undefined {
  return key.split('.', 1)[0];
}

function metadataOf({ incidentId: incident, subject }: Posting, { key }: Message) {
  const found = key === CARD && subject !== undefined ? { subject } : {};
  return { event_type: EVENT_TYPE, event_payload: { incident, key, ...found } };
}

function bodyOf(about: Posting, message: Message): { channel: string; text: string; blocks: readonly SlackBlock[] } {
  return { channel: about.place.channel, ...slackMessage(message) };
}

/** Replies belong under the card; where the incident is told in somebody else's thread, all of it does. */
function threadOf({ place, root }: Posting, message: Message): string | undefined {
  return place.thread ?? (message.inThread ? root : undefined);
}
