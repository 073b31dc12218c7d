import { Document, isMap, isSeq, type Scalar } from 'yaml';
import { IDS } from './ids.ts';

/** What of a configuration the rights of the Slack app depend on. */
export interface SlackUse {
  /** True where Redis keeps what was said beyond this process. */
  readonly outlivesProcess: boolean;
  /** True where a rule goes by user groups. */
  readonly asksForGroups: boolean;
  /** True where the e-mail address of a profile says who somebody is in a cluster. */
  readonly asksForEmail: boolean;
  /** True where messages of other apps are alerts. */
  readonly readsAlerts: boolean;
}

/** A scope or an event, and what it is for. */
export interface Need {
  readonly name: string;
  readonly why: string;
}

const HISTORY =
  'a message whose posting was cut off is looked for before it is posted again (Redis keeps what was said). At most 200 messages are looked at, none is kept';

const ALERTS = 'messages of the apps that slack.alertChannels lists are alerts; all others are dropped unread';

/** The scopes of the bot's token, in Slack's order, and what each is for. */
export function scopesFor({ outlivesProcess, asksForGroups, asksForEmail, readsAlerts }: SlackUse): readonly Need[] {
  return [
    { name: 'app_mentions:read', why: '@imagepull in threads, where slash commands do not work' },
    ...(outlivesProcess || readsAlerts
      ? [{ name: 'channels:history', why: [...(outlivesProcess ? [HISTORY] : []), ...(readsAlerts ? [ALERTS] : [])].join('; ') }]
      : []),
    { name: 'channels:read', why: 'whether the bot was invited to the channel in which somebody asks' },
    {
      name: 'chat:write',
      why: 'cards, their edits and replies, in channels that the bot was invited to; to one person what concerns them alone',
    },
    { name: 'commands', why: `${IDS.command} and the shortcut on messages` },
    ...(outlivesProcess || readsAlerts ? [{ name: 'groups:history', why: 'what channels:history is for, in private channels' }] : []),
    { name: 'groups:read', why: 'whether the bot was invited to a private channel, and that it is private' },
    ...(asksForGroups
      ? [{ name: 'usergroups:read', why: 'who is in the user groups that the configuration and approvals.yaml name' }]
      : []),
    ...(asksForEmail
      ? [
          {
            name: 'users:read.email',
            why: 'the e-mail address of whoever decides is their name in the cluster (remedies.identities.byEmail)',
          },
        ]
      : []),
    {
      name: 'users:read',
      why: 'whether who asks is a member of the workspace: guests and members of others start nothing; and the name of whoever decides about a change, for the audit',
    },
  ];
}

/** The events that Slack sends. */
export function eventsFor({ readsAlerts }: Pick<SlackUse, 'readsAlerts'>): readonly Need[] {
  return [
    { name: 'app_home_opened', why: 'the Home, which lists what is open' },
    { name: 'app_mention', why: 'commands in threads' },
    ...(readsAlerts
      ? [
          { name: 'message.channels', why: ALERTS },
          { name: 'message.groups', why: 'what message.channels is for, in private channels' },
        ]
      : []),
  ];
}

/** The scopes that each method of Slack's Web API needs which this program calls. */
export const METHOD_SCOPES: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
  'views.open': [],
  'views.publish': [],
  'views.update': [],
};

/** The manifest of the Slack app: for Socket Mode, or for requests to an address. */
export function slackManifest(use: SlackUse, address: string | undefined): object {
  const url = address === undefined ? {} : { url: address };
  const requests = address === undefined ? {} : { request_url: address };
  return {
    display_information: { name: 'imagepull', description: 'Says why Kubernetes cannot pull an image' },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: 'imagepull', always_online: true },
      shortcuts: [
        {
          name: 'Diagnose image pull',
          type: 'message',
          callback_id: IDS.shortcut,
          description: 'Reads namespace and pod from this alert',
        },
      ],
      slash_commands: [
        {
          command: IDS.command,
          ...url,
          description: 'Why can this pod not pull its image?',
          usage_hint: 'diagnose NAMESPACE/POD [in CLUSTER]',
          should_escape: false,
        },
      ],
    },
    oauth_config: { scopes: { bot: scopesFor(use).map(({ name }) => name) } },
    settings: {
      event_subscriptions: { ...requests, bot_events: eventsFor(use).map(({ name }) => name) },
      interactivity: { is_enabled: true, ...requests, ...(address === undefined ? {} : { message_menu_options_url: address }) },
      org_deploy_enabled: false,
      socket_mode_enabled: address === undefined,
      token_rotation_enabled: false,
    },
  };
}

/** The manifest as YAML, which says beside each scope, event and tab what it is for. */
export function manifestYaml(use: SlackUse, address: string | undefined): string {
  const document = new Document(slackManifest(use, address));
  explain(document, ['oauth_config', 'scopes', 'bot'], scopesFor(use));
  explain(document, ['settings', 'event_subscriptions', 'bot_events'], eventsFor(use));
  const home = document.getIn(['features', 'app_home']);
  const tab = isMap(home) ? home.items.find(({ key }) => String(key) === 'messages_tab_enabled') : undefined;
  if (tab) (tab.key as Scalar).commentBefore = ' for what concerns one person where the bot cannot reach them in the channel';
  document.commentBefore = ' Paste this at api.slack.com/apps: Create New App, From a manifest.';
  return document.toString({ lineWidth: 0 });
}

function explain(document: Document, path: readonly string[], needs: readonly Need[]): void {
  const list = document.getIn(path);
  if (!isSeq<Scalar>(list)) return;
  for (const [at, item] of list.items.entries()) item.commentBefore = ` ${needs[at]?.why ?? ''}`;
}
