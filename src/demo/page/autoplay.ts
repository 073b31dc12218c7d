import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '../player/environment.ts';
import { playSteps } from '../player/play-story.ts';
import { NotSeen } from '../player/until.ts';
import { PEOPLE, type Story } from '../stories/story.ts';
import type { Progress } from './progress.ts';

/** For one thing that has to be seen, ms. */
const PATIENCE_MS = 30_000;
const MAX_WORDS = 500;

/** Hears of what is done for somebody, each a while before it is done, and of every step. */
export interface Onlooker {
  tell(one: { readonly who?: string; readonly text: string }): void;
  /** A person's id. */
  acts(user: string): void;
  moved(): void;
}

/** Does the steps that are left of a story, for somebody who looks on. Answers with why it came to an end before its time; undefined where it did not, or was stopped. */
export async function autoplay(given: {
  readonly story: Story;
  readonly environment: Environment;
  readonly progress: Progress;
  /** How long something is announced before it is done, ms. */
  readonly paceMs: number;
  readonly signal: AbortSignal;
  readonly onlooker: Onlooker;
}): Promise<string | undefined> {
  const { story, environment, progress, paceMs, signal, onlooker } = given;
  try {
    await playSteps(story, environment, {
      teller: {
        happens: (text) => onlooker.tell({ text }),
        does: async (who, text) => {
          onlooker.acts(PEOPLE[who]);
          onlooker.tell({ who, text });
          await pause(paceMs, undefined, { signal });
        },
        looks: () => undefined,
      },
      patience: { limitMs: PATIENCE_MS, signal },
      speed: environment.clock.speed || story.speed,
      from: progress.at,
      onStep: (at) => {
        signal.throwIfAborted();
        progress.moveTo(at);
        onlooker.moved();
      },
    });
    return undefined;
  } catch (cause) {
    return signal.aborted ? undefined : stuckWords(cause);
  }
}

/** Why something did not go on, for a person. */
export function stuckWords(cause: unknown): string {
  if (cause instanceof NotSeen) return `It did not go on as told: expected ${cause.expected}, saw ${cause.seen}`.slice(0, MAX_WORDS);
  return cause instanceof Error ? cause.message : String(cause);
}
