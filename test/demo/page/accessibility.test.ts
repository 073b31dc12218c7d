import axe from 'axe-core';
import type { Browser, Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readStories } from '../../../src/demo/stories/stories.ts';
import { startChromium } from '../../support/chromium.ts';
import { serveStory, type Visits } from './visits.ts';

const Violations = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })) })),
});

/** What axe objects to on the page as it is, a line each. */
async function violationsOf(tab: Tab): Promise<readonly string[]> {
  await tab.evaluate(axe.source);
  const { violations } = Violations.parse(await tab.evaluate('axe.run()'));
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
}

const LOOKS = [
  { name: 'light and wide', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { name: 'dark and wide', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { name: 'light, on a phone', colorScheme: 'light', viewport: { width: 375, height: 740 } },
  { name: 'dark, on a phone', colorScheme: 'dark', viewport: { width: 375, height: 740 } },
] as const;

describe('axe has nothing to object to', () => {
  let browser: Browser;
  let visits: Visits;
  beforeAll(async () => {
    browser = await startChromium();
    const [story] = readStories();
    if (story === undefined) throw new Error('there is no story');
    visits = await serveStory(browser, story);
    // Somebody has asked, and made a plan; it waits for approvals, in a window too.
    const tab = await visits.visit();
    await tab.getByRole('combobox', { name: /^Write a message/ }).fill('/imagepull status');
    await tab.keyboard.press('Enter');
    await tab.getByText('Only visible to you').waitFor();
    await tab.getByRole('button', { name: 'Play for me' }).click();
    await tab.getByRole('button', { name: 'Review …' }).waitFor();
    await tab.getByRole('button', { name: 'Let me play' }).click();
  });
  afterAll(async () => {
    await visits?.stop();
    await browser?.close();
  });

  it.each(LOOKS)('$name', async ({ name, ...look }) => {
    const tab = await visits.visit(look);
    const isPhone = look.viewport.width < 760;
    const behind = tab.getByRole('button', { name: 'Behind the scenes', exact: true });
    const persons = tab.getByRole('button', { name: /persons and channels/ });
    const fine = async (what: string) => expect.soft(await violationsOf(tab), `${what}, ${name}`).toEqual([]);
    await fine('the channel');
    await tab.getByRole('button', { name: /^\d+ repl/ }).click();
    await tab.getByRole('region', { name: 'Thread', exact: true }).waitFor();
    await fine('a thread');
    await behind.click();
    await tab.getByText(/^Requests to the cluster/).waitFor();
    await fine('behind the scenes');
    await behind.click();
    await tab.getByRole('button', { name: 'Close thread' }).click();
    await tab.getByRole('combobox', { name: /^Write a message/ }).fill('/imagepull s');
    await tab.getByRole('listbox', { name: 'Commands' }).waitFor();
    await tab.keyboard.press('ArrowDown');
    await fine('a list of commands');
    await tab.getByRole('combobox', { name: /^Write a message/ }).fill('/nothing');
    await tab.keyboard.press('Enter');
    await tab.getByRole('alert').waitFor();
    await fine('a refusal');
    await tab.getByRole('button', { name: 'Review …' }).click();
    await tab.getByRole('dialog', { name: 'Review plan' }).waitFor();
    await fine('a window');
    await tab.keyboard.press('Escape');
    await tab.getByRole('dialog').waitFor({ state: 'detached' });
    if (isPhone) await persons.click();
    await fine('persons and channels');
    await tab.getByRole('button', { name: 'Home' }).click();
    await tab.getByRole('region', { name: 'Home', exact: true }).getByText('/imagepull status', { exact: true }).waitFor();
    await fine('the Home');
  });
});
