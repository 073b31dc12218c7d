import { actionsOf } from '../slack/clickable.ts';
import type { StoredMessage, Workspace } from '../slack/workspace.ts';
import { type Doing, type Happening, PEOPLE, type Story } from '../stories/story.ts';
import { CHANNEL, type Environment } from './environment.ts';
import { NAMESPACE } from './setting.ts';
import { NotSeen, type Patience, until } from './until.ts';

/** Somebody of a story, by name. */
export type Who = keyof typeof PEOPLE;

/** Hears a story as it goes on. */
export interface Teller {
  /** Something happens in the cluster or at the registry. */
  happens(told: string): void;
  /** Somebody is about to do something in Slack, once this is over. */
  does(who: Who, what: string): void | Promise<void>;
  /** Time to look at what the bot has said by now: its card, and the texts of its thread. */
  looks(card: StoredMessage, thread: readonly StoredMessage[]): void;
}

/** Field of the window in which a plan is decided, and of the one in which something is chosen. */
const FIELDS = { reason: 'imagepull.plan.reason', chosen: 'imagepull.plan.chosen' } as const;

/** How the steps of a story are played. */
export interface Playing {
  readonly teller: Teller;
  readonly patience: Patience;
  /** In place of the story's own. */
  readonly speed?: number;
}

/** Plays a story to its end. Throws NotSeen where something does not come as told. */
export async function playStory(story: Story, environment: Environment, playing: Playing): Promise<void> {
  await beginStory(story, environment, playing.teller);
  await playSteps(story, environment, playing);
}

/** What a story has, and what happens before anybody asks; time stands still then. */
export async function beginStory(story: Story, environment: Environment, teller: Pick<Teller, 'happens'>): Promise<void> {
  await environment.fill();
  for (const one of story.before) {
    teller.happens(one.told);
    if (one.step === 'pass') await environment.clock.step(one.minutes * 60_000);
    else await environment.bring(one);
  }
}

/** Plays the steps of a story that has begun, `from` the first or a later one, to its end; `onStep` hears of each before it is played. */
export async function playSteps(
  story: Story,
  environment: Environment,
  given: Playing & { readonly from?: number; readonly onStep?: (at: number) => void },
): Promise<void> {
  const { teller, patience, speed = story.speed, from = 0, onStep } = given;
  environment.clock.run(speed);
  const conversation = new Conversation(environment, patience, teller);
  for (const [at, one] of story.steps.entries()) {
    if (at < from) continue;
    onStep?.(at);
    await perform(one, { environment, conversation, teller, speed });
  }
  onStep?.(story.steps.length);
  await conversation.ends(story.end);
}

type Parts = { readonly environment: Environment; readonly conversation: Conversation; readonly teller: Teller; readonly speed: number };

async function perform(one: Doing | Happening, { environment, conversation, teller, speed }: Parts): Promise<void> {
  switch (one.step) {
    case 'pass':
      teller.happens(one.told);
      await environment.clock.step(one.minutes * 60_000);
      environment.clock.run(speed);
      return;
    case 'push':
    case 'registry':
    case 'set-image':
      teller.happens(one.told);
      return environment.bring(one);
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

/** The card of the first incident that the bot told of; undefined before. */
export function cardOf({ messages, botUser }: Workspace): StoredMessage | undefined {
  return messages.find(({ channel, user, threadTs }) => channel === CHANNEL && user === botUser && threadTs === undefined);
}

/** Whether a card says what the matter is, and not only that it is looked into. */
export function hasVerdict({ text }: StoredMessage): boolean {
  return / checks/.test(text) && !text.startsWith('Looking into');
}

/** What people and the bot say about one incident. */
class Conversation {
  readonly #environment: Environment;
  readonly #patience: Patience;
  readonly #teller: Teller;
  #card: StoredMessage | undefined;

  constructor(environment: Environment, patience: Patience, teller: Teller) {
    this.#environment = environment;
    this.#patience = patience;
    this.#teller = teller;
    // Somebody else may have asked already.
    this.#card = cardOf(environment.slack.workspace);
  }

  async ask(who: Who, workload: string): Promise<void> {
    const { slack, look } = this.#environment;
    const pod = await until(`a pod of ${workload} that fails to pull`, this.#patience, () => {
      const { failing, running } = look(workload);
      return failing === undefined ? { seen: `${running} that run` } : { found: failing };
    });
    const text = `diagnose ${NAMESPACE}/${pod}`;
    await this.#teller.does(who, `writes /imagepull ${text}`);
    await slack.command({ user: PEOPLE[who], channel: CHANNEL, text });
    this.#card = await until('a card with a verdict', this.#patience, () => {
      const card = cardOf(slack.workspace);
      const said = card?.text ?? 'no card';
      return card && hasVerdict(card) ? { found: card } : { seen: said };
    });
    this.#look();
  }

  async propose(who: Who, button: string): Promise<void> {
    await this.#hasButton(button);
    await this.#teller.does(who, `presses “${button}”`);
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
    await this.#teller.does(who, `presses “${button}” and chooses ${value}`);
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
    await this.#teller.does(who, `presses “${button}”, reads the plan and ${button === 'Review …' ? 'approves' : 'denies'}: “${reason}”`);
    await slack.submit({ user: PEOPLE[who], view, values: { [FIELDS.reason]: reason } });
  }

  async see(text: string): Promise<void> {
    await this.#says('the card', text, () => this.#known().text);
    this.#look();
  }

  /** Waits for all that a story has to end with. */
  async ends({ card, thread, without, workloads }: Story['end']): Promise<void> {
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
