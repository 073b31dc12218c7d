/** Makes the pictures of README and docs out of the demo: `npm run pictures`, after what people see has changed. */
import { mkdir } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Locator, Page as Tab } from 'playwright-core';
import { openPage } from '../../src/demo/page/page.ts';
import { readStories } from '../../src/demo/stories/stories.ts';
import { startChromium } from './chromium.ts';

const FOLDER = 'docs/pictures';
const WIDE: BrowserContextOptions = { viewport: { width: 1180, height: 620 }, colorScheme: 'light' };
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 720 }, colorScheme: 'dark', deviceScaleFactor: 1.5 };

const [first] = readStories();
if (first === undefined) throw new Error('There is no story.');
await mkdir(FOLDER, { recursive: true });
const [page, browser] = await Promise.all([openPage({ stories: readStories(), first, port: 0, paceMs: 0 }), startChromium()]);
try {
  await page.opened;
  const tab = await visit(browser, WIDE);
  await ask(tab);
  await picture(tab, 'card');
  await press(tab, 'Set image …');
  const dialog = tab.getByRole('dialog');
  await dialog.getByRole('combobox').selectOption('1.27.5');
  await dialog.getByRole('button', { name: 'Make a plan' }).click();
  await dialog.waitFor({ state: 'detached' });
  await be(tab, 'bob');
  await press(tab, 'Review …');
  await tab.getByRole('dialog').getByRole('textbox', { name: 'Reason' }).waitFor();
  await picture(tab, 'review');
  await approve(tab);
  const phone = await visit(browser, PHONE);
  await cardOf(phone).getByText('has 1').waitFor();
  await picture(phone, 'phone');
  await be(tab, 'eve');
  await press(tab, 'Review …');
  await approve(tab);
  await cardOf(tab).getByText('Fixed:').waitFor();
  await cardOf(tab)
    .getByRole('button', { name: /^\d+ repl/ })
    .click();
  await tab.getByRole('region', { name: 'Messages of the thread' }).getByText('has helped').waitFor();
  await picture(tab, 'fixed');
} finally {
  await browser.close();
  await page.stop();
}

async function visit(by: Browser, options: BrowserContextOptions): Promise<Tab> {
  const tab = await (await by.newContext(options)).newPage();
  await tab.goto(page.url);
  await tab.getByRole('button', { name: 'Play for me', disabled: false }).waitFor();
  return tab;
}

function cardOf(tab: Tab): Locator {
  return tab.getByRole('region', { name: 'Messages in # incidents' }).getByRole('listitem').filter({ hasText: 'APP' }).first();
}

async function be(tab: Tab, who: string): Promise<void> {
  await tab.getByRole('radio', { name: new RegExp(`^${who}\\b`) }).check();
}

async function press(tab: Tab, label: string): Promise<void> {
  await cardOf(tab).getByRole('button', { name: label, exact: true }).click();
}

async function ask(tab: Tab): Promise<void> {
  const composer = tab.getByRole('combobox', { name: /^Write a message/ });
  await composer.fill('/imagepull diagnose');
  await composer.press('Enter');
  const dialog = tab.getByRole('dialog', { name: 'Diagnose a pod' });
  await dialog.getByRole('combobox').click();
  await dialog.getByRole('option', { name: 'shop/web-' }).first().click();
  await dialog.getByRole('button', { name: 'Diagnose', exact: true }).click();
  await cardOf(tab).getByText('Set image …').waitFor();
}

async function approve(tab: Tab): Promise<void> {
  const dialog = tab.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('matches the release notes');
  await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

async function picture(tab: Tab, name: string): Promise<void> {
  await tab.screenshot({ path: `${FOLDER}/${name}.png`, animations: 'disabled' });
  process.stdout.write(`${FOLDER}/${name}.png\n`);
}
