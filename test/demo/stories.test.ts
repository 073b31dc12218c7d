import { describe, expect, it, vi } from 'vitest';
import { knowledge } from '../../src/app/app.ts';
import { openEnvironment } from '../../src/demo/player/environment.ts';
import { playStory, type Teller } from '../../src/demo/player/play-story.ts';
import { NotSeen, until } from '../../src/demo/player/until.ts';
import { readStories } from '../../src/demo/stories/stories.ts';
import { Story } from '../../src/demo/stories/story.ts';
import { PATIENCE_MS } from '../support/eventually.ts';

const stories = readStories();
const SPEED = 10;
/** With more workloads a story goes at its own pace: so many kubelets would have too much to do in ten times the time. */
const FEW = 10;

/** Plays a story on a clock that runs fast; answers with all that was to be seen on the way. */
async function play(story: Story, limitMs: number): Promise<string> {
  const environment = await openEnvironment(story, { random: Math.random });
  const seen: string[] = [];
  const teller: Teller = {
    happens: (told) => void seen.push(told),
    does: (who, what) => void seen.push(`${who} ${what}`),
    looks: (card, thread) => void seen.push(card.text, ...thread.map(({ text }) => text)),
    doubts: (doubt) => void seen.push(doubt),
  };
  try {
    await playStory(story, environment, { teller, patience: { limitMs }, speed: story.workloads.length > FEW ? story.speed : SPEED });
    expect(environment.log()).not.toMatch(/"level":"error"/);
    // The login of a story's pull secrets stays in the cluster.
    const { messages, views, ephemerals } = environment.slack.workspace;
    expect(JSON.stringify([messages, views, ephemerals, environment.log(), seen])).not.toMatch(/demo-password|cm9ib3Q6ZGVtby/);
    return seen.join('\n');
  } finally {
    await environment.stop();
  }
}

function storyCalled(name: string): Story {
  const found = stories.find(({ id }) => id === name);
  if (found === undefined) throw new Error(`there is no story ${name}`);
  return found;
}

// A story is mostly waiting.
vi.setConfig({ maxConcurrency: 8 });
describe.concurrent('stories', () => {
  it('have names of their own', () => {
    expect(new Set(stories.map(({ id }) => id)).size).toBe(stories.length);
    expect(stories.length).toBeGreaterThanOrEqual(23);
    expect(stories.filter(({ doubt }) => doubt === undefined)).toEqual([]);
  });

  it('have causes of every family', () => {
    const { causes } = knowledge().catalogue;
    const familyOf = (cause: string) => causes.find(({ id }) => id === cause)?.family;
    expect(new Set(stories.map(({ cause }) => familyOf(cause)))).toEqual(new Set(causes.map(({ family }) => family)));
  });

  it('fail where the verdict names another cause', async () => {
    const story = { ...storyCalled('gitops-owned'), cause: 'disk-full' };
    await expect(play(story, PATIENCE_MS)).rejects.toThrow(/^expected a verdict that names disk-full; saw .* has no tag/);
  });

  it('are refused with a reason where they are written down wrong', () => {
    const [story] = stories;
    expect(() => Story.parse({ ...story, speed: 0 })).toThrow(/speed/);
    expect(() => Story.parse({ ...story, registry: { images: ['shop/web'] } })).toThrow(/is not an image like/);
    expect(() => Story.parse({ ...story, steps: [{ step: 'approve', who: 'nobody', reason: 'x' }] })).toThrow(/steps/);
  });

  it.each(stories)('$id: goes as told, to its end', async (story) => {
    const seen = await play(story, PATIENCE_MS);
    expect(seen).toContain(story.doubt);
  });

  it('fail at once where something is there that must not be', async () => {
    const story = storyCalled('tag-typo');
    const workloads = [{ name: 'web', running: 3, waiting: 1, image: 'shop/web:1.27.4' }];
    const end = { card: ['has no tag 1.27.4'], cards: 1, thread: [], without: ['Set image …'], workloads };
    const thrown = await play({ ...story, steps: story.steps.slice(0, 1), end }, PATIENCE_MS).catch((cause: unknown) => cause);
    expect(thrown).toBeInstanceOf(NotSeen);
    expect(thrown).toMatchObject({ expected: 'no button Set image …', seen: expect.stringMatching(/^Set image …, Roll back/) });
  });

  it('say what was expected and what was seen once the time is up', async () => {
    const waiting = until('a card', { limitMs: 0 }, () => ({ seen: 'no card' }));
    await expect(waiting).rejects.toMatchObject({ expected: 'a card', seen: 'no card', message: 'expected a card; saw no card' });
    const stopped = until('a card', { limitMs: PATIENCE_MS, signal: AbortSignal.abort() }, () => ({ seen: 'no card' }));
    await expect(stopped).rejects.toThrow(/abort/);
  });
});
