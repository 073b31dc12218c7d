import { z } from 'zod';
import type { Check, Seen } from '../../doctor/check.ts';
import { chatError } from '../../slack/error.ts';
import { scopesFor } from '../../slack/manifest.ts';
import { list } from '../../text/wording.ts';
import { type Config, type SlackTokens, slackUse } from '../config.ts';

/** Slack answers some 50 such questions a minute. */
const MOST_CHANNELS = 40;
const AT_ONCE = 5;

const Channel = z.object({
  channel: z.object({ name: z.string().optional(), is_member: z.boolean().optional() }),
});

/** The checks of the way to Slack: its tokens, what they may, how it is connected, and the channels of the configuration. */
export async function slackChecks(config: Config, tokens: SlackTokens): Promise<readonly Check[]> {
  const [{ createSlackClient }, { createSlackNetwork }] = await Promise.all([
    import('../../slack/connection/connection.ts'),
    import('../../slack/connection/network.ts'),
  ]);
  const network = createSlackNetwork(process.env);
  const { apiUrl, mode } = config.slack;
  const client = createSlackClient({ apiUrl, network, botToken: tokens.bot }, 1);
  const common = { category: 'slack', needs: ['slack-token'] } as const;
  const channels = channelsOf(config);

  async function scopes(): Promise<Seen> {
    const granted = (await client.auth.test()).response_metadata?.scopes;
    if (granted === undefined) return { status: 'skipped', says: 'Slack does not tell the scopes of the token.' };
    const missing = scopesFor(slackUse(config)).filter(({ name }) => !granted.includes(name));
    if (missing.length === 0)
      return { status: 'ok', says: `It has all ${scopesFor(slackUse(config)).length} that this configuration needs.` };
    return {
      status: 'broken',
      says: `Missing: ${missing.map(({ name, why }) => `${name} (${why})`).join('; ')}.`,
      hint: 'Add them under OAuth & Permissions of the Slack app and install it again; imagepull slack manifest prints the whole.',
    };
  }

  async function connection(): Promise<Seen> {
    if (mode === 'http')
      return {
        status: 'skipped',
        says: 'Slack sends requests over HTTP, and whether it reaches this address only Slack can tell: send /imagepull help.',
      };
    const socket = createSlackClient({ apiUrl, network, botToken: tokens.app ?? '' }, 1);
    try {
      await socket.apps.connections.open();
    } catch (cause) {
      const { code, message } = chatError(cause);
      if (code !== 'chat/bad-token') throw cause;
      // Its words are those for the bot token.
      const word = /\((\w+)\)$/.exec(message)?.[1] ?? 'refused';
      return {
        status: 'broken',
        says: `Slack does not accept the app-level token. (${word})`,
        hint: 'Copy SLACK_APP_TOKEN anew from Basic Information of the Slack app; it needs connections:write.',
      };
    }
    return { status: 'ok', says: 'Slack gives out addresses for Socket Mode.' };
  }

  /** What the bot is not in, for people. */
  async function outsideOf(id: string): Promise<string | undefined> {
    try {
      const { channel: found } = Channel.parse(await client.conversations.info({ channel: id }));
      return found.is_member === false ? `${found.name === undefined ? id : `#${found.name}`}` : undefined;
    } catch (cause) {
      // Slack shows a private channel to its members alone.
      if (cause instanceof z.ZodError || chatError(cause).code !== 'chat/channel-gone') throw cause;
      return `${id} (private, archived or gone)`;
    }
  }

  async function membership(): Promise<Seen> {
    if (channels.length === 0) return { status: 'skipped', says: 'The configuration names no channel.' };
    const asked = channels.slice(0, MOST_CHANNELS);
    const outside: string[] = [];
    for (let at = 0; at < asked.length; at += AT_ONCE)
      outside.push(...(await Promise.all(asked.slice(at, at + AT_ONCE).map(outsideOf))).filter((name) => name !== undefined));
    if (outside.length === 0)
      return {
        status: 'ok',
        says: `The bot is in ${channels.length === 1 ? 'the channel' : asked.length === channels.length ? `all ${channels.length} channels` : `the first ${asked.length} of ${channels.length} channels`} of the configuration.`,
      };
    return { status: 'broken', says: `The bot is not in ${list(outside)}.`, hint: 'Invite it there: /invite @imagepull.' };
  }

  return [
    {
      category: 'slack',
      id: 'slack-token',
      needs: [],
      look: orSlackError(async () => ({ status: 'ok', says: `It is the bot of ${(await client.auth.test()).team ?? 'a workspace'}.` })),
    },
    { ...common, id: 'slack-scopes', look: orSlackError(scopes) },
    { ...common, id: 'slack-connection', look: orSlackError(connection) },
    { ...common, id: 'slack-channels', look: orSlackError(membership) },
    {
      ...common,
      id: 'slack-interactivity',
      look: async () => ({ status: 'skipped', says: 'Whether interactivity is on, Slack tells nobody: press a button of any card.' }),
    },
  ];
}

/** Channels that are told something by themselves, or read. */
function channelsOf({ channels, slack }: Config): readonly string[] {
  const named = [channels.default, ...channels.routes.map(({ channel }) => channel), ...slack.alertChannels.map(({ channel }) => channel)];
  return [...new Set(named.filter((id) => id !== undefined))];
}

function orSlackError(look: () => Promise<Seen>): () => Promise<Seen> {
  return async () => {
    try {
      return await look();
    } catch (cause) {
      if (cause instanceof z.ZodError) throw cause;
      const { message } = chatError(cause);
      return { status: 'broken', says: message, hint: 'docs/slack.md goes through the app step by step.' };
    }
  };
}
