import type { Browser, BrowserContextOptions, Page as Tab } from 'playwright-core';
import { expect } from 'vitest';
import { openPage } from '../../../src/demo/page/page.ts';
import type { Story } from '../../../src/demo/stories/story.ts';
import { PATIENCE_MS } from '../../support/eventually.ts';

/** The page of a story, and those who look at it. */
export interface Visits {
  readonly url: string;
  /** Opens the page in a browser context of its own. */
  visit(options?: BrowserContextOptions): Promise<Tab>;
  /** What browsers had to complain of, and what they asked others than the page for. */
  readonly complaints: readonly string[];
  stop(): Promise<void>;
}

/** Serves a story to visitors; steps that are done for them follow each other at once. */
export async function serveStory(browser: Browser, first: Story, stories: readonly Story[] = [first]): Promise<Visits> {
  const page = await openPage({ stories, first, port: 0, paceMs: 0 });
  const complaints: string[] = [];
  const closers: (() => Promise<void>)[] = [];
  return {
    url: page.url,
    complaints,
    async visit(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      closers.push(() => context.close());
      const tab = await context.newPage();
      tab.setDefaultTimeout(PATIENCE_MS);
      tab.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      tab.on('pageerror', (error) => complaints.push(error.message));
      tab.on('request', (request) => {
        if (!request.url().startsWith(page.url)) complaints.push(`asked for ${request.url()}`);
      });
      await tab.goto(page.url);
      await tab.getByRole('button', { name: 'Play for me', disabled: false }).waitFor();
      return tab;
    },
    async stop() {
      for (const close of closers) await close();
      await page.stop();
      expect(complaints).toEqual([]);
    },
  };
}
