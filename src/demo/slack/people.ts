import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { actionsOf, type Clickable } from './clickable.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { Ack, Envelope } from './sockets.ts';
import { settleSubmission } from './submissions.ts';
import type { Triggers } from './triggers.ts';
import { shownView } from './views.ts';
import { shownTo } from './web-api.ts';
import type { OpenedView, StoredMessage, Workspace } from './workspace.ts';

/** What people do in Slack; each is delivered to the app, whose answer is the result. */
export interface People {
  command(given: { readonly user: string; readonly channel: string; readonly text: string }): Promise<Ack>;
  mention(given: { readonly user: string; readonly channel: string; readonly text: string; readonly thread?: string }): Promise<Ack>;
  /** Clicks the button, or the entry of a menu, with this label; the first one, unless its `actionId` is given too. */
  click(given: { readonly user: string; readonly message: Clickable; readonly label: string; readonly actionId?: string }): Promise<Ack>;
  shortcut(given: { readonly user: string; readonly message: StoredMessage; readonly callbackId: string }): Promise<Ack>;
  suggest(given: { readonly user: string; readonly view: number; readonly actionId: string; readonly typed: string }): Promise<Ack>;
  /** Sends a window off, with what was chosen or typed, by block; what is not named stays as it was when the window opened. */
  submit(given: { readonly user: string; readonly view: number; readonly values: Readonly<Record<string, string>> }): Promise<Ack>;
  openHome(user: string): Promise<Ack>;
  /** Another app posts a message; `more` changes the event, `envelope` what it comes in. */
  appMessage(given: {
    readonly app: string;
    readonly channel: string;
    readonly text: string;
    readonly more?: object;
    readonly envelope?: object;
  }): Promise<Ack & { readonly ts: string }>;
}

/** What deliveries are made with. */
export interface PeopleParts {
  readonly workspace: Workspace;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  readonly deliver: (type: Envelope, payload: object) => Promise<Ack>;
}

/** What every delivery says of itself and of who did something. */
const ABOUT = { api_app_id: 'A0', token: 'verification' } as const;
const about = (user: string) => ({ team: { id: 'T0DEMO' }, user: { id: user, team_id: 'T0DEMO' }, ...ABOUT });

/** People of the workspace. */
export function createPeople(parts: PeopleParts): People {
  return { ...createWriters(parts), ...createClickers(parts) };
}

/** What is written, and looked at. */
function createWriters({
  workspace,
  triggers,
  responseUrls,
  deliver,
}: PeopleParts): Pick<People, 'command' | 'mention' | 'openHome' | 'appMessage'> {
  return {
    command: ({ user, channel, text }) =>
      deliver('slash_commands', {
        command: '/imagepull',
        text,
        user_id: user,
        user_name: user.toLowerCase(),
        channel_id: channel,
        channel_name: channel.toLowerCase(),
        team_id: 'T0DEMO',
        team_domain: 'demo',
        ...ABOUT,
        response_url: responseUrls.make({ channel, user }),
        trigger_id: triggers.make(user),
      }),
    mention({ user, channel, text, thread }) {
      const { ts } = workspace.post({ channel, user, text, threadTs: thread });
      return event(deliver, {
        type: 'app_mention',
        user,
        channel,
        text,
        ts,
        event_ts: ts,
        ...(thread === undefined ? {} : { thread_ts: thread }),
      });
    },
    async appMessage({ app, channel, text, more = {}, envelope = {} }) {
      const { ts } = workspace.post({ channel, user: `U0${app}`, text });
      const profile = { id: `B0${app}`, app_id: app, team_id: 'T0DEMO', name: app };
      const message = {
        type: 'message',
        subtype: 'bot_message',
        channel,
        text,
        ts,
        event_ts: ts,
        bot_id: profile.id,
        bot_profile: profile,
        team: 'T0DEMO',
      };
      return { ...(await event(deliver, { ...message, ...more }, envelope)), ts };
    },
    openHome: (user) => event(deliver, { type: 'app_home_opened', user, channel: 'D0', tab: 'home', event_ts: workspace.nextTs() }),
  };
}

/** What is clicked, chosen and sent off. */
function createClickers({
  workspace,
  triggers,
  responseUrls,
  deliver,
}: PeopleParts): Pick<People, 'click' | 'shortcut' | 'suggest' | 'submit'> {
  return {
    click({ user, message, label, actionId }) {
      const action = actionsOf(message.blocks).find(
        (candidate) => candidate.label === label && (actionId === undefined || candidate.actionId === actionId),
      );
      if (!action) throw new Error(`the message has nothing called ${label}`);
      const { channel, ts = workspace.nextTs(), threadTs } = message;
      return deliver('interactive', {
        type: 'block_actions',
        ...about(user),
        trigger_id: triggers.make(user),
        response_url: responseUrls.make({ channel, user, threadTs }),
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
        trigger_id: triggers.make(user),
        response_url: responseUrls.make({ channel: message.channel, user, threadTs: message.threadTs }),
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
        view: sentView(viewAt(workspace, view)),
        container: { type: 'view' },
      }),
    async submit({ user, view, values }) {
      const opened = viewAt(workspace, view);
      const shown = sentView(opened);
      const state = { values: stateOf(shown, values) };
      const ack = await deliver('interactive', {
        type: 'view_submission',
        ...about(user),
        trigger_id: triggers.make(user),
        view: { ...shown, state },
        response_urls: [],
      });
      settleSubmission(workspace, opened, ack.payload);
      return ack;
    },
  };
}

function event(deliver: PeopleParts['deliver'], inner: object, envelope: object = {}): Promise<Ack> {
  return deliver('events_api', {
    type: 'event_callback',
    team_id: 'T0DEMO',
    api_app_id: 'A0',
    event_id: `Ev${randomUUID()}`,
    event_time: Math.trunc(Date.now() / 1000),
    event: inner,
    ...envelope,
  });
}

function viewAt({ views }: Workspace, at: number): OpenedView {
  const found = views[at];
  if (!found) throw new Error(`no window ${at} was opened`);
  return found;
}

/** A window as it comes with what somebody does in it. */
function sentView(opened: OpenedView): object {
  return { ...shownView(opened), team_id: 'T0DEMO', type: 'modal' };
}

const Inputs = z.object({
  blocks: z.array(
    z.looseObject({
      block_id: z.string().default(''),
      element: z
        .looseObject({
          type: z.string(),
          action_id: z.string(),
          initial_option: z.unknown().optional(),
          initial_value: z.string().optional(),
        })
        .optional(),
    }),
  ),
});

/** The state of a window's fields, as Slack sends it. */
function stateOf(view: object, values: Readonly<Record<string, string>>): object {
  const fields = Inputs.parse(view).blocks.flatMap(({ block_id, element }) => {
    if (!element) return [];
    const { type, action_id, initial_option = null, initial_value = null } = element;
    const value = values[block_id];
    const option = value === undefined ? initial_option : { text: { type: 'plain_text', text: value }, value };
    const state = type === 'plain_text_input' ? { type, value: value ?? initial_value } : { type, selected_option: option };
    return [[block_id, { [action_id]: state }] as const];
  });
  return Object.fromEntries(fields);
}
