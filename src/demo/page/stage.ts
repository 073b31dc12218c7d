import { setTimeout as pause } from 'node:timers/promises';
import { type Environment, openEnvironment } from '../player/environment.ts';
import { beginStory, cardOf, hasVerdict, playSteps } from '../player/play-story.ts';
import { NotSeen } from '../player/until.ts';
import { PEOPLE, type Story } from '../stories/story.ts';
import { behindState, tasksOf } from './behind.ts';
import type { Deed, SlackDeed } from './deed.ts';
import { type Done, hintOf, stepAfter } from './guide.ts';
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

/** For one thing that has to be seen while steps are done for somebody, ms. */
const PATIENCE_MS = 30_000;
/** Between an announcement and the deed, so that it can be read, ms. */
const PACE_MS = 1_500;
/** Between two looks behind the scenes, ms. */
const LOOK_MS = 500;
/** Changes that come together are told together, ms. */
const GATHER_MS = 30;

/** An environment that is up, and what belongs to it. */
interface Scene {
  readonly environment: Environment;
  readonly deeds: SlackDeeds;
  /** Looks that are under way. */
  readonly timer: NodeJS.Timeout;
}

/** The story that the page shows: opens its environment, does what people do in it, and follows how far it is. */
export class Stage {
  readonly #stories: readonly Story[];
  readonly #audience: Audience;
  readonly #paceMs: number;
  #story: Story;
  #scene: Scene | undefined;
  /** Environments are opened and stopped one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #phase: StageState['phase'] = 'opening';
  #because: string | undefined;
  #told: { readonly who?: string; readonly text: string }[] = [];
  #at = 0;
  #ended = false;
  #playing: AbortController | undefined;
  #stuck: string | undefined;
  #actor: string | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #bringing = false;

  constructor(given: { readonly stories: readonly Story[]; readonly first: Story; readonly audience: Audience; readonly paceMs?: number }) {
    this.#stories = given.stories;
    this.#story = given.first;
    this.#audience = given.audience;
    this.#paceMs = given.paceMs ?? PACE_MS;
  }

  /** Begins a story, in place of the one before. Comes to an end once it is there, or could not be; the state says which. */
  begin(story: Story = this.#story): Promise<void> {
    this.#playing?.abort();
    this.#turn = this.#turn.then(async () => {
      await this.#leave();
      this.#story = story;
      this.#told = [];
      this.#at = 0;
      this.#ended = false;
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
        if (this.#playing === undefined) void this.#play(scene);
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
        await scene.environment.clock.step(deed.seconds * 1_000);
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
    const environment = await openEnvironment(story, { random: Math.random });
    const { workspace } = environment.slack;
    const deeds = new SlackDeeds(environment.slack, (done) => this.#hear(done));
    const timer = setInterval(() => void this.#lookBehind(environment), LOOK_MS);
    this.#scene = { environment, deeds, timer };
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

  #gather(environment: Environment): void {
    void this.#goOn();
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      if (this.#scene?.environment === environment) this.#audience.show('slack', slackState(environment.slack.workspace));
    }, GATHER_MS);
  }

  async #lookBehind(environment: Environment): Promise<void> {
    if (!this.#audience.looks) return;
    const tasks = await tasksOf(environment);
    if (this.#scene?.environment !== environment) return;
    this.#audience.show('behind', behindState(environment, tasks));
    this.#showEnd(environment);
  }

  #hear(done: Done): void {
    if (this.#playing !== undefined) return;
    this.#at = stepAfter(this.#story.steps, this.#at, done);
    void this.#goOn();
    this.#showStage();
  }

  /** Past the steps that have come about by themselves, and through those that happen without anybody. */
  async #goOn(): Promise<void> {
    const environment = this.#scene?.environment;
    if (environment === undefined || this.#phase !== 'open' || this.#playing !== undefined || this.#bringing) return;
    const before = this.#at;
    this.#bringing = true;
    try {
      while (await this.#passes(environment)) this.#at++;
    } finally {
      this.#bringing = false;
    }
    if (this.#at !== before) this.#showStage();
  }

  async #passes(environment: Environment): Promise<boolean> {
    const step = this.#story.steps[this.#at];
    const card = cardOf(environment.slack.workspace);
    switch (step?.step) {
      case 'ask':
        return card !== undefined && hasVerdict(card);
      case 'see':
        return card?.text.includes(step.card) === true;
      case 'pass': {
        this.#told.push({ text: step.told });
        const { speed } = environment.clock;
        await environment.clock.step(step.minutes * 60_000);
        if (speed > 0) environment.clock.run(speed);
        return true;
      }
      case 'push':
      case 'registry':
      case 'set-image':
        this.#told.push({ text: step.told });
        await environment.bring(step);
        return true;
      default:
        return false;
    }
  }

  async #play({ environment }: Scene): Promise<void> {
    const playing = new AbortController();
    this.#playing = playing;
    this.#stuck = undefined;
    this.#showStage();
    const { signal } = playing;
    const teller = {
      happens: (text: string) => this.#tell({ text }),
      does: async (who: keyof typeof PEOPLE, text: string) => {
        this.#actor = PEOPLE[who];
        this.#tell({ who, text });
        await this.#pace(signal);
      },
      looks: () => undefined,
    };
    try {
      await playSteps(this.#story, environment, {
        teller,
        patience: { limitMs: PATIENCE_MS, signal },
        speed: environment.clock.speed || this.#story.speed,
        from: this.#at,
        onStep: (at) => {
          signal.throwIfAborted();
          this.#at = at;
          this.#showStage();
        },
      });
    } catch (cause) {
      if (!signal.aborted) this.#stuck = stuckWords(cause);
    }
    this.#playing = undefined;
    this.#actor = undefined;
    if (this.#scene?.environment === environment) await this.#goOn();
    this.#showStage();
  }

  #tell(one: { readonly who?: string; readonly text: string }): void {
    this.#told.push(one);
    this.#showStage();
  }

  async #pace(signal: AbortSignal): Promise<void> {
    await pause(this.#paceMs, undefined, { signal });
  }

  /** Whether all that the story ends with is to be seen. */
  #showEnd(environment: Environment): void {
    if (this.#ended || this.#phase !== 'open' || this.#at < this.#story.steps.length) return;
    const { card, workloads } = this.#story.end;
    const said = cardOf(environment.slack.workspace)?.text ?? '';
    const isThere = workloads.every(({ name, running, waiting }) => {
      const now = environment.look(name);
      return now.running === running && now.waiting === waiting;
    });
    if (!isThere || !card.every((text) => said.includes(text))) return;
    this.#ended = true;
    this.#showStage();
  }

  #showStage(): void {
    const { id, title, steps, speed, doubt } = this.#story;
    const clock = this.#scene?.environment.clock;
    const step = steps[this.#at];
    const hint = this.#phase === 'open' && step !== undefined ? hintOf(step) : undefined;
    this.#audience.show('stage', {
      stories: this.#stories.map((story) => ({ id: story.id, title: story.title })),
      story: id,
      title,
      phase: this.#phase,
      because: this.#because,
      told: this.#told,
      hint,
      ended: this.#ended,
      doubt: this.#ended ? doubt : undefined,
      playing: this.#playing !== undefined,
      stuck: this.#stuck,
      actor: this.#actor,
      clock: { nowMs: clock?.now().getTime() ?? Date.now(), saidAtMs: Date.now(), speed: clock?.speed ?? 0, usual: speed },
    });
  }
}

function stuckWords(cause: unknown): string {
  if (cause instanceof NotSeen) return `It did not go on as told: expected ${cause.expected}, saw ${cause.seen}`.slice(0, 500);
  return cause instanceof Error ? cause.message : String(cause);
}
