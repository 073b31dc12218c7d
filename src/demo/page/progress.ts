import type { Environment } from '../player/environment.ts';
import { cardOf, hasVerdict } from '../player/play-story.ts';
import type { Story } from '../stories/story.ts';
import { type Done, stepAfter } from './guide.ts';

/** How far a story is that people play by hand: what they did, what has come about by itself, and what happens without anybody. */
export class Progress {
  readonly #story: Story;
  readonly #environment: Environment;
  readonly #tell: (text: string) => void;
  /** Steps that are being brought about are not brought about again. */
  #busy = false;
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
      this.#ended ||= this.#at >= this.#story.steps.length && this.#hasEnd();
    } finally {
      this.#busy = false;
    }
  }

  async #passes(): Promise<boolean> {
    const step = this.#story.steps[this.#at];
    const card = cardOf(this.#environment.slack.workspace);
    switch (step?.step) {
      case 'ask':
        return card !== undefined && hasVerdict(card);
      case 'see':
        return card?.text.includes(step.card) === true;
      case 'pass':
        this.#tell(step.told);
        await stepOn(this.#environment, step.minutes * 60_000);
        return true;
      case 'push':
      case 'registry':
      case 'set-image':
        this.#tell(step.told);
        await this.#environment.bring(step);
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

/** Lets so many ms of the cluster's time pass at once; it runs on after that, if it ran. */
export async function stepOn({ clock }: Pick<Environment, 'clock'>, ms: number): Promise<void> {
  const { speed } = clock;
  await clock.step(ms);
  if (speed > 0) clock.run(speed);
}
