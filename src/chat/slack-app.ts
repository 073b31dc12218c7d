import { App, type Logger, LogLevel } from '@slack/bolt';
import { z } from 'zod';
import { asCodedError, CodedError } from '../errors.ts';
import type { Place } from '../incident/incident.ts';
import type { Log } from '../log.ts';
import { podOfAlert, textOfMessage } from './alert-text.ts';
import { type Command, parseCommand } from './command.ts';
import type { Desk, DeskAnswer } from './desk.ts';
import { chatError } from './slack-error.ts';
import { escaped } from './slack-text.ts';
import { fenced, helpText, homeView, IDS, incidentsText, type PickContext, pickView, podOptions, rawView } from './slack-views.ts';

/** How Slack is reached. */
export type SlackAccess = {
  readonly botToken: string;
  readonly apiUrl: string;
} & (
  | { readonly mode: 'socket'; readonly appToken: string }
  | { readonly mode: 'http'; readonly signingSecret: string; readonly port: number }
);

/** Takes what people do in Slack. */
export interface SlackGateway {
  stop(): Promise<void>;
}

/** Scopes that slack-manifest.yaml asks for and that are checked at start. */
export const SCOPES = ['app_mentions:read', 'channels:history', 'chat:write', 'commands', 'groups:history'];
/** Slack takes options for three seconds. */
const OPTIONS_MS = 2_500;
const ANSWER_MS = 20_000;
/** How long an acknowledgement waits for store and queue. */
const ACK_MS = 2_000;

/** Tells one person something that only they see. */
type Tell = (text: string) => Promise<unknown>;

/** Connects to Slack and serves until stopped. Throws `config/slack` for tokens and scopes that do not do. */
export async function openSlackGateway(access: SlackAccess, desk: Desk, log: Log): Promise<SlackGateway> {
  const app = createApp(access, log);
  await checkAccess(app);
  register(app, desk, log);
  await started(app, access);
  return {
    async stop() {
      await app.stop();
    },
  };
}

function createApp(access: SlackAccess, log: Log): App {
  const clientOptions = { slackApiUrl: access.apiUrl, retryConfig: { retries: 1 }, rejectRateLimitedCalls: true, timeout: 10_000 };
  const common = {
    token: access.botToken,
    clientOptions,
    logger: boltLogger(log),
    convoStore: false,
    tokenVerificationEnabled: false,
  } as const;
  return access.mode === 'socket'
    ? new App({ ...common, socketMode: true, appToken: access.appToken })
    : new App({ ...common, signingSecret: access.signingSecret, port: access.port });
}

async function checkAccess(app: App): Promise<void> {
  let granted: readonly string[] | undefined;
  try {
    granted = (await app.client.auth.test()).response_metadata?.scopes;
  } catch (cause) {
    const { code, message } = chatError(cause);
    throw code === 'chat/unavailable'
      ? new CodedError('config/slack', `Slack cannot be reached: ${message}`)
      : new CodedError('config/slack', message);
  }
  const missing = SCOPES.filter((scope) => granted !== undefined && !granted.includes(scope));
  if (missing.length > 0)
    throw new CodedError(
      'config/slack',
      `The Slack app lacks the scopes ${missing.join(', ')}. Update it with slack-manifest.yaml and install it again.`,
    );
}

async function started(app: App, access: SlackAccess): Promise<void> {
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

/** Bolt says more than anybody wants to know, and some of it holds request bodies. */
function boltLogger(log: Log): Logger {
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

function register(app: App, desk: Desk, log: Log): void {
  /** Everything that can go wrong is told to who asked, and logged once. */
  async function attend(what: string, tell: Tell, work: () => Promise<void>): Promise<void> {
    try {
      await within(ANSWER_MS, work());
    } catch (cause) {
      const { code, message } = asCodedError(cause);
      log.warn('a request was not answered', { what, code, because: message });
      await tell(sentenceFor(code, message)).catch((failure: unknown) =>
        log.warn('nobody could be told', { what, because: chatError(failure).message }),
      );
    }
  }

  app.command(IDS.command, async ({ ack, command, respond, client }) => {
    const tell: Tell = (text) => respond({ response_type: 'ephemeral', text });
    await ackWhenKept(ack, (onKept) =>
      attend('command', tell, async () => {
        if (!(await desk.once(command.trigger_id))) return;
        const wanted = parseCommand(command.text, desk.clusters);
        if (wanted.kind === 'pick') {
          const context: PickContext = {
            channel: command.channel_id,
            cluster: wanted.cluster,
            ...(wanted.namespace === undefined ? {} : { namespace: wanted.namespace }),
          };
          await client.views.open({ trigger_id: command.trigger_id, view: pickView(context) });
        } else await obey(wanted, { place: { channel: command.channel_id }, user: command.user_id, kind: 'command', tell, onKept });
      }),
    );
  });

  app.event('app_mention', async ({ event, body, client }) => {
    const { user, channel, ts, thread_ts: thread } = event;
    if (user === undefined) return;
    // Beside the thread it would be seen by nobody.
    const tell: Tell = (text) => client.chat.postEphemeral({ channel, user, text, ...(thread === undefined ? {} : { thread_ts: thread }) });
    await attend('mention', tell, async () => {
      if (!(await desk.once(body.event_id))) return;
      const wanted = parseCommand(event.text.replace(/^\s*<@[A-Z0-9]+(?:\|[^>]*)?>/, ''), desk.clusters);
      const place = { channel, thread: thread ?? ts };
      if (wanted.kind === 'pick')
        await tell(`Which pod? \`@imagepull diagnose NAMESPACE/POD\`; \`${IDS.command} diagnose\` lets you choose.`);
      else await obey(wanted, { place, user, kind: 'mention', tell });
    });
  });

  app.shortcut({ type: 'message_action', callback_id: IDS.shortcut }, async ({ ack, shortcut, respond }) => {
    const tell: Tell = (text) => respond({ response_type: 'ephemeral', text });
    await ackWhenKept(ack, (onKept) =>
      attend('shortcut', tell, async () => {
        if (!(await desk.once(shortcut.trigger_id))) return;
        const found = podOfAlert(textOfMessage(shortcut.message));
        if (found.status === 'none') return void (await tell(found.says));
        if (found.others > 0)
          await tell(`The message names ${found.others + 1} pods; I look into ${escaped(`${found.namespace}/${found.pod}`)}.`);
        const [cluster = ''] = desk.clusters;
        const message = MessagePlace.parse(shortcut.message);
        const place = { channel: shortcut.channel.id, thread: message.thread_ts ?? message.ts };
        const trigger = { kind: 'shortcut', user: shortcut.user.id } as const;
        await answer(await desk.diagnose({ cluster, namespace: found.namespace, pod: found.pod, place, trigger, onKept }), tell);
      }),
    );
  });

  app.action(IDS.rerun, async ({ ack, action, body, respond }) => {
    const tell: Tell = (text) => respond({ response_type: 'ephemeral', replace_original: false, text });
    await ackWhenKept(ack, (onKept) =>
      attend('rerun', tell, async () => {
        const click = Click.parse({ ...body, ...action });
        if (await desk.once(click.trigger_id))
          await answer(await desk.rerun({ incidentId: click.value, user: body.user.id, onKept }), tell);
      }),
    );
  });

  app.action(IDS.raw, async ({ ack, action, body, respond, client }) => {
    await ack();
    const tell: Tell = (text) => respond({ response_type: 'ephemeral', replace_original: false, text });
    await attend('raw', tell, async () => {
      const click = Click.parse({ ...body, ...action });
      const { title, text } = await desk.raw(click.value);
      await client.views.open({ trigger_id: click.trigger_id, view: rawView(title, text) });
    });
  });

  app.options(IDS.pickPod, async ({ ack, payload, body }) => {
    try {
      const { cluster, namespace } = contextOf(body);
      const pods = await within(
        OPTIONS_MS,
        desk.failingPods({ cluster, typed: payload.value, ...(namespace === undefined ? {} : { namespace }) }),
      );
      await ack({ options: 'status' in pods ? [] : podOptions(pods) });
    } catch (cause) {
      log.warn('a request was not answered', { what: 'options', because: asCodedError(cause).message });
      await ack({ options: [] });
    }
  });

  app.view(IDS.pick, async ({ ack, view, body, client }) => {
    await ack();
    const { cluster, channel } = PickPlace.parse(JSON.parse(view.private_metadata));
    const user = body.user.id;
    const tell: Tell = (text) => client.chat.postEphemeral({ channel, user, text });
    await attend('picker', tell, async () => {
      if (!(await desk.once(`${view.id}.${view.hash}`))) return;
      const [namespace = '', pod = ''] = (view.state.values[IDS.pickPod]?.[IDS.pickPod]?.selected_option?.value ?? '').split('/');
      await answer(await desk.diagnose({ cluster, namespace, pod, place: { channel }, trigger: { kind: 'picker', user } }), tell);
    });
  });

  app.event('app_home_opened', async ({ event, client }) => {
    if (event.tab !== 'home') return;
    await attend(
      'home',
      async () => undefined,
      async () => {
        await client.views.publish({ user_id: event.user, view: homeView(await desk.incidents({ open: true })) });
      },
    );
  });

  app.error(async (error) => log.warn('a Slack request failed', { because: error.message.slice(0, 300) }));

  async function obey(
    command: Exclude<Command, { kind: 'pick' }>,
    asked: {
      readonly place: Place;
      readonly user: string;
      readonly kind: 'command' | 'mention';
      readonly tell: Tell;
      readonly onKept?: () => void;
    },
  ): Promise<void> {
    const { place, user, kind, tell, onKept } = asked;
    // What only answers can be asked again.
    if (command.kind !== 'diagnose') onKept?.();
    switch (command.kind) {
      case 'diagnose':
        return answer(await desk.diagnose({ ...command, place, trigger: { kind, user }, ...(onKept ? { onKept } : {}) }), tell);
      case 'scan': {
        const result = await desk.scan(command);
        await tell(result.status === 'refused' ? escaped(result.says) : fenced(result.text));
        return;
      }
      case 'status': {
        const open = await desk.incidents({ open: true });
        await tell(`Serving ${escaped(desk.clusters.join(', '))}.\n${incidentsText(open, 'Nothing is open.')}`);
        return;
      }
      case 'history':
        await tell(
          incidentsText(
            await desk.incidents({ open: false, ...(command.about ? { about: command.about } : {}) }),
            'Nothing was diagnosed there in the last 30 days.',
          ),
        );
        return;
      case 'help':
        await tell(helpText());
        return;
      case 'wrong':
        await tell(command.says);
        return;
      default:
        command satisfies never;
    }
  }

  /** A begun diagnosis is told by its card, so nothing is said here unless that fails. */
  async function answer(given: DeskAnswer, tell: Tell): Promise<void> {
    switch (given.status) {
      case 'refused':
        return void (await tell(escaped(given.says)));
      case 'waiting':
        return void (await tell('No worker of that cluster has answered yet. The card appears here as soon as one does.'));
      case 'running':
        return void (await tell(`That is being looked into already${await linkTo(given)}.`));
      case 'begun': {
        const trouble = await desk.trouble(given.incidentId);
        if (trouble !== undefined) await tell(escaped(trouble));
        return;
      }
      default:
        given satisfies never;
    }
  }

  async function linkTo({ place, ts }: { readonly place: Place; readonly ts?: string }): Promise<string> {
    if (ts === undefined) return '';
    try {
      const { permalink } = await app.client.chat.getPermalink({ channel: place.channel, message_ts: ts });
      return permalink === undefined ? '' : `: <${permalink}|its card>`;
    } catch (cause) {
      log.warn('no link to a card', { because: chatError(cause).message });
      return '';
    }
  }
}

const MessagePlace = z.looseObject({ ts: z.string(), thread_ts: z.string().optional() });
const Click = z.looseObject({ trigger_id: z.string(), value: z.string().max(100) });
const PickPlace = z.object({ channel: z.string(), cluster: z.string(), namespace: z.string().optional() });

function contextOf(body: unknown): z.infer<typeof PickPlace> {
  const { view } = z.looseObject({ view: z.looseObject({ private_metadata: z.string() }) }).parse(body);
  return PickPlace.parse(JSON.parse(view.private_metadata));
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CodedError('desk/too-slow', `It took longer than ${ms / 1000} s.`, { retryable: true })), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** What was acknowledged is not lost; but Slack waits no longer than three seconds, so neither does this. */
async function ackWhenKept(ack: () => Promise<void>, work: (onKept: () => void) => Promise<void>): Promise<void> {
  const kept = Promise.withResolvers<void>();
  const done = work(kept.resolve);
  const timer = setTimeout(kept.resolve, ACK_MS);
  await Promise.race([kept.promise, done]);
  clearTimeout(timer);
  await ack();
  await done;
}

/** What people are told where it is not their fault. */
function sentenceFor(code: string, message: string): string {
  if (/^(?:store|queue)\//.test(code))
    return 'I cannot reach my store (Redis) at the moment, so nothing was started. Try again in a minute.';
  if (/^(?:cluster|target|desk)\//.test(code)) return escaped(message);
  return 'That went wrong on my side, and I have logged it. Try again; if it goes wrong again, whoever runs imagepull finds the reason in its log.';
}
