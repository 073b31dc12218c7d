import type { WrittenStory } from '../story.ts';

export const rateLimit: WrittenStory = {
  id: 'rate-limit',
  title: 'Pulls without an account are limited: one that has an account is attached.',
  cause: 'rate-limited',
  registry: { images: ['library/cache:7.4', 'library/jobs:1.2'], account: 'hub-account' },
  workloads: [
    { name: 'cache', replicas: 2, image: 'library/cache:7.4' },
    { name: 'jobs', image: 'library/jobs:1.2', pullSecret: 'hub-account' },
  ],
  before: [
    { step: 'registry', answers: 'limits', told: 'The registry has had too many pulls without an account and answers them 429.' },
    {
      step: 'pass',
      minutes: 4,
      told: 'Four minutes later no pod of shop/cache has its image. Its neighbour shop/jobs pulls with an account.',
    },
  ],
  steps: [
    { step: 'ask', who: 'ann', workload: 'cache' },
    { step: 'choose', who: 'ann', button: 'Attach a pull secret …', value: 'hub-account' },
    { step: 'see', card: 'needs 1 approval, has 0' },
    { step: 'approve', who: 'bob', reason: 'the account is for that' },
    { step: 'see', card: 'Fixed: ' },
  ],
  end: {
    card: ['Fixed: 2 of 2 pods have their images'],
    workloads: [
      { name: 'cache', running: 2, waiting: 0, image: 'library/cache:7.4' },
      { name: 'jobs', running: 1, waiting: 0, image: 'library/jobs:1.2' },
    ],
  },
  doubt:
    'The bot is another client, and whether it is limited proves nothing about the node. What it sees only supports the words of the runtime, so the verdict is likely; and the secret is offered because its login was seen to open the image.',
};
