import { z } from 'zod';
import { type Answer, no, yes } from './answer.ts';
import { blockProblems, tooLong } from './block-limits.ts';
import type { TriggerUse } from './triggers.ts';
import { openView, publishHome, pushView, updateView } from './views.ts';
import type { StoredMessage, Workspace } from './workspace.ts';

/** What a method is given. */
export interface Call {
  readonly method: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly token: string;
}

export interface WebApiParts {
  readonly workspace: Workspace;
  readonly botToken: string;
  readonly appToken: string;
  readonly scopes: readonly string[];
  /** Takes a trigger_id once within 3 s. */
  readonly spendTrigger: (id: string) => TriggerUse;
  readonly socketUrl: () => string;
}

const Metadata = z.strictObject({ event_type: z.string().min(1).max(255), event_payload: z.record(z.string(), z.unknown()) });
const MAX_METADATA = 16_384;
const MAX_TEXT = { post: 40_000, update: 4_000 } as const;

/** The scopes of which a method needs one; a method that is not here does not exist. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'apps.connections.open': [],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.getPermalink': [],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'users.info': ['users:read'],
  'usergroups.users.list': ['usergroups:read'],
  'views.open': [],
  'views.publish': [],
  'views.push': [],
  'views.update': [],
};

/** Answers a method as Slack does: token, scope, arguments, then the deed. */
export function answerCall(call: Call, parts: WebApiParts): Answer {
  const needs = NEEDS[call.method];
  if (!needs) return no('unknown_method');
  if (call.token === '') return no('not_authed');
  if (call.token !== (call.method === 'apps.connections.open' ? parts.appToken : parts.botToken)) return no('invalid_auth');
  if (needs.length > 0 && !needs.some((scope) => parts.scopes.includes(scope)))
    return no('missing_scope', { needed: needs[0], provided: parts.scopes.join(',') });
  switch (call.method) {
    case 'auth.test':
      return yes({
        user_id: parts.workspace.botUser,
        bot_id: parts.workspace.botId,
        user: 'imagepull',
        team: 'Test',
        team_id: 'T0DEMO',
        url: 'https://slack.test/',
      });
    case 'apps.connections.open':
      return yes({ url: parts.socketUrl() });
    case 'chat.postMessage':
      return postMessage(call.arguments, parts.workspace);
    case 'chat.update':
      return updateMessage(call.arguments, parts.workspace);
    case 'chat.postEphemeral':
      return postEphemeral(call.arguments, parts.workspace);
    case 'chat.getPermalink':
      return permalink(call.arguments, parts.workspace);
    case 'conversations.history':
    case 'conversations.replies':
      return history(call.arguments, parts.workspace);
    case 'conversations.info':
      return channelInfo(call.arguments, parts.workspace);
    case 'users.info':
      return userInfo(call.arguments, parts.workspace);
    case 'usergroups.users.list':
      return groupMembers(call.arguments, parts.workspace);
    case 'views.open':
      return openView(call.arguments, parts);
    case 'views.push':
      return pushView(call.arguments, parts);
    case 'views.update':
      return updateView(call.arguments, parts.workspace);
    default:
      return publishHome(call.arguments, parts.workspace);
  }
}

/** What a message says. */
const Content = z.object({
  channel: z.string(),
  text: z.string().default(''),
  blocks: z.array(z.unknown()).optional(),
  thread_ts: z.string().optional(),
  metadata: z.unknown().optional(),
});

/** What is wrong with the content of a message, or undefined. */
export function contentProblem(content: Pick<z.infer<typeof Content>, 'text' | 'blocks' | 'metadata'>, most: number): Answer | undefined {
  const { text, blocks, metadata } = content;
  if (text === '' && !blocks?.length) return no('no_text');
  if (text.length > most) return no('msg_too_long');
  const problems = blocks === undefined ? [] : blockProblems(blocks, 'message');
  if (problems.length > 0) return no('invalid_blocks', { response_metadata: { messages: problems } });
  if (tooLong(blocks)) return no('msg_blocks_too_long');
  if (metadata !== undefined && !Metadata.safeParse(metadata).success) return no('invalid_metadata_format');
  return metadata !== undefined && JSON.stringify(metadata).length > MAX_METADATA ? no('metadata_too_large') : undefined;
}

function channelProblem(workspace: Workspace, id: string): Answer | undefined {
  const channel = workspace.channels.get(id);
  if (!channel) return no('channel_not_found');
  if (channel.archived) return no('is_archived');
  return channel.members.has(workspace.botUser) ? undefined : no('not_in_channel');
}

function postMessage(given: object, workspace: Workspace): Answer {
  const content = Content.safeParse(given);
  if (!content.success) return no('invalid_arguments');
  const { channel, text, blocks, thread_ts: threadTs, metadata } = content.data;
  const problem = (isUser(channel) ? undefined : channelProblem(workspace, channel)) ?? contentProblem(content.data, MAX_TEXT.post);
  if (problem) return problem;
  if (isUser(channel) && !workspace.messagesTab) return no('messages_tab_disabled');
  if (threadTs !== undefined && !workspace.find(channel, threadTs)) return no('thread_not_found');
  const message = workspace.post({ channel, user: workspace.botUser, text, threadTs, metadata, ...(blocks ? { blocks } : {}) });
  return yes({ channel, ts: message.ts, message: shownTo(message, true) });
}

/** A message to a person goes into the conversation of the app and that person. */
function isUser(channel: string): boolean {
  return channel.startsWith('U');
}

function updateMessage(given: object, workspace: Workspace): Answer {
  const content = Content.extend({ ts: z.string() }).safeParse(given);
  if (!content.success) return no('invalid_arguments');
  const { channel, ts, text, blocks, metadata } = content.data;
  const problem = channelProblem(workspace, channel) ?? contentProblem(content.data, MAX_TEXT.update);
  if (problem) return problem;
  const message = workspace.find(channel, ts);
  if (!message) return no('message_not_found');
  if (message.user !== workspace.botUser) return no('cant_update_message');
  message.text = text;
  message.blocks = blocks ?? [];
  if (metadata !== undefined) message.metadata = metadata;
  message.edits.push(Date.now());
  workspace.changed();
  return yes({ channel, ts, text });
}

function postEphemeral(given: object, workspace: Workspace): Answer {
  const content = Content.extend({ user: z.string() }).safeParse(given);
  if (!content.success) return no('invalid_arguments');
  const { channel, user, text, blocks = [], thread_ts: threadTs } = content.data;
  const problem = channelProblem(workspace, channel) ?? contentProblem(content.data, MAX_TEXT.post);
  if (problem) return problem;
  if (!workspace.channels.get(channel)?.members.has(user)) return no('user_not_in_channel');
  return yes({ message_ts: workspace.whisper({ channel, user, text, blocks, threadTs }) });
}

function permalink(given: object, workspace: Workspace): Answer {
  const read = z.object({ channel: z.string(), message_ts: z.string() }).safeParse(given);
  if (!read.success) return no('invalid_arguments');
  const { channel, message_ts: ts } = read.data;
  if (!workspace.find(channel, ts)) return no('message_not_found');
  return yes({ channel, permalink: `https://slack.test/archives/${channel}/p${ts.replace('.', '')}` });
}

function history(given: object, workspace: Workspace): Answer {
  const truth = z.union([z.boolean(), z.string().transform((word) => word === 'true')]);
  const read = z
    .object({
      channel: z.string(),
      ts: z.string().optional(),
      oldest: z.coerce.number().default(0),
      limit: z.coerce.number().min(1).max(999).default(100),
      include_all_metadata: truth.default(false),
    })
    .safeParse(given);
  if (!read.success) return no('invalid_arguments');
  const { channel, ts, oldest, limit, include_all_metadata: withMetadata } = read.data;
  if (!workspace.channels.has(channel)) return no('channel_not_found');
  const found = workspace.messages.filter(
    (message) =>
      message.channel === channel &&
      Number(message.ts) >= oldest &&
      (ts === undefined ? message.threadTs === undefined : message.ts === ts || message.threadTs === ts),
  );
  const ordered = ts === undefined ? found.toReversed() : found;
  return yes({ messages: ordered.slice(0, limit).map((message) => shownTo(message, withMetadata)), has_more: ordered.length > limit });
}

function channelInfo(given: object, workspace: Workspace): Answer {
  const read = z.object({ channel: z.string() }).safeParse(given);
  if (!read.success) return no('invalid_arguments');
  const channel = workspace.channels.get(read.data.channel);
  const member = channel?.members.has(workspace.botUser) ?? false;
  // Private channels show themselves to their members only.
  if (!channel || (channel.private && !member)) return no('channel_not_found');
  return yes({
    channel: {
      id: channel.id,
      name: channel.name,
      is_channel: true,
      is_private: channel.private,
      is_member: member,
      is_ext_shared: channel.shared,
    },
  });
}

function userInfo(given: object, workspace: Workspace): Answer {
  const read = z.object({ user: z.string() }).safeParse(given);
  if (!read.success) return no('invalid_arguments');
  const { user } = read.data;
  const { team = 'T0DEMO', guest = false, admin = false } = workspace.people.get(user) ?? {};
  const kind = { is_admin: admin, is_restricted: guest, is_ultra_restricted: false, is_stranger: team !== 'T0DEMO' };
  return yes({
    user: { id: user, team_id: team, deleted: false, ...kind },
  });
}

function groupMembers(given: object, workspace: Workspace): Answer {
  const read = z.object({ usergroup: z.string() }).safeParse(given);
  if (!read.success) return no('invalid_arguments');
  const users = workspace.groups.get(read.data.usergroup);
  return users ? yes({ users: [...users] }) : no('no_such_subteam');
}

/** A message as the API shows it. */
export function shownTo(message: StoredMessage, withMetadata: boolean): object {
  const { ts, threadTs, user, text, blocks, metadata, attachments } = message;
  return {
    type: 'message',
    ts,
    user,
    text,
    blocks,
    ...(attachments.length > 0 ? { attachments } : {}),
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(withMetadata && metadata !== undefined ? { metadata } : {}),
  };
}
