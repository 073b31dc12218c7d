import { z } from 'zod';
import type { Clickable } from '../slack/clickable.ts';
import type { SlackServer } from '../slack/slack-server.ts';
import { fieldErrors } from '../slack/submissions.ts';
import type { OpenedView } from '../slack/workspace.ts';
import type { SlackDeed } from './deed.ts';
import type { Done } from './guide.ts';
import { PERSONS } from './people.ts';
import type { DeedAnswer, OptionState } from './state.ts';

const COMMAND = '/imagepull';
/** Entry of a message's menu. */
const SHORTCUT = 'imagepull.diagnose_message';

const Suggested = z.looseObject({
  options: z.array(
    z.looseObject({
      text: z.looseObject({ text: z.string() }),
      value: z.string(),
      description: z.looseObject({ text: z.string() }).optional(),
    }),
  ),
});

/** Does in Slack what people do in the page. One for each workspace. */
export class SlackDeeds {
  readonly #slack: SlackServer;
  readonly #onDone: (done: Done) => void;
  /** What each person clicked on last: what opened their window. */
  readonly #clicked = new Map<string, string>();

  /** `onDone` hears of clicks and windows that the app has taken. */
  constructor(slack: SlackServer, onDone: (done: Done) => void) {
    this.#slack = slack;
    this.#onDone = onDone;
  }

  async do(deed: SlackDeed): Promise<DeedAnswer> {
    if (!PERSONS.some(({ id }) => id === deed.who)) return refused(`There is nobody called ${deed.who}.`);
    switch (deed.do) {
      case 'write':
        return this.#write(deed);
      case 'click':
        return this.#click(deed);
      case 'shortcut':
        return this.#shortcut(deed);
      case 'dismiss':
        this.#dismiss(deed);
        return DONE;
      case 'home':
        await this.#slack.openHome(deed.who);
        return DONE;
      case 'submit':
        return this.#submit(deed);
      case 'close':
        return this.#close(deed);
      case 'suggest':
        return this.#suggest(deed);
    }
  }

  async #write({ who, channel, thread, text }: Extract<SlackDeed, { do: 'write' }>): Promise<DeedAnswer> {
    const { workspace } = this.#slack;
    if (!this.#mayRead(who, channel)) return refused('There is no such channel.');
    const words = text.trim();
    if (words === '') return refused('There is nothing to send.');
    if (words.startsWith('/')) {
      const [command = '', ...rest] = words.split(/\s+/);
      if (command !== COMMAND)
        return refused(
          `${command} is no command here. There is one, ${COMMAND}; to send a text that begins with a slash, put a space before it.`,
        );
      if (thread !== undefined) return refused(`Commands do not work in threads. Write @${BOT} and the rest of it.`);
      await this.#slack.command({ user: who, channel, text: rest.join(' ') });
      return DONE;
    }
    const mention = new RegExp(`@${BOT}\\b`, 'gi');
    if (mention.test(words))
      await this.#slack.mention({
        user: who,
        channel,
        text: words.replace(mention, `<@${workspace.botUser}>`),
        ...(thread === undefined ? {} : { thread }),
      });
    else workspace.post({ channel, user: who, text: words, threadTs: thread });
    return DONE;
  }

  async #click({ who, channel, ts, actionId, label }: Extract<SlackDeed, { do: 'click' }>): Promise<DeedAnswer> {
    const message = this.#seenBy(who, channel, ts);
    if (message === undefined) return refused('That message is gone.');
    this.#clicked.set(who, label);
    await this.#slack.click({ user: who, message, label, actionId });
    this.#onDone({ kind: 'click', label });
    return DONE;
  }

  async #shortcut({ who, channel, ts }: Extract<SlackDeed, { do: 'shortcut' }>): Promise<DeedAnswer> {
    const message = this.#mayRead(who, channel) ? this.#slack.workspace.find(channel, ts) : undefined;
    if (message === undefined) return refused('That message is gone.');
    await this.#slack.shortcut({ user: who, message, callbackId: SHORTCUT });
    return DONE;
  }

  #dismiss({ who, ts }: Extract<SlackDeed, { do: 'dismiss' }>): void {
    const { ephemerals } = this.#slack.workspace;
    const at = ephemerals.findIndex((one) => one.user === who && one.ts === ts);
    if (at >= 0) ephemerals.splice(at, 1);
    this.#slack.workspace.changed();
  }

  async #submit({ who, view, values }: Extract<SlackDeed, { do: 'submit' }>): Promise<DeedAnswer> {
    const opened = this.#openFor(who, view);
    if (opened === undefined) return GONE;
    const errors = fieldErrors(opened.view, values);
    if (Object.keys(errors).length > 0) {
      opened.errors = errors;
      this.#slack.workspace.changed();
      return refused('Something is missing.');
    }
    await this.#slack.submit({ user: who, view, values });
    if (!opened.open) this.#onDone({ kind: 'submit', label: this.#clicked.get(who), values: Object.values(values) });
    return DONE;
  }

  #close({ who, view }: Extract<SlackDeed, { do: 'close' }>): DeedAnswer {
    const opened = this.#openFor(who, view);
    if (opened === undefined) return GONE;
    opened.open = false;
    this.#slack.workspace.changed();
    return DONE;
  }

  async #suggest({ who, view, actionId, typed }: Extract<SlackDeed, { do: 'suggest' }>): Promise<DeedAnswer> {
    if (this.#openFor(who, view) === undefined) return GONE;
    const { payload } = await this.#slack.suggest({ user: who, view, actionId, typed });
    const options = Suggested.parse(payload).options.map(
      ({ text, value, description }): OptionState => ({
        text: text.text,
        value,
        ...(description ? { description: description.text } : {}),
      }),
    );
    return { ok: true, options };
  }

  #openFor(who: string, at: number): OpenedView | undefined {
    const opened = this.#slack.workspace.views[at];
    return opened?.open && opened.user === who ? opened : undefined;
  }

  #mayRead(who: string, channel: string): boolean {
    return channel === who || this.#slack.workspace.channels.get(channel)?.members.has(who) === true;
  }

  #seenBy(who: string, channel: string, ts: string): Clickable | undefined {
    if (!this.#mayRead(who, channel)) return undefined;
    const { workspace } = this.#slack;
    const told = workspace.ephemerals.find((one) => one.channel === channel && one.ts === ts && one.user === who);
    return told ?? workspace.find(channel, ts);
  }
}

const BOT = 'imagepull';
const DONE: DeedAnswer = { ok: true };
const GONE: DeedAnswer = { ok: false, says: 'That window is not open any more.' };

function refused(says: string): DeedAnswer {
  return { ok: false, says };
}
