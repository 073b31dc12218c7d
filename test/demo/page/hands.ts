import type { Locator, Page as Tab } from 'playwright-core';

/** How somebody uses the page. */
export interface Hands {
  press(what: Locator): Promise<void>;
  /** Writes into a field. */
  write(into: Locator, text: string): Promise<void>;
  /** Chooses in a list by what its choice is called. */
  choose(list: Locator, label: string): Promise<void>;
  /** Chooses a suggestion below a field. */
  suggestion(field: Locator, suggestion: Locator): Promise<void>;
  /** Chooses one of several persons. */
  pick(radio: Locator): Promise<void>;
}

export const MOUSE: Hands = {
  press: (what) => what.click(),
  write: (into, text) => into.fill(text),
  choose: async (list, label) => void (await list.selectOption({ label })),
  suggestion: (_, suggestion) => suggestion.click(),
  pick: (radio) => radio.check(),
};

/** More than a page ever has of what the keyboard reaches. */
const MOST_STOPS = 300;

/** Somebody who has a keyboard alone: Tab, arrows, letters, Enter and Space. */
export function keyboardOf(tab: Tab): Hands {
  const { keyboard } = tab;
  const has = (what: Locator) => what.evaluate((element) => element.matches(':focus'));
  async function reach(what: Locator): Promise<void> {
    await what.waitFor();
    for (let stops = 0; !(await has(what)); stops++) {
      if (stops >= MOST_STOPS) throw new Error(`the keyboard does not reach ${what}`);
      await keyboard.press('Tab');
    }
  }
  return {
    async press(what) {
      await reach(what);
      await keyboard.press('Enter');
    },
    async write(into, text) {
      await reach(into);
      await keyboard.type(text);
    },
    async choose(list, label) {
      await reach(list);
      await keyboard.type(label);
    },
    async suggestion(field, suggestion) {
      await reach(field);
      await suggestion.waitFor();
      for (let stops = 0; (await suggestion.getAttribute('aria-selected')) !== 'true'; stops++) {
        if (stops >= MOST_STOPS) throw new Error(`the arrows do not reach ${suggestion}`);
        await keyboard.press('ArrowDown');
      }
      await keyboard.press('Enter');
    },
    async pick(radio) {
      const chosen = tab.getByRole('radio', { checked: true }).first();
      await reach(chosen);
      for (let stops = 0; !(await radio.isChecked()); stops++) {
        if (stops >= MOST_STOPS) throw new Error(`the arrows do not reach ${radio}`);
        await keyboard.press('ArrowDown');
      }
    },
  };
}
