import type { WrittenStory } from '../story.ts';
import { HUNG_CART } from './beginnings.ts';

export const expiredPlan: WrittenStory = {
  id: 'expired-plan',
  title: 'Nobody decides for half an hour: the plan ends, and is made anew.',
  cause: 'tag-not-found',
  ...HUNG_CART,
  steps: [
    { step: 'ask', who: 'ann', workload: 'cart' },
    { step: 'propose', who: 'ann', button: 'Roll back' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'pass', minutes: 31, told: 'Everybody is at lunch. Half an hour passes.' },
    { step: 'see', card: 'xpired' },
    { step: 'propose', who: 'ann', button: 'Roll back' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'approve', who: 'bob', reason: '3.4.0 is good' },
    { step: 'see', card: 'Fixed: ' },
  ],
  end: {
    card: ['Fixed: 4 of 4 pods have their images'],
    thread: ['3.4.0 is good'],
    workloads: [{ name: 'cart', running: 4, waiting: 0, image: 'shop/cart:3.4.0' }],
  },
  doubt:
    'A plan that lives on while nobody looks is carried out in a world that nobody has looked at. Its time is part of what was signed, so an approval that comes too late counts for nothing, and a new plan is made of what is there then.',
};
