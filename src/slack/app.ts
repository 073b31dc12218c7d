import { z } from 'zod';
import { asCodedError, CodedError } from '../errors.ts';
import type { Place } from '../incident/incident.ts';
import { podOfAlert, textOfMessage } from '../intake/alert-text.ts';
import { type Command, parseCommand } from '../intake/command.ts';
import type { DiagnosisAnswer, Intake, WithCard } from '../intake/intake.ts';
import type { Person } from '../intake/people.ts';
import type { Log } from '../telemetry/log.ts';
import { createApp, type SlackAccess, type SlackApp } from './connection.ts';
import { SECTION } from './elements.ts';
import { chatError } from './error.ts';
import { escaped, fenced } from './text.ts';
import {
  helpText,
  homeView,
  IDS,
  incidentsText,
  NO_POD,
  noOption,
  optionOf,
  PickContext,
  pickView,
  podOfOption,
  podOptions,
  rawView,
} from './views.ts';

/** Takes what people do in Slack. */
export interface SlackGateway {
  stop(): Promise<void>;
}

/** Slack takes options for three seconds. */
const OPTIONS_MS = 2_500;
const ANSWER_MS = 20_000;
/** How long an acknowledgement waits for store and queue. */
const ACK_MS = 2_000;

/** Tells one person something that only they see. */
type Tell = (text: string) => Promise<unknown>;

/** Connects to Slack and serves until stopped. Throws `config/slack` for tokens and scopes that do not do, `chat/unavailable` where Slack cannot be reached. */
export async function openSlackGateway(access: SlackAccess, intake: Intake, log: Log): Promise<SlackGateway> {
  const { app, connect } = await createApp(access, log);
  register(app, intake, log);
  const connection = await connect();
  return {
    async stop() {
      await connection.stop();
    },
  };
}

function register(app: SlackApp, intake: Intake, log: Log): void {
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

  /** Attends to a delivery and acknowledges it once it cannot be lost, or Slack would wait no longer. */
  async function take(what: string, ack: () => Promise<void>, tell: Tell, work: (onKept: () => void) => Promise<void>): Promise<void> {
    await ackWhenKept(ack, (onKept) => attend(what, tell, () => work(onKept)));
  }

  app.command(IDS.command, async ({ ack, command, respond, client }) => {
    const tell: Tell = (text) => respond({ response_type: 'ephemeral', text });
    await take('command', ack, tell, async (onKept) => {
      const wanted = parseCommand(command.text, intake.clusters);
      const delivery = command.trigger_id;
      if (wanted.kind !== 'diagnose' && !(await intake.once(delivery))) return;
      if (wanted.kind === 'pick') {
        const context = { channel: command.channel_id, cluster: wanted.cluster, namespace: wanted.namespace };
        await client.views.open({ trigger_id: command.trigger_id, view: pickView(context) });
      } else {
        const person = { user: command.user_id, channel: command.channel_id };
        await obey(wanted, { person, delivery, place: { channel: command.channel_id }, kind: 'command', tell, onKept });
      }
    });
  });

  app.event('app_mention', async ({ event, body, client }) => {
    const { user, channel, ts, thread_ts: thread } = event;
    if (user === undefined) return;
    // Beside the thread it would be seen by nobody.
    const tell: Tell = (text) => client.chat.postEphemeral({ channel, user, text, ...(thread === undefined ? {} : { thread_ts: thread }) });
    const ack = () => app.acknowledge(body);
    await take('mention', ack, tell, async (onKept) => {
      const delivery = body.event_id;
      const wanted = parseCommand(event.text.replace(/^\s*<@[A-Z0-9]+(?:\|[^>]*)?>/, ''), intake.clusters);
      if (wanted.kind !== 'diagnose' && !(await intake.once(delivery))) return;
      const place = { channel, thread: thread ?? ts };
      if (wanted.kind === 'pick')
        await tell(`Which pod? \`@imagepull diagnose NAMESPACE/POD\`; \`${IDS.command} diagnose\` lets you choose.`);
      else await obey(wanted, { person: { user, channel }, delivery, place, kind: 'mention', tell, onKept });
    });
  });

  app.shortcut({ type: 'message_action', callback_id: IDS.shortcut }, async ({ ack, shortcut, respond }) => {
    const tell: Tell = (text) => respond({ response_type: 'ephemeral', text });
    await take('shortcut', ack, tell, async (onKept) => {
      const found = podOfAlert(textOfMessage(shortcut.message));
      if (found.status === 'none') return void (await tell(found.says));
      if (found.others > 0)
        await tell(`The message names ${found.others + 1} pods; I look into ${escaped(`${found.namespace}/${found.pod}`)}.`);
      const [cluster = ''] = intake.clusters;
      const message = MessagePlace.parse(shortcut.message);
      const place = { channel: shortcut.channel.id, thread: message.thread_ts ?? message.ts };
      const trigger = { kind: 'shortcut', user: shortcut.user.id } as const;
      const person = { user: shortcut.user.id, channel: shortcut.channel.id };
      const { namespace, pod } = found;
      const asked = { person, delivery: shortcut.trigger_id, cluster, namespace, pod, place, trigger, onKept };
      await answer(await intake.diagnose(asked), tell);
    });
  });

  app.action(IDS.rerun, async ({ ack, action, body, respond }) => {
    const tell: Tell = (text) => respond({ response_type: 'ephemeral', replace_original: false, text });
    await take('rerun', ack, tell, async (onKept) => {
      const click = Click.parse({ ...body, ...action });
      const asked = { person: clicker(body), delivery: click.trigger_id, incidentId: click.value, onKept };
      await answer(await intake.rerun(asked), tell);
    });
  });

  app.action(IDS.raw, async ({ ack, action, body, respond, client }) => {
    await ack();
    const tell: Tell = (text) => respond({ response_type: 'ephemeral', replace_original: false, text });
    await attend('raw', tell, async () => {
      const click = Click.parse({ ...body, ...action });
      const { title, text } = await intake.raw({ person: clicker(body), incidentId: click.value });
      await client.views.open({ trigger_id: click.trigger_id, view: rawView(title, text) });
    });
  });

  app.options(IDS.pickPod, async ({ ack, payload, body }) => {
    const options = async () => {
      const { cluster, namespace, channel } = contextOf(body);
      const person = { user: body.user.id, channel };
      const pods = await within(OPTIONS_MS, intake.failingPods({ person, cluster, namespace, typed: payload.value }));
      return 'status' in pods ? noOption(pods.says) : podOptions(pods);
    };
    await ack({
      options: await options().catch((cause: unknown) => {
        const { code, message } = asCodedError(cause);
        log.warn('a request was not answered', { what: 'options', code, because: message });
        return noOption(code === 'intake/too-slow' ? 'The cluster is slow; type again in a moment' : 'The pods could not be listed');
      }),
    });
  });

  app.view(IDS.pick, async ({ ack, view, body, client }) => {
    const { cluster, namespace, channel } = PickContext.parse(JSON.parse(view.private_metadata));
    const picked = view.state.values[IDS.pickPod]?.[IDS.pickPod]?.selected_option?.value ?? NO_POD;
    if (picked === NO_POD)
      return ack({ response_action: 'errors', errors: { [IDS.pickPod]: 'That is no pod. Choose one, or close this window.' } });
    const user = body.user.id;
    const tell: Tell = (text) => client.chat.postEphemeral({ channel, user, text });
    await take('picker', ack, tell, async (onKept) => {
      const person = { user, channel };
      const pod = podOfOption(picked) ?? (await podByDigest(picked, { person, cluster, namespace }));
      if (!pod) return void (await tell('That pod no longer fails to pull an image.'));
      const { namespace: of, pod: name } = pod;
      const about = { cluster, namespace: of, pod: name, place: { channel }, trigger: { kind: 'picker', user } as const };
      await answer(await intake.diagnose({ ...about, person, delivery: `${view.id}.${view.hash}`, onKept }), tell);
    });
  });

  /** The pod behind an option whose name is too long for Slack. */
  async function podByDigest(
    digest: string,
    where: { readonly person: Person; readonly cluster: string; readonly namespace?: string | undefined },
  ) {
    const pods = await intake.failingPods({ ...where, typed: '' });
    return 'status' in pods ? undefined : pods.find((pod) => optionOf(pod) === digest);
  }

  app.event('app_home_opened', async ({ event, client }) => {
    if (event.tab !== 'home') return;
    await attend(
      'home',
      async () => undefined,
      async () => {
        await client.views.publish({
          user_id: event.user,
          view: homeView(await intake.incidents({ person: { user: event.user }, open: true })),
        });
      },
    );
  });

  app.error(async (error) => log.warn('a Slack request failed', { because: error.message.slice(0, 300) }));

  async function obey(
    command: Exclude<Command, { kind: 'pick' }>,
    asked: {
      readonly place: Place;
      readonly person: Person;
      readonly delivery: string;
      readonly kind: 'command' | 'mention';
      readonly tell: Tell;
      readonly onKept: () => void;
    },
  ): Promise<void> {
    const { place, person, delivery, kind, tell, onKept } = asked;
    // What only answers can be asked again.
    if (command.kind !== 'diagnose') onKept();
    switch (command.kind) {
      case 'diagnose':
        return answer(await intake.diagnose({ ...command, person, delivery, place, trigger: { kind, user: person.user }, onKept }), tell);
      case 'scan': {
        const result = await intake.scan({ ...command, person });
        await tell(result.status === 'refused' ? escaped(result.says) : fenced(result.text, SECTION));
        return;
      }
      case 'status': {
        const open = await intake.incidents({ person, open: true });
        await tell(`Serving ${escaped(intake.clusters.join(', '))}.\n${incidentsText(open, 'Nothing is open.')}`);
        return;
      }
      case 'history':
        await tell(
          incidentsText(
            await intake.incidents({ person, open: false, about: command.about }),
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

  /** What is told here and now; a begun diagnosis is told by its card, so nothing is said of it unless that fails. */
  async function answer(given: DiagnosisAnswer, tell: Tell): Promise<void> {
    if (given.status === 'repeated') return;
    if (given.status === 'begun') {
      const trouble = await intake.trouble(given.incidentId);
      if (trouble !== undefined) await tell(escaped(trouble));
      return;
    }
    await tell(await sentenceOf(given));
    if (given.requestId !== undefined) await intake.seen(given.requestId, given.status === 'waiting' ? 'waiting' : 'answer');
  }

  async function sentenceOf(given: Exclude<DiagnosisAnswer, { status: 'begun' | 'repeated' }>): Promise<string> {
    switch (given.status) {
      case 'refused':
        return escaped(given.says);
      case 'waiting':
        return given.worker
          ? 'That takes longer than usual. The card appears here as soon as it has begun.'
          : 'No worker of that cluster runs at the moment. The card appears here as soon as one does.';
      case 'running':
        return `That is being looked into already${await linkTo(given)}.`;
      case 'joined':
        return `An incident about this pod is open; I look into it again${await linkTo(given)}.`;
      default:
        return given satisfies never;
    }
  }

  async function linkTo({ place, ts }: WithCard): Promise<string> {
    if (place === undefined || ts === undefined) return '';
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

/** Who pressed a button, and where. */
function clicker(body: { readonly user: { readonly id: string }; readonly channel?: { readonly id: string } | undefined }): Person {
  return { user: body.user.id, ...(body.channel === undefined ? {} : { channel: body.channel.id }) };
}

function contextOf(body: unknown): PickContext {
  const { view } = z.looseObject({ view: z.looseObject({ private_metadata: z.string() }) }).parse(body);
  return PickContext.parse(JSON.parse(view.private_metadata));
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CodedError('intake/too-slow', `It took longer than ${ms / 1000} s.`, { retryable: true })), ms);
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
  if (code === 'store/not-found')
    return `That diagnosis is gone: I keep them for 30 days. Ask again with \`${IDS.command} diagnose NAMESPACE/POD\`.`;
  if (/^(?:store|queue)\//.test(code))
    return 'I cannot reach my store (Redis) at the moment. What arrived there before is still done; if nothing appears in a few minutes, ask again.';
  if (/^(?:cluster|target|intake)\//.test(code)) return escaped(message);
  if (code.startsWith('chat/')) return 'Slack does not tell me who may ask at the moment, so I start nothing. Try again in a minute.';
  return 'That went wrong on my side, and I have logged it. Try again; if it goes wrong again, whoever runs imagepull finds the reason in its log.';
}
