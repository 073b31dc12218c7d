import { actionsOf } from '../slack/clickable.ts';
import type { StoredMessage, Workspace } from '../slack/workspace.ts';
import { type Happening, PEOPLE, type Story } from '../stories/story.ts';
import { CHANNEL } from './bot.ts';
import type { Environment } from './environment.ts';
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
  /** It has ended as told; where the bot would have been wrong. */
  doubts?(doubt: string): void;
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
  const conversation = new Conversation(environment, { patience, teller, cause: story.cause });
  for (const [at, one] of story.steps.entries()) {
    if (at < from) continue;
    onStep?.(at);
    await perform(one, { environment, conversation, teller });
  }
  onStep?.(story.steps.length);
  await conversation.ends(story.end);
  if (story.doubt !== undefined) teller.doubts?.(story.doubt);
}

type Step = Story['steps'][number];
/** What happens without anybody in Slack, and at once. */
export type Event = Happening | Extract<Step, { readonly step: 'alert' }>;

const EVENTS: ReadonlySet<Step['step']> = new Set<Event['step']>([
  'alert',
  'push',
  'set-image',
  'remove',
  'pull-policy',
  'secret',
  'node',
  'registry',
  'pass',
]);

export function isEvent(step: Step): step is Event {
  return EVENTS.has(step.step);
}

/** Brings an event about; time runs on after it as it did before. */
export async function bringAbout(event: Event, environment: Environment): Promise<void> {
  switch (event.step) {
    case 'pass':
      return letPass(event.minutes * 60_000, environment);
    case 'alert':
      return environment.bot.alert({ alertname: event.name, severity: 'warning', namespace: NAMESPACE, deployment: event.workload });
    default:
      return environment.bring(event);
  }
}

/** Lets so many ms pass at once for the cluster and the bot; the clock runs on after that, if it ran. */
export async function letPass(ms: number, environment: Pick<Environment, 'clock' | 'pass'>): Promise<void> {
  const { speed } = environment.clock;
  await environment.pass(ms);
  if (speed > 0) environment.clock.run(speed);
}

async function perform(one: Step, { environment, conversation, teller }: Parts): Promise<void> {
  if (isEvent(one)) {
    teller.happens(one.told);
    return bringAbout(one, environment);
  }
  switch (one.step) {
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
    default:
      return one satisfies never;
  }
}

type Parts = { readonly environment: Environment; readonly conversation: Conversation; readonly teller: Teller };

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
    await this.arrives();
  }

  /** Waits for a card with its verdict. */
  async arrives(): Promise<void> {
    const { workspace } = this.#environment.slack;
    this.#card = await until('a card with a verdict', this.#patience, () => {
      const card = cardOf(workspace);
      const said = card?.text ?? 'no card';
      return card && hasVerdict(card) ? { found: card } : { seen: said };
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
