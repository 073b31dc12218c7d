import { actionsOf } from '../slack/clickable.ts';
import type { StoredMessage } from '../slack/workspace.ts';
import { type Doing, type Happening, PEOPLE, type Story } from '../stories/story.ts';
import { CHANNEL } from './bot.ts';
import type { Environment } from './environment.ts';
import { NAMESPACE } from './setting.ts';
import { NotSeen, type Patience, until } from './until.ts';

/** Hears a story as it goes on. */
export interface Teller {
  /** Something happens in the cluster or at the registry. */
  happens(told: string): void;
  /** Somebody does something in Slack. */
  does(who: string, what: string): void;
  /** Time to look at what the bot has said by now: its card, and the texts of its thread. */
  looks(card: StoredMessage, thread: readonly StoredMessage[]): void;
  /** It has ended as told; where the bot would have been wrong. */
  doubts?(doubt: string): void;
}

/** Field of the window in which a plan is decided, and of the one in which something is chosen. */
const FIELDS = { reason: 'imagepull.plan.reason', chosen: 'imagepull.plan.chosen' } as const;

/** Plays a story to its end; `speed` in place of the story's own. Throws NotSeen where something does not come as told. */
export async function playStory(
  story: Story,
  environment: Environment,
  { teller, patience, speed = story.speed }: { readonly teller: Teller; readonly patience: Patience; readonly speed?: number },
): Promise<void> {
  const { clock } = environment;
  await environment.fill();
  for (const one of story.before) {
    teller.happens(one.told);
    if (one.step === 'pass') await clock.step(one.minutes * 60_000);
    else await environment.bring(one);
  }
  clock.run(speed);
  const conversation = new Conversation(environment, { patience, teller, cause: story.cause });
  for (const one of story.steps) await perform(one, { environment, conversation, teller, speed });
  await conversation.ends(story.end);
  if (story.doubt !== undefined) teller.doubts?.(story.doubt);
}

type Parts = { readonly environment: Environment; readonly conversation: Conversation; readonly teller: Teller; readonly speed: number };

async function perform(one: Doing | Happening, { environment, conversation, teller, speed }: Parts): Promise<void> {
  switch (one.step) {
    case 'pass':
      teller.happens(one.told);
      await environment.pass(one.minutes * 60_000);
      environment.clock.run(speed);
      return;
    case 'push':
    case 'remove':
    case 'registry':
    case 'secret':
    case 'node':
    case 'pull-policy':
    case 'set-image':
      teller.happens(one.told);
      return environment.bring(one);
    case 'alert':
      teller.happens(one.told);
      return environment.bot.alert({ alertname: one.name, severity: 'warning', namespace: NAMESPACE, deployment: one.workload });
    case 'crash':
      return conversation.crash(one.told);
    case 'restart':
      return conversation.restart(one.told);
    case 'arrives':
      return conversation.arrives();
    case 'ask':
      return conversation.ask(one.who, one.workload);
    case 'propose':
      return conversation.propose(one.who, one.button);
    case 'choose':
      return conversation.choose(one);
    case 'approve':
      return conversation.decide(one.who, 'Review …', one.reason);
    case 'deny':
      return conversation.decide(one.who, 'Deny …', one.reason);
    case 'see':
      return conversation.see(one.card);
  }
}

type Who = keyof typeof PEOPLE;

/** What people and the bot say about one incident. */
class Conversation {
  readonly #environment: Environment;
  readonly #patience: Patience;
  readonly #teller: Teller;
  readonly #cause: string;
  #card: StoredMessage | undefined;
  #dead = false;

  constructor(
    environment: Environment,
    { patience, teller, cause }: { readonly patience: Patience; readonly teller: Teller; readonly cause: string },
  ) {
    this.#environment = environment;
    this.#patience = patience;
    this.#teller = teller;
    this.#cause = cause;
  }

  async ask(who: Who, workload: string): Promise<void> {
    const { slack, look } = this.#environment;
    const pod = await until(`a pod of ${workload} that fails to pull`, this.#patience, () => {
      const { failing, running } = look(workload);
      return failing === undefined ? { seen: `${running} that run` } : { found: failing };
    });
    const text = `diagnose ${NAMESPACE}/${pod}`;
    this.#teller.does(who, `writes /imagepull ${text}`);
    await slack.command({ user: PEOPLE[who], channel: CHANNEL, text });
    await this.arrives();
  }

  /** Waits for a card with its verdict. */
  async arrives(): Promise<void> {
    this.#card = await until('a card with a verdict', this.#patience, () => {
      const card = this.#posts().find(({ threadTs }) => threadTs === undefined);
      const said = card?.text ?? 'no card';
      return card && / checks/.test(said) && !said.startsWith('Looking into') ? { found: card } : { seen: said };
    });
    const { text } = this.#card;
    // The name of the cause begins the second line.
    if (!text.includes(`\n${this.#cause} `)) throw new NotSeen(`a verdict that names ${this.#cause}`, text);
    this.#look();
  }

  /** Has the service die at its next write, once what comes next leads to one. */
  crash(told: string): void {
    this.#teller.happens(told);
    this.#dead = false;
    void this.#environment.bot.dieAfterWriting().then(() => {
      this.#dead = true;
    });
  }

  async restart(told: string): Promise<void> {
    await until('that the service dies', this.#patience, () => (this.#dead ? { found: true } : { seen: 'that it lives' }));
    this.#teller.happens(told);
    await this.#environment.bot.restart();
  }

  async propose(who: Who, button: string): Promise<void> {
    await this.#hasButton(button);
    this.#teller.does(who, `presses “${button}”`);
    await this.#environment.slack.click({ user: PEOPLE[who], message: this.#known(), label: button });
  }

  async choose({ who, button, value }: { readonly who: Who; readonly button: string; readonly value: string }): Promise<void> {
    const { slack } = this.#environment;
    const view = slack.workspace.views.length;
    await this.#hasButton(button);
    await slack.click({ user: PEOPLE[who], message: this.#known(), label: button });
    await until(`a window that offers ${value}`, this.#patience, () => {
      const shown = JSON.stringify(slack.workspace.views[view]?.view ?? 'no window');
      return shown.includes(`"value":"${value}"`) ? { found: true } : { seen: shown };
    });
    this.#teller.does(who, `presses “${button}” and chooses ${value}`);
    await slack.submit({ user: PEOPLE[who], view, values: { [FIELDS.chosen]: value } });
  }

  async decide(who: Who, button: 'Review …' | 'Deny …', reason: string): Promise<void> {
    const { slack } = this.#environment;
    const view = slack.workspace.views.length;
    await this.#hasButton(button);
    await slack.click({ user: PEOPLE[who], message: this.#known(), label: button });
    await until('a window with the plan', this.#patience, () =>
      slack.workspace.views.length > view ? { found: true } : { seen: 'no window' },
    );
    this.#teller.does(who, `presses “${button}”, reads the plan and ${button === 'Review …' ? 'approves' : 'denies'}: “${reason}”`);
    await slack.submit({ user: PEOPLE[who], view, values: { [FIELDS.reason]: reason } });
  }

  async see(text: string): Promise<void> {
    await this.#says('the card', text, () => this.#known().text);
    this.#look();
  }

  /** Waits for all that a story has to end with. */
  async ends({ card, cards, thread, without, writes, workloads }: Story['end']): Promise<void> {
    for (const text of card) await this.#says('the card', text, () => this.#known().text);
    for (const text of thread)
      await this.#says('the thread', text, () =>
        this.#thread()
          .map((message) => message.text)
          .join('\n'),
      );
    for (const { name, running, waiting, image } of workloads)
      await until(`${running} running and ${waiting} waiting pods of ${name} with ${image}`, this.#patience, () => {
        const now = this.#environment.look(name);
        const same = now.running === running && now.waiting === waiting && now.image.replace(/@.*$/, '') === image;
        return same ? { found: true } : { seen: `${now.running} running and ${now.waiting} waiting pods with ${now.image}` };
      });
    const written = this.#environment.writes();
    if (writes !== undefined && writes !== written) throw new NotSeen(`${writes} changes by the bot`, `${written}`);
    const begun = this.#posts().filter(({ threadTs }) => threadTs === undefined);
    if (begun.length !== cards) throw new NotSeen(`${cards} ${cards === 1 ? 'card' : 'cards'}`, begun.map(({ text }) => text).join('\n'));
    const buttons = this.#buttons();
    const wrong = without.filter((label) => buttons.includes(label));
    if (wrong.length > 0) throw new NotSeen(`no button ${wrong.join(', ')}`, buttons.join(', '));
    this.#look();
  }

  async #says(what: string, text: string, said: () => string): Promise<void> {
    await until(`${what} with “${text}”`, this.#patience, () => (said().includes(text) ? { found: true } : { seen: said() }));
  }

  #hasButton(label: string): Promise<unknown> {
    return until(`a button “${label}”`, this.#patience, () => {
      const buttons = this.#buttons();
      return buttons.includes(label) ? { found: true } : { seen: `${buttons.join(', ') || 'none'} on: ${this.#known().text}` };
    });
  }

  #look(): void {
    this.#teller.looks(this.#known(), this.#thread());
  }

  #known(): StoredMessage {
    if (this.#card === undefined) throw new Error('a story has to ask before it does something with the card');
    return this.#card;
  }

  #buttons(): readonly string[] {
    return actionsOf(this.#known().blocks).map(({ label }) => label);
  }

  #thread(): readonly StoredMessage[] {
    const { ts } = this.#known();
    return this.#posts().filter(({ threadTs }) => threadTs === ts);
  }

  #posts(): readonly StoredMessage[] {
    const { workspace } = this.#environment.slack;
    return workspace.messages.filter(({ channel, user }) => channel === CHANNEL && user === workspace.botUser);
  }
}
