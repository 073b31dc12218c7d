import { z } from 'zod';
import { USAGE } from '../../intake/command.ts';
import { CHANNEL } from '../player/bot.ts';
import type { StoredMessage, Workspace } from '../slack/workspace.ts';
import { PERSONS } from './people.ts';
import type { MessageState, SlackState } from './state.ts';

const COMMANDS = USAGE.map(([usage, what]) => ({ usage, what }));
const Home = z.looseObject({ blocks: z.array(z.unknown()) });

/** What the page shows of a workspace. */
export function slackState(workspace: Workspace): SlackState {
  return {
    bot: { id: workspace.botUser, name: 'imagepull' },
    people: PERSONS,
    channels: [{ id: CHANNEL, name: 'incidents', topic: 'Images that cannot be pulled' }],
    messages: workspace.messages.map(messageState),
    ephemerals: workspace.ephemerals.map(({ user, ...told }) => ({ ...told, user: workspace.botUser, to: user, edited: false })),
    views: workspace.views.flatMap(({ open, ...view }, at) => (open ? [{ ...view, at }] : [])),
    homes: Object.fromEntries([...workspace.homes].map(([user, home]) => [user, Home.parse(home).blocks])),
    commands: COMMANDS,
  };
}

function messageState({ channel, ts, threadTs, user, text, blocks, edits }: StoredMessage): MessageState {
  return { channel, ts, threadTs, user, text, blocks, edited: edits.length > 0 };
}
