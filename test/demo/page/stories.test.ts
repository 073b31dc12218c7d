import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { readStories } from '../../../src/demo/stories/stories.ts';
import type { Story } from '../../../src/demo/stories/story.ts';
import { startChromium } from '../../support/chromium.ts';
import { keyboardOf, MOUSE } from './hands.ts';
import { playInPage } from './play-in-page.ts';
import { serveStory } from './visits.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser?.close());

const stories = readStories();
/** Two at a time. */
const pairs = stories.flatMap((story, at) => (at % 2 === 0 ? [[story, stories[at + 1]].filter((one) => one !== undefined)] : []));

async function playByMouse(story: Story): Promise<void> {
  const visits = await serveStory(browser, story);
  try {
    await playInPage(await visits.visit(), story, MOUSE);
  } finally {
    await visits.stop();
  }
}

describe('in the page', () => {
  it.each(pairs.map((pair) => ({ pair, names: pair.map(({ id }) => id).join(', ') })))(
    '$names: can be played to the end',
    async ({ pair }) => {
      await Promise.all(pair.map(playByMouse));
    },
  );

  it('a story can be played by keyboard alone', async () => {
    const [story] = stories;
    if (story === undefined) throw new Error('there is no story');
    const visits = await serveStory(browser, story);
    try {
      const tab = await visits.visit();
      await playInPage(tab, story, keyboardOf(tab));
    } finally {
      await visits.stop();
    }
  });
});
