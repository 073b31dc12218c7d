import type { WrittenStory } from '../story.ts';

export const brokenRollout: WrittenStory = {
  id: 'broken-rollout',
  title: 'A rollout that cannot go on: back to the revision whose pods run.',
  cause: 'tag-not-found',
  registry: { images: ['shop/cart:3.4.0'] },
  workloads: [{ name: 'cart', replicas: 4, image: 'shop/cart:3.4.0' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Four pods of shop/cart run 3.4.0.' },
    {
      step: 'set-image',
      workload: 'cart',
      image: 'shop/cart:3.5.0-rc1',
      told: 'Somebody deploys shop/cart:3.5.0-rc1, which was never pushed.',
    },
    { step: 'pass', minutes: 6, told: 'Six minutes later the rollout hangs.' },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'cart' },
    { step: 'propose', who: 'ann', button: 'Roll back' },
    { step: 'see', card: 'to revision 1 needs 1 approval, has 0' },
    { step: 'approve', who: 'bob', reason: '3.4.0 is good' },
    { step: 'see', card: 'Fixed: 4 of 4 pods' },
  ],
  end: {
    card: ['Fixed: 4 of 4 pods have their images'],
    thread: ['3.4.0 is good'],
    workloads: [{ name: 'cart', running: 4, waiting: 0, image: 'shop/cart:3.4.0' }],
  },
  doubt:
    'The revision before need not have run either. The bot goes back to one whose pods run now, and has the registry show each of its images first.',
};
