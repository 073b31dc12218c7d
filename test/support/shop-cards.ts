import { expect } from 'vitest';
import { eventually, PATIENCE_MS } from './eventually.ts';
import type { ServiceWorld } from './service-world.ts';

/** Once an image of another shop was pushed, the repository is there and the tag is not. */
const VERDICT = /has no (?:repository shop\/web\nrepository|tag \d+ of shop\/web\ntag)-not-found confirmed/;

/** What the workspace of a service world shows of its shops. */
export function shopCards(world: () => ServiceWorld) {
  const own = () => world().slack.workspace.messages.filter(({ user }) => user === world().slack.workspace.botUser);
  const cards = () => own().filter(({ threadTs }) => threadTs === undefined);
  const cardsOf = (shop: number) => cards().filter(({ text }) => text.includes(`shop-${shop}/web-0`));
  const cardOf = (shop: number) => cardsOf(shop)[0];
  /** The card of a shop tells its verdict, evidence and commands are there once, and so is nothing else. */
  const isTold = (shop: number) => {
    const mine = cardsOf(shop);
    expect(mine.map(({ text }) => text)).toEqual([expect.stringMatching(VERDICT)]);
    const replies = own().filter(({ threadTs }) => threadTs !== undefined && threadTs === mine[0]?.ts);
    expect(replies.map(({ text }) => text.split('\n')[0])).toEqual(['Evidence', 'Commands']);
  };
  return {
    own,
    cards,
    cardsOf,
    cardOf,
    told: (shops: readonly number[]) => eventually(() => shops.forEach(isTold), 2 * PATIENCE_MS + shops.length * 10_000),
    /** How often each thing was asked about one shop that only one step asks; what several need, each process asks for itself. */
    asked(shop: number) {
      const about = world().api.requests.filter((request) => new RegExp(`(?:shop|node)-${shop}(?![0-9])`).test(request));
      const times = (what: string) => about.filter((request) => request.includes(what)).length;
      return { events: times('/events'), configuration: times('/configz'), log: times('/logs/'), metrics: times('/metrics') };
    },
  };
}

/** What `asked` answers where each step was done once. */
export const ASKED_ONCE = { events: 1, configuration: 1, log: 1, metrics: 1 } as const;

/** Nobody dies, and on a busy machine nobody may be taken for dead: a step is then done twice, as it should be. */
export const UNENDING_LEASE_MS = 300_000;
