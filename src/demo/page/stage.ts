import { type Environment, openEnvironment } from '../player/environment.ts';
import { beginStory, letPass } from '../player/play-story.ts';
import type { Story } from '../stories/story.ts';
import { autoplay, stuckWords } from './autoplay.ts';
import { behindState, figuresOf } from './behind.ts';
import type { Deed, SlackDeed } from './deed.ts';
import { type Done, hintOf } from './guide.ts';
import { Progress } from './progress.ts';
import { SlackDeeds } from './slack-deeds.ts';
import { slackState } from './slack-state.ts';
import type { BehindState, DeedAnswer, SlackState, StageState } from './state.ts';

/** Where the parts of the page's state go. */
export interface Audience {
  show(part: 'stage', state: StageState): void;
  show(part: 'slack', state: SlackState): void;
  show(part: 'behind', state: BehindState): void;
  /** Whether anybody looks. */
  readonly looks: boolean;
}

/** Between an announcement and the deed, so that it can be read, ms. */
const PACE_MS = 1_500;
/** Between two looks behind the scenes, ms. */
const LOOK_MS = 500;
/** Where no story says what to do. */
const FREE = { text: 'Write /imagepull scan to see what fails, or /imagepull diagnose to choose a pod of it.' };
/** Changes that come together are told together, ms. */
const GATHER_MS = 30;

/** An environment that is up, and what belongs to it. */
interface Scene {
  readonly environment: Environment;
  readonly deeds: SlackDeeds;
  readonly progress: Progress;
  /** Looks that are under way. */
  readonly timer: NodeJS.Timeout;
}

/** The story that the page shows: opens its environment, does what people do in it, and follows how far it is. */
export class Stage {
  readonly #stories: readonly Story[];
  readonly #audience: Audience;
  readonly #paceMs: number;
  readonly #openEnvironment: (story: Story) => Promise<Environment>;
  #story: Story;
  /** Counts the scenes. */
  #number = 0;
  #scene: Scene | undefined;
  /** Environments are opened and stopped one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #phase: StageState['phase'] = 'opening';
  #because: string | undefined;
  #told: { readonly who?: string; readonly text: string }[] = [];
  #playing: AbortController | undefined;
  #stuck: string | undefined;
  #actor: string | undefined;
  #gathering: NodeJS.Timeout | undefined;

  constructor(given: {
    readonly stories: readonly Story[];
    readonly first: Story;
    readonly audience: Audience;
    readonly paceMs?: number;
    readonly open?: ((story: Story) => Promise<Environment>) | undefined;
  }) {
    this.#stories = given.stories;
    this.#story = given.first;
    this.#audience = given.audience;
    this.#paceMs = given.paceMs ?? PACE_MS;
    this.#openEnvironment = given.open ?? ((story) => openEnvironment(story, { random: Math.random }));
  }

  /** Begins a story, in place of the one before. Comes to an end once it is there, or could not be; the state says which. */
  begin(story: Story = this.#story): Promise<void> {
    this.#playing?.abort();
    this.#playing = undefined;
    this.#turn = this.#turn.then(async () => {
      await this.#leave();
      this.#story = story;
      this.#told = [];
      this.#number++;
      this.#stuck = this.#because = this.#actor = undefined;
      this.#phase = 'opening';
      this.#showStage();
      try {
        await this.#open(story);
      } catch (cause) {
        this.#phase = 'failed';
        this.#because = cause instanceof Error ? cause.message : String(cause);
        await this.#leave();
      }
      this.#showStage();
    });
    return this.#turn;
  }

  /** Ends it, with all that was started for it. */
  async stop(): Promise<void> {
    this.#playing?.abort();
    await this.#turn;
    clearTimeout(this.#gathering);
    await this.#leave();
  }

  /** Does what somebody does in the page. What the stand-ins throw is what the person is told. */
  async do(deed: Deed): Promise<DeedAnswer> {
    if (deed.do === 'begin') {
      const story = this.#stories.find(({ id }) => id === deed.story);
      if (story === undefined) return { ok: false, says: `There is no story ${deed.story}.` };
      void this.begin(story);
      return { ok: true };
    }
    const scene = this.#scene;
    if (scene === undefined || this.#phase !== 'open') return { ok: false, says: 'The scene is still being set. Try again in a moment.' };
    if ('who' in deed) return this.#doInSlack(scene, deed);
    switch (deed.do) {
      case 'play':
        if (this.#story.steps.length === 0) return { ok: false, says: 'There is no story to play: this is a cluster of your own.' };
        if (this.#playing === undefined) this.#mind(this.#play(scene));
        break;
      case 'stop':
        this.#playing?.abort();
        break;
      case 'pause':
        scene.environment.clock.pause();
        break;
      case 'run':
        scene.environment.clock.run(deed.speed);
        break;
      case 'step':
        await letPass(deed.seconds * 1_000, scene.environment);
        break;
    }
    this.#showStage();
    return { ok: true };
  }

  async #doInSlack({ deeds }: Scene, deed: SlackDeed): Promise<DeedAnswer> {
    try {
      return await deeds.do(deed);
    } catch (cause) {
      return { ok: false, says: `That did not work: ${cause instanceof Error ? cause.message : String(cause)}` };
    }
  }

  async #open(story: Story): Promise<void> {
    const environment = await this.#openEnvironment(story);
    const { workspace } = environment.slack;
    const deeds = new SlackDeeds(environment.slack, (done) => this.#hear(done));
    const timer = setInterval(() => this.#mind(this.#lookBehind(environment)), LOOK_MS);
    const progress = new Progress(story, environment, (text) => this.#tell({ text }));
    this.#scene = { environment, deeds, progress, timer };
    workspace.onChange(() => this.#gather(environment));
    await beginStory(story, environment, { happens: (text) => void this.#told.push({ text }) });
    environment.clock.run(story.speed);
    this.#phase = 'open';
    this.#audience.show('slack', slackState(workspace));
    await this.#lookBehind(environment);
  }

  async #leave(): Promise<void> {
    const scene = this.#scene;
    this.#scene = undefined;
    if (scene === undefined) return;
    clearInterval(scene.timer);
    await scene.environment.stop();
  }

  /** What goes wrong beside what somebody does is said on the page, and ends nothing. */
  #mind(going: Promise<void>): void {
    const scene = this.#scene;
    going.catch((cause: unknown) => {
      // What is under way in a scene that is left fails by that.
      if (scene === undefined || this.#scene !== scene) return;
      this.#stuck = stuckWords(cause);
      this.#showStage();
    });
  }

  #gather(environment: Environment): void {
    this.#mind(this.#goOn());
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      if (this.#scene?.environment === environment) this.#audience.show('slack', slackState(environment.slack.workspace));
    }, GATHER_MS);
  }

  async #lookBehind(environment: Environment): Promise<void> {
    if (!this.#audience.looks) return;
    const figures = await figuresOf(environment);
    if (this.#scene?.environment !== environment) return;
    this.#audience.show('behind', behindState(environment, figures));
    await this.#goOn();
  }

  #hear(done: Done): void {
    if (this.#playing !== undefined) return;
    this.#scene?.progress.hear(done);
    this.#mind(this.#goOn());
  }

  async #goOn(): Promise<void> {
    if (this.#phase !== 'open' || this.#playing !== undefined) return;
    await this.#scene?.progress.goOn();
    this.#showStage();
  }

  async #play({ environment, progress }: Scene): Promise<void> {
    const playing = new AbortController();
    this.#playing = playing;
    this.#stuck = undefined;
    this.#showStage();
    const stuck = await autoplay({
      story: this.#story,
      environment,
      progress,
      paceMs: this.#paceMs,
      signal: playing.signal,
      onlooker: {
        tell: (one) => this.#tell(one),
        acts: (user) => {
          this.#actor = user;
        },
        moved: () => this.#showStage(),
      },
    });
    // Another story may be on by now.
    if (this.#playing !== playing) return;
    this.#playing = undefined;
    this.#actor = undefined;
    this.#stuck = stuck;
    await this.#goOn();
    this.#showStage();
  }

  #tell(one: { readonly who?: string; readonly text: string }): void {
    this.#told.push(one);
    this.#showStage();
  }

  #showStage(): void {
    const { id, title, steps, speed, doubt } = this.#story;
    const clock = this.#scene?.environment.clock;
    const { at = 0, ended = false } = this.#scene?.progress ?? {};
    const step = steps[at];
    const hint = this.#phase === 'open' ? (steps.length === 0 ? FREE : step && hintOf(step)) : undefined;
    this.#audience.show('stage', {
      stories: this.#stories.map((story) => ({ id: story.id, title: story.title })),
      scene: this.#number,
      story: id,
      title,
      phase: this.#phase,
      because: this.#because,
      told: this.#told,
      hint,
      ended,
      doubt: ended ? doubt : undefined,
      playing: this.#playing !== undefined,
      stuck: this.#stuck,
      actor: this.#actor,
      clock: { nowMs: clock?.now().getTime() ?? Date.now(), saidAtMs: Date.now(), speed: clock?.speed ?? 0, usual: speed },
    });
  }
}
