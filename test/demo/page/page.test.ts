import type { Browser, Page as Tab } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readStories } from '../../../src/demo/stories/stories.ts';
import { startChromium } from '../../support/chromium.ts';
import { eventually } from '../../support/eventually.ts';
import { serveStory, type Visits } from './visits.ts';

let browser: Browser;
let visits: Visits | undefined;
beforeAll(async () => {
  browser = await startChromium();
});
afterEach(async () => {
  await visits?.stop();
  visits = undefined;
});
afterAll(() => browser?.close());

const stories = readStories();

async function visit(name: string, doubt?: string): Promise<Tab> {
  const story = stories.find(({ id }) => id === name);
  if (story === undefined) throw new Error(`there is no story ${name}`);
  const first = doubt === undefined ? story : { ...story, doubt };
  visits = await serveStory(browser, first, [first, ...stories.filter(({ id }) => id !== name)]);
  return visits.visit();
}

const be = (tab: Tab, who: string) => tab.getByRole('radio', { name: new RegExp(`^${who}\\b`) }).check();
const channel = (tab: Tab) => tab.getByRole('region', { name: 'Messages in # incidents' });

async function write(tab: Tab, text: string): Promise<void> {
  const composer = tab.getByRole('combobox', { name: /^Write a message/ });
  await composer.fill(text);
  await composer.press('Enter');
}

describe('the page', () => {
  it('plays a story for whoever looks on, says where it would have been wrong, and begins again', async () => {
    const tab = await visit('denied-plan', 'If the tag had been pushed a minute later.');
    await tab.getByRole('button', { name: 'Play for me' }).click();
    await tab.getByText('The end', { exact: true }).waitFor();
    expect(await channel(tab).innerText()).toContain('the release is frozen');
    // Eve acted last, and stays chosen.
    expect(await tab.getByRole('radio', { checked: true }).getAttribute('value')).toBe('U0EVE');
    await tab.getByText('Where would it have been wrong?').click();
    await tab.getByText('If the tag had been pushed a minute later.').waitFor();
    await tab.getByRole('button', { name: 'From the start' }).click();
    await tab.getByText('Nobody has said anything yet.').waitFor();
    await tab.getByText(/^As ann: Write \/imagepull diagnose/).waitFor();
    expect(await tab.getByText('Where would it have been wrong?').count()).toBe(0);
    await tab.getByRole('combobox', { name: 'Story' }).selectOption('gitops-owned');
    await tab.getByText('Setting the scene of gitops-owned …').waitFor();
    await tab.getByText(/^As ann: Write \/imagepull diagnose/).waitFor();
  });

  it('lets nobody approve whom the rules do not name, and tells them alone', async () => {
    const tab = await visit('denied-plan');
    await write(tab, '/imagepull diagnose');
    const choice = tab.getByRole('dialog', { name: 'Diagnose a pod' });
    await choice.getByRole('option', { name: 'shop/web-' }).click();
    await choice.getByRole('button', { name: 'Diagnose', exact: true }).click();
    await channel(tab).getByRole('button', { name: 'Roll back', exact: true }).click();
    for (const [who, refusal] of [
      ['mallory', /not among the approvers/],
      ['ann', /who proposed the plan/],
    ] as const) {
      await be(tab, who);
      await channel(tab).getByRole('button', { name: 'Review …' }).click();
      await tab.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
      await tab.getByRole('dialog').waitFor({ state: 'detached' });
      const entry = tab.getByRole('button', { name: /^Messages 1/ });
      await entry.click();
      const direct = tab.getByRole('region', { name: 'Messages in imagepull' });
      await eventually(async () => expect(await direct.innerText()).toMatch(refusal));
      await tab.getByRole('button', { name: 'Messages', exact: true }).waitFor();
      await tab.getByRole('button', { name: '# incidents' }).click();
    }
    await be(tab, 'gus');
    await write(tab, '/imagepull scan');
    await channel(tab)
      .getByText(/Guests and members of other workspaces can read what is posted here/)
      .waitFor();
    await be(tab, 'bob');
    expect(await tab.getByText('Only visible to you').count()).toBe(0);
    expect(await channel(tab).innerText()).toContain('needs 1 approval, has 0');
  });

  it('says at once what is no command, and shows answers to one person until they are dismissed', async () => {
    const tab = await visit('tag-typo');
    await write(tab, '/deploy now');
    await tab.getByText('/deploy is no command here.').waitFor();
    const composer = tab.getByRole('combobox', { name: /^Write a message/ });
    expect(await composer.inputValue()).toBe('/deploy now');
    await composer.fill('/imagepull hist');
    await composer.press('ArrowDown');
    await composer.press('Enter');
    expect(await composer.inputValue()).toBe('/imagepull history ');
    await composer.press('Enter');
    await tab.getByText('Only visible to you').waitFor();
    await tab.getByRole('button', { name: 'Dismiss' }).click();
    await tab.getByText('Only visible to you').waitFor({ state: 'detached' });
    await write(tab, 'Is anybody looking into web?');
    await channel(tab).getByText('Is anybody looking into web?').waitFor();
    await be(tab, 'bob');
    await channel(tab).getByText('Is anybody looking into web?').waitFor();
  });

  it('keeps a window open where a field is missing, gives the focus back, and asks for choices as somebody types', async () => {
    const tab = await visit('tag-typo');
    await write(tab, '/imagepull diagnose');
    const dialog = tab.getByRole('dialog', { name: 'Diagnose a pod' });
    const field = dialog.getByRole('combobox');
    await field.fill('nothing-like-it');
    await dialog.getByRole('option', { name: 'No such pod fails to pull an image' }).waitFor();
    await dialog.getByRole('button', { name: 'Diagnose', exact: true }).click();
    await dialog.getByText('Fill in this field.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await tab.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await eventually(async () =>
      expect(await tab.getByRole('combobox', { name: /^Write a message/ }).evaluate((element) => element.matches(':focus'))).toBe(true),
    );
  });

  it('stops time, lets a minute of it pass, and shows what happens behind', async () => {
    const tab = await visit('tag-typo');
    await tab.getByRole('button', { name: 'Behind the scenes' }).click();
    const behind = tab.getByRole('region', { name: 'Behind the scenes', exact: true });
    await behind.getByText('Cluster: 3 of 4 pods run').waitFor();
    await behind.getByText('Somebody deploys shop/web:1.27.4. The tag is 1.27.5.').waitFor();
    await behind.getByText(/ImagePullBackOff|ErrImagePull/).waitFor();
    await tab.getByRole('button', { name: 'Pause' }).click();
    await tab.getByRole('button', { name: 'Run', exact: true }).waitFor();
    const asked = async () => Number(/registry: (\d+)/.exec(await behind.innerText())?.[1]);
    const before = await asked();
    // The kubelet tries again within five minutes of its own time.
    for (let minute = 0; minute < 6; minute++) await tab.getByRole('button', { name: '+1 min' }).click();
    await eventually(async () => expect(await asked()).toBeGreaterThan(before));
    await tab.getByRole('button', { name: 'Run', exact: true }).waitFor();
    await be(tab, 'bob');
    await tab.getByRole('button', { name: 'Home' }).click();
    await tab.getByText('Nothing is open.').waitFor();
  });

  it('goes on where it was once the browser comes back', async () => {
    const tab = await visit('tag-typo');
    await write(tab, 'I am here');
    await channel(tab).getByText('I am here').waitFor();
    await tab.reload();
    await channel(tab).getByText('I am here').waitFor();
  });
});
