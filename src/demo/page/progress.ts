import type { Environment } from '../player/environment.ts';
import { bringAbout, cardOf, hasVerdict, isEvent } from '../player/play-story.ts';
import type { Story } from '../stories/story.ts';
import { type Done, stepAfter } from './guide.ts';

/** How far a story is that people play by hand: what they did, what has come about by itself, and what happens without anybody. */
export class Progress {
  readonly #story: Story;
  readonly #environment: Environment;
  readonly #tell: (text: string) => void;
  /** Steps that are being brought about are not brought about again. */
  #busy = false;
  /** The bot has died as the story has it. */
  #dead = false;
  #at = 0;
  #ended = false;

  /** `tell` hears of what happens without anybody. */
  constructor(story: Story, environment: Environment, tell: (text: string) => void) {
    this.#story = story;
    this.#environment = environment;
    this.#tell = tell;
  }

  /** The step that comes next; as many as the story has where none does. */
  get at(): number {
    return this.#at;
  }

  /** Everything that the story tells of has come about. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Somebody else has played the steps before this one. */
  moveTo(at: number): void {
    this.#at = at;
  }

  hear(done: Done): void {
    this.#at = stepAfter(this.#story.steps, this.#at, done);
  }

  /** Goes past the steps that have come about, and brings about those that happen without anybody. */
  async goOn(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (await this.#passes()) this.#at++;
      this.#ended ||= this.#story.steps.length > 0 && this.#at >= this.#story.steps.length && this.#hasEnd();
    } finally {
      this.#busy = false;
    }
  }

  async #passes(): Promise<boolean> {
    const step = this.#story.steps[this.#at];
    if (step === undefined) return false;
    if (isEvent(step)) {
      this.#tell(step.told);
      await bringAbout(step, this.#environment);
      return true;
    }
    const card = cardOf(this.#environment.slack.workspace);
    switch (step.step) {
      case 'ask':
      case 'arrives':
        return card !== undefined && hasVerdict(card);
      case 'see':
        return card?.text.includes(step.card) === true;
      case 'crash':
        this.#tell(step.told);
        this.#dead = false;
        void this.#environment.bot.dieAfterWriting().then(() => {
          this.#dead = true;
        });
        return true;
      case 'restart':
        if (!this.#dead) return false;
        this.#tell(step.told);
        await this.#environment.bot.restart();
        return true;
      default:
        return false;
    }
  }

  #hasEnd(): boolean {
    const { card, workloads } = this.#story.end;
    const said = cardOf(this.#environment.slack.workspace)?.text ?? '';
    const isThere = workloads.every(({ name, running, waiting }) => {
      const now = this.#environment.look(name);
      return now.running === running && now.waiting === waiting;
    });
    return isThere && card.every((text) => said.includes(text));
  }
}
