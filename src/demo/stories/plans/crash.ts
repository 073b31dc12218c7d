import type { WrittenStory } from '../story.ts';
import { HUNG_CART } from './beginnings.ts';

export const crash: WrittenStory = {
  id: 'crash',
  title: 'The bot dies in the middle of a remedy: it is carried out once all the same.',
  cause: 'tag-not-found',
  ...HUNG_CART,
  steps: [
    { step: 'ask', who: 'ann', workload: 'cart' },
    { step: 'propose', who: 'ann', button: 'Roll back' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'crash', told: 'The plug will be pulled the moment the bot has changed the Deployment, before it can write that down.' },
    { step: 'approve', who: 'bob', reason: '3.4.0 is good' },
    { step: 'restart', told: 'The Deployment is changed, and the bot is dead. It is started anew, with the store that it has left.' },
    { step: 'see', card: 'Fixed: ' },
  ],
  end: {
    card: ['Fixed: 4 of 4 pods have their images'],
    thread: ['3.4.0 is good', 'has helped'],
    writes: 1,
    workloads: [{ name: 'cart', running: 4, waiting: 0, image: 'shop/cart:3.4.0' }],
  },
  doubt:
    'After the crash nobody knows whether the change was made, and to make it again could undo what somebody did meanwhile. The change carries the name of its plan, so the next life of the bot sees that it is there.',
};
