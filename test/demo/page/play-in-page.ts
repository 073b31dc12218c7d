import type { Locator, Page as Tab } from 'playwright-core';
import { expect } from 'vitest';
import type { Story } from '../../../src/demo/stories/story.ts';
import { eventually } from '../../support/eventually.ts';
import type { Hands } from './hands.ts';

type Step = Story['steps'][number];

/** Plays a story in the page as people do, to its end, and looks whether all of that is to be seen. */
export async function playInPage(tab: Tab, story: Story, hands: Hands): Promise<void> {
  const player = new Player(tab, hands);
  // A bot that watches goes by a time of its own.
  if (!story.watch) await hands.choose(tab.getByLabel('Speed'), '10×');
  for (const step of story.steps) await player.play(step);
  await tab.getByText('The end', { exact: true }).waitFor();
  await player.sees(story.end);
}

/** Somebody who plays all persons of a story. */
class Player {
  readonly #tab: Tab;
  readonly #hands: Hands;
  readonly #channel: Locator;

  constructor(tab: Tab, hands: Hands) {
    this.#tab = tab;
    this.#hands = hands;
    this.#channel = tab.getByRole('region', { name: 'Messages in # incidents' });
  }

  get #card(): Locator {
    return this.#channel.getByRole('listitem').filter({ hasText: 'APP' }).first();
  }

  async play(step: Step): Promise<void> {
    switch (step.step) {
      case 'ask':
        await this.#be(step.who);
        return this.#ask(step.workload);
      case 'propose':
        await this.#be(step.who);
        return this.#press(step.button);
      case 'choose':
        await this.#be(step.who);
        await this.#press(step.button);
        return this.#choose(step.value);
      case 'approve':
        await this.#be(step.who);
        return this.#decide('Review …', 'Approve', step.reason);
      case 'deny':
        await this.#be(step.who);
        return this.#decide('Deny …', 'Deny', step.reason);
      case 'arrives':
        return this.#says(this.#card, ' checks');
      case 'see':
        return this.#says(this.#card, step.card);
      default:
        // It happens without anybody, and is told.
        return;
    }
  }

  async sees({ card, thread, without }: Story['end']): Promise<void> {
    for (const text of card) await this.#says(this.#card, text);
    if (thread.length > 0) {
      await this.#hands.press(this.#card.getByRole('button', { name: /^\d+ repl/ }));
      const pane = this.#tab.getByRole('region', { name: 'Messages of the thread' });
      for (const text of thread) await this.#says(pane, text);
    }
    const labels = await this.#card.getByRole('button').allInnerTexts();
    for (const label of without) expect(labels).not.toContain(label);
  }

  async #be(who: string): Promise<void> {
    await this.#hands.pick(this.#tab.getByRole('radio', { name: new RegExp(`^${who}\\b`) }));
  }

  async #ask(workload: string): Promise<void> {
    const composer = this.#tab.getByRole('combobox', { name: /^Write a message/ });
    await this.#hands.write(composer, '/imagepull diagnose');
    await composer.press('Enter');
    const dialog = this.#tab.getByRole('dialog', { name: 'Diagnose a pod' });
    await this.#hands.suggestion(dialog.getByRole('combobox'), dialog.getByRole('option', { name: `shop/${workload}-` }).first());
    await this.#hands.press(dialog.getByRole('button', { name: 'Diagnose', exact: true }));
    await dialog.waitFor({ state: 'detached' });
    await this.#says(this.#card, ' checks');
  }

  /** A button of the card, or an entry of its menu. */
  async #press(label: string): Promise<void> {
    const button = this.#card.getByRole('button', { name: label, exact: true });
    const dots = this.#card.getByRole('button', { name: 'More actions', exact: true });
    await eventually(async () => expect((await button.count()) + (await dots.count())).toBeGreaterThan(0));
    if ((await button.count()) > 0) return this.#hands.press(button);
    await this.#hands.press(dots);
    await this.#hands.press(this.#card.getByRole('menuitem', { name: label, exact: true }));
  }

  async #choose(value: string): Promise<void> {
    const dialog = this.#tab.getByRole('dialog');
    const list = dialog.getByRole('combobox');
    const choice = list.locator(`option[value="${value}"]`);
    await choice.waitFor({ state: 'attached' });
    await this.#hands.choose(list, await choice.innerText());
    await this.#hands.press(dialog.getByRole('button', { name: 'Make a plan' }));
    await dialog.waitFor({ state: 'detached' });
  }

  async #decide(opener: string, button: string, reason: string): Promise<void> {
    await this.#press(opener);
    const dialog = this.#tab.getByRole('dialog');
    await this.#hands.write(dialog.getByRole('textbox', { name: 'Reason' }), reason);
    await this.#hands.press(dialog.getByRole('button', { name: button, exact: true }));
    await dialog.waitFor({ state: 'detached' });
  }

  /** Markup and line breaks aside. */
  async #says(where: Locator, text: string): Promise<void> {
    const words = plain(text);
    await eventually(async () => expect(plain(await where.innerText())).toContain(words));
  }
}

function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
